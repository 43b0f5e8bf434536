//! How two versions differ, as a table: what went is struck out and marked “−”, what came is
//! underlined and marked “+”.

use leptos::prelude::*;
use protocol::agents::AgentSettings;
use protocol::agents::versions::FieldChange;

/// What the form calls this field.
pub(in crate::agents) fn field_word(field: &str) -> String {
    let word = match field {
        "args" => "Arguments",
        "autostart" => "Start with the machine",
        "avatar" => "Avatar",
        "colour" => "Colour",
        "env" => "Environment",
        "favourite" => "Favourite",
        "folder" => "Folder",
        "label" => "Label",
        "name" => "Name",
        "note" => "Note",
        "persona" => "Persona",
        "program" => "Program",
        "tags" => "Tags",
        other => other,
    };
    word.to_owned()
}

/// The lines of a text, each with whether the other text lacks it.
fn marked(text: &str, other: &str) -> Vec<(bool, String)> {
    let mut others: Vec<&str> = other.lines().collect();
    let mark = |line: &str| match others.iter().position(|known| *known == line) {
        Some(at) => {
            others.remove(at);
            (false, line.to_owned())
        }
        None => (true, line.to_owned()),
    };
    text.lines().map(mark).collect()
}

/// One row per field that differs.
#[component]
pub(super) fn Differences(
    before: AgentSettings,
    after: AgentSettings,
    /// Heads of the two columns.
    heads: (String, String),
) -> impl IntoView {
    let changes = before.changes_to(&after);
    if changes.is_empty() {
        return view! { <p class="muted">"They are the same."</p> }.into_any();
    }
    view! {
        <div class="diff-place" tabindex="0" role="region" aria-label="Differences">
            <table class="diff">
                <thead>
                    <tr><th scope="col">"Field"</th><th scope="col">{heads.0}</th><th scope="col">{heads.1}</th></tr>
                </thead>
                <tbody>{changes.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(change: &FieldChange) -> impl IntoView + use<> {
    let gone = marked(&change.before, &change.after)
        .into_iter()
        .map(|(only, line)| if only { view! { <del>{line}</del> }.into_any() } else { same(line) });
    let come = marked(&change.after, &change.before)
        .into_iter()
        .map(|(only, line)| if only { view! { <ins>{line}</ins> }.into_any() } else { same(line) });
    view! {
        <tr>
            <th scope="row">{field_word(&change.field)}</th>
            <td>{gone.collect_view()}</td>
            <td>{come.collect_view()}</td>
        </tr>
    }
}

fn same(line: String) -> AnyView {
    view! { <span>{line}</span> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_the_other_side_lacks_are_marked() {
        let told = |text, other| {
            marked(text, other)
                .into_iter()
                .map(|(only, line)| format!("{}{line}", if only { "*" } else { "" }))
                .collect::<Vec<_>>()
        };
        assert_eq!(told("--model\nopus\n-v", "--model\nsonnet\n-v"), ["--model", "*opus", "-v"]);
        assert_eq!(told("x\nx", "x"), ["x", "*x"]);
        assert_eq!(told("", "x"), [""; 0]);
    }

    #[test]
    fn every_field_has_a_word() {
        let settings = serde_json::to_value(AgentSettings::default()).unwrap();
        for field in settings.as_object().unwrap().keys() {
            assert_ne!(&field_word(field), field);
        }
    }
}
