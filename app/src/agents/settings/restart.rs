//! Whether the running program goes on with settings that are no longer those of its agent.

use leptos::prelude::*;
use protocol::access::Role;
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentState};

use super::AllVersions;
use crate::agents::actions::{AgentActions, Deed};
use crate::caller::may;
use crate::ui::{Button, Icon};

/// Fields that a program gets at its start.
const AT_START: [&str; 5] = ["args", "env", "folder", "persona", "program"];

/// Whether a restart changes what the running program was started with.
fn is_needed(agent: &Agent, versions: &[AgentVersion]) -> bool {
    let AgentState::Running { since_ms } = agent.state else { return false };
    let at_start = versions
        .iter()
        .filter(|version| version.at_ms <= since_ms)
        .max_by_key(|version| version.version);
    at_start.is_some_and(|then| {
        let changes = then.settings.changes_to(&agent.settings);
        changes.iter().any(|change| AT_START.contains(&change.field.as_str()))
    })
}

/// Says so, and offers to restart.
#[component]
pub(super) fn RestartHint(
    agent: Memo<Agent>,
    versions: AllVersions,
    actions: AgentActions,
) -> impl IntoView {
    let acts = may(Role::Operator);
    let needed = move || {
        let needed = versions.with(|versions| agent.with(|agent| is_needed(agent, versions)));
        needed.unwrap_or(false)
    };
    view! {
        <div class="hint-place" role="status">
            {move || {
                needed().then(|| view! {
                    <div class="hint">
                        <p>"The running program still has earlier settings. The new ones take effect when the agent is restarted."</p>
                        {acts.then(|| view! {
                            <Button
                                class:needs-js=true
                                icon=Icon::RotateCw
                                busy=actions.busy(Deed::RESTART)
                                on:click=move |_| actions.run(Deed::RESTART)
                            >
                                "Restart"
                            </Button>
                        })}
                    </div>
                })
            }}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    #[test]
    fn only_what_a_program_gets_at_its_start_asks_for_a_restart() {
        let old = AgentSettings { program: "claude".into(), ..AgentSettings::default() };
        let version = |version, at_ms, settings: &AgentSettings| AgentVersion {
            version,
            at_ms,
            from: None,
            settings: settings.clone(),
        };
        let check = |settings: AgentSettings, state, needed: bool| {
            let versions = [version(2, 200, &settings), version(1, 0, &old)];
            let id = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
            let agent = Agent { state, version: 2, ..Agent::new(id, settings, 0) };
            assert_eq!(is_needed(&agent, &versions), needed, "{agent:?}");
        };
        let model = AgentSettings { args: vec!["--model".into()], ..old.clone() };
        check(model.clone(), AgentState::Running { since_ms: 100 }, true);
        check(model.clone(), AgentState::Running { since_ms: 300 }, false);
        check(model, AgentState::Hibernated, false);
        let note = AgentSettings { note: "n".into(), ..old.clone() };
        check(note, AgentState::Running { since_ms: 100 }, false);
    }
}
