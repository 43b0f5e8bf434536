//! Versions of the settings: what changed when, two of them side by side, and the way back.

use leptos::prelude::*;
use protocol::access::Role;
use protocol::agents::Agent;
use protocol::agents::versions::AgentVersion;

use super::AllVersions;
use super::compare::{Differences, field_word};
use super::rollback::RollBackDialog;
use crate::caller::{OperatorOnly, may};
use crate::clock::Ago;
use crate::ui::{Button, Tone};

/// Element id of the list's heading.
pub(super) const VERSIONS_TITLE: &str = "versions-title";

/// What a version changed, in words.
fn summary(versions: &[AgentVersion], at: usize) -> String {
    let Some(version) = versions.get(at) else { return String::new() };
    if let Some(from) = version.from {
        return format!("Went back to version {from}");
    }
    match versions.get(at + 1) {
        None => "Created".to_owned(),
        Some(before) => {
            let fields: Vec<String> = before
                .settings
                .changes_to(&version.settings)
                .iter()
                .map(|change| field_word(&change.field))
                .collect();
            fields.join(", ")
        }
    }
}

/// The versions that are compared: numbers of the earlier and the later one.
fn first_pair(versions: &[AgentVersion]) -> Option<(u32, u32)> {
    match versions {
        [now, before, ..] => Some((before.version, now.version)),
        _ => None,
    }
}

/// The list with everything that can be done with it.
#[component]
pub(super) fn Versions(agent: Memo<Agent>, versions: AllVersions) -> impl IntoView {
    let asked = RwSignal::new(None::<AgentVersion>);
    let asking = RwSignal::new(false);
    let pair = RwSignal::new(None::<(u32, u32)>);
    let list = versions.part("The list of versions", move |versions| {
        view! { <VersionList agent versions asked asking pair/> }.into_any()
    });
    view! {
        <section class="versions form" aria-labelledby=VERSIONS_TITLE>
            <h2 id=VERSIONS_TITLE tabindex="-1">"Versions"</h2>
            {list}
        </section>
        <OperatorOnly><RollBackDialog agent asked open=asking/></OperatorOnly>
    }
    .into_any()
}

#[component]
fn VersionList(
    agent: Memo<Agent>,
    versions: Vec<AgentVersion>,
    asked: RwSignal<Option<AgentVersion>>,
    asking: RwSignal<bool>,
    pair: RwSignal<Option<(u32, u32)>>,
) -> impl IntoView {
    let current = agent.with_untracked(|agent| agent.version);
    let acts = may(Role::Operator);
    let rows = (0..versions.len()).map(|at| {
        let version = versions[at].clone();
        let (number, at_ms) = (version.version, version.at_ms);
        let way_back = (acts && number != current).then(|| {
            view! {
                <Button
                    tone=Tone::Quiet
                    class:needs-js=true
                    on:click=move |_| {
                        asked.set(Some(version.clone()));
                        asking.set(true);
                    }
                >
                    "Go back" <span class="vh">{format!(" to version {number}")}</span>
                </Button>
            }
        });
        view! {
            <li class="version">
                <span class="num strong">{number}</span>
                <span class="version-what">
                    <span>{summary(&versions, at)}</span>
                    <span class="meta">
                        <Ago at_ms/>
                        {(number == current).then_some(" · in use")}
                    </span>
                </span>
                {way_back}
            </li>
        }
    });
    let rows = rows.collect_view();
    let compare = first_pair(&versions).map(|first| view! { <Compare versions first pair/> });
    view! {
        <ol class="version-list" reversed>{rows}</ol>
        {compare}
    }
    .into_any()
}

#[component]
fn Compare(
    versions: Vec<AgentVersion>,
    /// What is compared as long as nobody chose.
    first: (u32, u32),
    pair: RwSignal<Option<(u32, u32)>>,
) -> impl IntoView {
    let numbers: Vec<u32> = versions.iter().map(|version| version.version).collect();
    let chosen = Memo::new(move |_| pair.get().unwrap_or(first));
    let options = |selected: u32| {
        let option = |number: &u32| {
            view! { <option value=number.to_string() selected=*number == selected>{format!("Version {number}")}</option> }
        };
        numbers.iter().map(option).collect_view()
    };
    let choose = move |event: &leptos::ev::Event, change: fn(&mut (u32, u32), u32)| {
        if let Ok(number) = event_target_value(event).parse() {
            let mut now = chosen.get_untracked();
            change(&mut now, number);
            pair.set(Some(now));
        }
    };
    let start = chosen.get_untracked();
    let (before_options, after_options) = (options(start.0), options(start.1));
    let table = move || {
        let (before, after) = chosen.get();
        let find = |number| versions.iter().find(|version| version.version == number);
        let (before, after) = (find(before)?, find(after)?);
        let heads = (format!("Version {}", before.version), format!("Version {}", after.version));
        let (before, after) = (before.settings.clone(), after.settings.clone());
        Some(view! { <Differences before after heads/> })
    };
    view! {
        <h3>"Compare"</h3>
        <div class="row compare-pick needs-js">
            <select class="field" aria-label="Compare this version" on:change=move |event| choose(&event, |pair, number| pair.0 = number)>
                {before_options}
            </select>
            <span class="muted">"with"</span>
            <select class="field" aria-label="with this version" on:change=move |event| choose(&event, |pair, number| pair.1 = number)>
                {after_options}
            </select>
        </div>
        {table}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    #[test]
    fn each_version_says_what_it_changed() {
        let first = AgentSettings { name: "a".into(), ..AgentSettings::default() };
        let second = AgentSettings { note: "n".into(), favourite: true, ..first.clone() };
        let version = |version, from, settings: &AgentSettings| AgentVersion {
            version,
            at_ms: 0,
            from,
            settings: settings.clone(),
        };
        let versions =
            [version(3, Some(1), &first), version(2, None, &second), version(1, None, &first)];
        let told: Vec<String> = (0..3).map(|at| summary(&versions, at)).collect();
        assert_eq!(told, ["Went back to version 1", "Favourite, Note", "Created"]);
        assert_eq!(first_pair(&versions), Some((2, 3)));
        assert_eq!(first_pair(&versions[2..]), None);
    }
}
