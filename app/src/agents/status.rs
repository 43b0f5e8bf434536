//! How an agent's state is drawn and said.

use protocol::agents::{Agent, AgentState};

use crate::clock::Clock;
use crate::ui::Glyph;

/// The silhouette of a state.
pub(super) fn glyph(state: AgentState) -> Glyph {
    match state {
        AgentState::Running { .. } => Glyph::Running,
        AgentState::Hibernated => Glyph::Stopped,
        AgentState::Exited { code: Some(0), .. } => Glyph::Done,
        AgentState::Exited { .. } => Glyph::Error,
        AgentState::Lost { .. } => Glyph::Offline,
    }
}

/// The word of a state with its detail: `Failed, exit code 2`.
pub(super) fn sentence(state: AgentState) -> String {
    let word = state.word();
    match state {
        AgentState::Exited { code: Some(code), .. } if code != 0 => {
            format!("{word}, exit code {code}")
        }
        AgentState::Exited { code: None, .. } => format!("{word}, ended by a signal"),
        _ => word.to_owned(),
    }
}

/// When the state began, relative to the clock; nothing before the page is mounted.
pub(super) fn since(state: AgentState, clock: Clock) -> Option<String> {
    match state {
        AgentState::Running { since_ms } => clock.since(since_ms),
        AgentState::Exited { at_ms, .. } | AgentState::Lost { at_ms } => clock.since(at_ms),
        AgentState::Hibernated => None,
    }
}

/// What happened last, and when: `started 3 min ago`; nothing before the page is mounted.
pub(super) fn latest(state: AgentState, clock: Clock) -> Option<String> {
    let verb = match state {
        AgentState::Running { .. } => "started",
        AgentState::Exited { .. } => "ended",
        AgentState::Lost { .. } => "lost",
        AgentState::Hibernated => return None,
    };
    since(state, clock).map(|span| format!("{verb} {span} ago"))
}

/// How many agents there are and how they are doing: `4 agents: 2 running, 1 failed`.
pub(crate) fn count_words(agents: &[Agent]) -> String {
    let total = match agents.len() {
        1 => "1 agent".to_owned(),
        many => format!("{many} agents"),
    };
    let parts: Vec<String> = ["Running", "Failed", "Lost", "Done", "Hibernated"]
        .into_iter()
        .filter_map(|word| {
            let count = agents.iter().filter(|agent| agent.state.word() == word).count();
            (count > 0).then(|| format!("{count} {}", word.to_lowercase()))
        })
        .collect();
    if parts.is_empty() { total } else { format!("{total}: {}", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    fn agent(state: AgentState) -> Agent {
        let id = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        Agent { state, ..Agent::new(id, AgentSettings::default(), 0) }
    }

    #[test]
    fn counts_name_only_what_there_is() {
        let running = AgentState::Running { since_ms: 0 };
        let failed = AgentState::Exited { code: Some(2), at_ms: 0 };
        assert_eq!(count_words(&[]), "0 agents");
        assert_eq!(count_words(&[agent(AgentState::Hibernated)]), "1 agent: 1 hibernated");
        assert_eq!(
            count_words(&[agent(running), agent(failed), agent(running)]),
            "3 agents: 2 running, 1 failed"
        );
    }

    #[test]
    fn a_failure_names_its_code() {
        let sentence_of = |code| sentence(AgentState::Exited { code, at_ms: 0 });
        assert_eq!(sentence_of(Some(2)), "Failed, exit code 2");
        assert_eq!(sentence_of(None), "Failed, ended by a signal");
        assert_eq!(sentence_of(Some(0)), "Done");
    }
}
