//! The trash.

use protocol::agents::Agent;

use super::moment::utc;
use super::table::table;
use super::{Report, quoted, visible};

/// What is in it.
pub(crate) fn list(agents: &[Agent]) -> Report {
    if agents.is_empty() {
        return Report::new(agents, "The trash is empty.\n".to_owned());
    }
    let row = |agent: &Agent| {
        [
            visible(&agent.settings.name),
            agent.id.to_string(),
            since(agent),
            visible(&agent.settings.program),
            visible(&agent.settings.folder),
        ]
    };
    let titles = ["NAME", "ID", "TRASHED", "PROGRAM", "FOLDER"];
    Report::new(agents, table(titles, agents.iter().map(row).collect()))
}

/// One came back; `before` is how it lay in the trash.
pub(crate) fn restored(before: &Agent, agent: &Agent) -> Report {
    let (old, new) = (quoted(&before.settings.name), quoted(&agent.settings.name));
    let text = if old == new {
        format!("Restored agent {new}.\n")
    } else {
        format!("Restored agent {old} as {new}.\n")
    };
    Report::new(agent, text)
}

/// Since when the agent is in the trash.
pub(crate) fn since(agent: &Agent) -> String {
    agent.trashed_at_ms.map(utc).unwrap_or_default()
}
