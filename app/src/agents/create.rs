//! The dialog that makes a new agent, and the buttons that open it.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::agents::CreateAgent;
use protocol::error::ApiError;

use super::api;
use super::state::use_agents;
use crate::routes::agent_path;
use crate::ui::{Button, CheckField, Dialog, Icon, TextField, Tone, focus};

/// Agent programs that people run most; any other can be typed.
const PROGRAMS: [&str; 6] = ["claude", "codex", "opencode", "gemini", "aider", "bash"];

/// Fields of the form: the name that errors use, and the element's id.
const FIELDS: [(&str, &str); 5] = [
    ("name", "new-agent-name"),
    ("program", "new-agent-program"),
    ("args", "new-agent-args"),
    ("folder", "new-agent-folder"),
    ("note", "new-agent-note"),
];

/// Whether the dialog is open; provided by the dialog's place in the shell.
#[derive(Clone, Copy)]
struct CreateDialogOpen(RwSignal<bool>);

/// Opens the dialog. Needs JavaScript, so it hides where there is none.
#[component]
pub(crate) fn NewAgentButton(
    /// Attention.
    #[prop(optional)]
    tone: Tone,
    /// Only the plus sign.
    #[prop(optional)]
    icon_only: bool,
) -> impl IntoView {
    let CreateDialogOpen(open) = expect_context();
    if icon_only {
        view! {
            <Button tone icon=Icon::Plus label="New agent" class:needs-js=true on:click=move |_| open.set(true)/>
        }
        .into_any()
    } else {
        view! {
            <Button tone icon=Icon::Plus label="New agent" class:needs-js=true on:click=move |_| open.set(true)>
                "New agent"
            </Button>
        }
        .into_any()
    }
}

/// What is in the form.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    program: RwSignal<String>,
    args: RwSignal<String>,
    folder: RwSignal<String>,
    note: RwSignal<String>,
    start: RwSignal<bool>,
}

impl Draft {
    fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            name: text(),
            program: text(),
            args: text(),
            folder: text(),
            note: text(),
            start: RwSignal::new(true),
        }
    }

    fn read(self) -> CreateAgent {
        CreateAgent {
            name: self.name.get_untracked().trim().to_owned(),
            program: self.program.get_untracked().trim().to_owned(),
            args: args_of(&self.args.get_untracked()),
            folder: self.folder.get_untracked().trim().to_owned(),
            note: self.note.get_untracked(),
            start: self.start.get_untracked(),
        }
    }

    fn clear(self) {
        for text in [self.name, self.program, self.args, self.folder, self.note] {
            text.set(String::new());
        }
        self.start.set(true);
    }
}

/// One argument per line, blanks inside it kept; empty lines separate nothing.
fn args_of(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Provides the state that [`NewAgentButton`] needs; call it above both.
pub(crate) fn provide_create_dialog() {
    provide_context(CreateDialogOpen(RwSignal::new(false)));
}

/// The form. There is one per page.
#[component]
pub(crate) fn CreateAgentDialog() -> impl IntoView {
    let CreateDialogOpen(open) = expect_context();
    let agents = use_agents();
    let navigate = use_navigate();
    let draft = Draft::new();
    let error = RwSignal::new(None::<ApiError>);
    let create = Action::new(|new: &CreateAgent| {
        let new = new.clone();
        async move { api::create(new).await }
    });
    let outcome = create.value();
    Effect::new(move |_| match outcome.get() {
        Some(Ok(agent)) => {
            let path = agent_path(&agent.id);
            agents.learn(agent);
            draft.clear();
            open.set(false);
            navigate(&path, NavigateOptions::default());
        }
        Some(Err(refused)) => {
            if let Some(id) = refused.0.field.as_deref().and_then(element_of) {
                focus(id);
            }
            error.set(Some(refused.0));
        }
        None => {}
    });
    let error_at = move |field: &'static str| {
        Signal::derive(move || {
            error.with(|error| {
                let error = error.as_ref()?;
                (error.field.as_deref() == Some(field)).then(|| error.message.clone())
            })
        })
    };
    let error_elsewhere = move || {
        error.with(|error| {
            let error = error.as_ref()?;
            let shown = error.field.as_deref().is_some_and(|field| element_of(field).is_some());
            (!shown).then(|| error.message.clone())
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !create.pending().get_untracked() {
            error.set(None);
            create.dispatch(draft.read());
        }
    };
    view! {
        <Dialog open title_id="new-agent-title">
            <form class="form" novalidate on:submit=submit>
                <h2 id="new-agent-title">"New agent"</h2>
                <TextField
                    id="new-agent-name"
                    label="Name"
                    value=draft.name
                    error=error_at("name")
                    hint="The first two hyphens make groups: payments-ledger-fix is fix in payments / ledger."
                    required=true
                />
                <TextField
                    id="new-agent-program"
                    label="Program"
                    value=draft.program
                    error=error_at("program")
                    hint="A name on the PATH, or an absolute path."
                    suggestions="new-agent-programs"
                    required=true
                    mono=true
                />
                <datalist id="new-agent-programs">
                    {PROGRAMS.map(|program| view! { <option value=program></option> })}
                </datalist>
                <TextField
                    id="new-agent-args"
                    label="Arguments"
                    value=draft.args
                    error=error_at("args")
                    hint="One per line, handed over as they are: no quotes needed, no shell involved."
                    lines=2
                    mono=true
                />
                <TextField
                    id="new-agent-folder"
                    label="Folder"
                    value=draft.folder
                    error=error_at("folder")
                    placeholder="~/code/project"
                    required=true
                    mono=true
                />
                <TextField
                    id="new-agent-note"
                    label="Note"
                    value=draft.note
                    error=error_at("note")
                    lines=2
                />
                {move || error_elsewhere().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })}
                <div class="row dialog-acts">
                    <CheckField id="new-agent-start" label="Start now" value=draft.start/>
                    <Button tone=Tone::Quiet class:push=true on:click=move |_| open.set(false)>"Cancel"</Button>
                    <Button tone=Tone::Primary submit=true busy=create.pending()>"Create agent"</Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

fn element_of(field: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_one_argument() {
        assert_eq!(args_of("--model\nopus 4\n\n  indented\n"), ["--model", "opus 4", "  indented"]);
        assert!(args_of("").is_empty());
    }
}
