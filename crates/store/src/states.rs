//! An [`AgentState`] as its three columns hold it, for agents and for terminals.

use protocol::agents::AgentState;

/// The columns `state`, `state_at_ms` and `exit_code`.
pub(crate) struct StateColumns {
    pub(crate) state: String,
    pub(crate) state_at_ms: Option<i64>,
    pub(crate) exit_code: Option<i64>,
}

impl From<AgentState> for StateColumns {
    fn from(state: AgentState) -> Self {
        let (state, state_at_ms, exit_code) = match state {
            AgentState::Hibernated => ("hibernated", None, None),
            AgentState::Running { since_ms } => ("running", Some(since_ms), None),
            AgentState::Exited { code, at_ms } => ("exited", Some(at_ms), code.map(i64::from)),
            AgentState::Lost { at_ms } => ("lost", Some(at_ms), None),
        };
        Self { state: state.into(), state_at_ms, exit_code }
    }
}

/// The state that the columns hold, unless no state looks like that.
pub(crate) fn read(
    state: &str,
    state_at_ms: Option<i64>,
    exit_code: Option<i64>,
) -> Option<AgentState> {
    let code = exit_code.map(i32::try_from).transpose().ok()?;
    match (state, state_at_ms) {
        ("hibernated", None) => Some(AgentState::Hibernated),
        ("running", Some(since_ms)) => Some(AgentState::Running { since_ms }),
        ("exited", Some(at_ms)) => Some(AgentState::Exited { code, at_ms }),
        ("lost", Some(at_ms)) => Some(AgentState::Lost { at_ms }),
        _ => None,
    }
}
