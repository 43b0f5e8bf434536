//! Terminals and what they show.

use protocol::agents::Agent;
use protocol::terminals::{ScreenText, TerminalRecord};

use super::agents::phrase;
use super::table::table;
use super::{Report, quoted, text, visible};

/// The terminals of an agent.
pub(crate) fn list(terminals: &[TerminalRecord]) -> Report {
    let row = |terminal: &TerminalRecord| {
        [terminal.number.to_string(), visible(&terminal.name), phrase(terminal.state)]
    };
    let text = table(["NUMBER", "NAME", "STATE"], terminals.iter().map(row).collect());
    Report::new(terminals, text)
}

/// What was done to one terminal of an agent, in a word such as “Opened”.
pub(crate) fn done(verb: &str, terminal: &TerminalRecord, agent: &Agent) -> Report {
    let TerminalRecord { number, name, .. } = terminal;
    let (name, owner) = (quoted(name), quoted(&agent.settings.name));
    Report::new(agent, format!("{verb} terminal {number} {name} of agent {owner}.\n"))
}

/// Lines of output, without anything that a terminal would obey.
pub(crate) fn lines(screen: &ScreenText) -> Report {
    Report::new(screen, text::lines(screen.rows.iter().map(|row| visible(row))))
}
