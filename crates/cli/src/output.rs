//! Everything that the commands print.
//!
//! With `--json` it is one envelope on one line. Without, it is for people: text of users comes
//! out with control characters spelled out, so that no name or note can drive the terminal.

use std::io::{self, Write};

use protocol::agents::{Agent, AgentState};
use protocol::envelope::{Failure, Success};
use protocol::text::is_invisible;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Refusal;
use protocol::logins::LoginLink;

/// Blanks between two columns.
const GAP: usize = 2;

/// What a command found or did.
#[derive(Debug)]
pub(crate) enum Report {
    /// All agents.
    Agents(Vec<Agent>),
    /// One agent.
    Agent(Agent),
    /// It is new.
    Created(Agent),
    /// It was started or stopped.
    Changed(Agent),
    /// It was deleted, or kept because somebody said so.
    Deleted {
        /// Its last record.
        agent: Agent,
        /// Whether it is gone.
        deleted: bool,
    },
    /// A login link.
    LoginLink(LoginLink),
}

/// Says what was found or done.
pub(crate) fn report(report: &Report, json: bool, context: &mut Context<'_>) -> io::Result<()> {
    if json {
        return match report {
            Report::Agents(agents) => success(agents, context.out),
            Report::Agent(agent) | Report::Created(agent) | Report::Changed(agent) => {
                success(agent, context.out)
            }
            Report::Deleted { agent, deleted } => {
                success(serde_json::json!({ "id": agent.id, "deleted": deleted }), context.out)
            }
            Report::LoginLink(link) => success(link, context.out),
        };
    }
    let text = match report {
        Report::Agents(agents) => table(agents),
        Report::Agent(agent) => details(agent),
        Report::Created(agent) => {
            format!("Created agent “{}”: {}.\n", visible(&agent.name), phrase(agent.state))
        }
        Report::Changed(agent) => {
            format!("Agent “{}”: {}.\n", visible(&agent.name), phrase(agent.state))
        }
        Report::Deleted { agent, deleted } => {
            let verb = if *deleted { "Deleted" } else { "Kept" };
            format!("{verb} agent “{}”.\n", visible(&agent.name))
        }
        Report::LoginLink(link) => {
            writeln!(context.err, "Open this link in a browser. It works once, for a short time.")?;
            format!("{}\n", visible(&link.url))
        }
    };
    context.out.write_all(text.as_bytes())?;
    context.out.flush()
}

/// Says why it was not done.
pub(crate) fn refusal(refusal: &Refusal, json: bool, context: &mut Context<'_>) -> io::Result<()> {
    if json {
        return line(&Failure::new(refusal.error.clone()), context.err);
    }
    writeln!(context.err, "{}", visible(&refusal.error.message))?;
    context.err.flush()
}

fn success(data: impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    line(&Success::new(data), out)
}

fn line(envelope: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut text = serde_json::to_vec(envelope)?;
    text.push(b'\n');
    out.write_all(&text)?;
    out.flush()
}

/// The text with every control and invisible character as `\u{…}` or `\n`, `\t`, `\r`.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else if is_invisible(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

fn table(agents: &[Agent]) -> String {
    if agents.is_empty() {
        return "No agents yet. `maestro agent create --help` says how to make one.\n".to_owned();
    }
    let mut rows = vec![["NAME", "STATE", "PROGRAM", "FOLDER"].map(str::to_owned)];
    rows.extend(agents.iter().map(|agent| {
        [
            visible(&agent.name),
            agent.state.word().to_owned(),
            visible(&agent.program),
            visible(&agent.folder),
        ]
    }));
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default() + GAP
    };
    let [name_width, state_width, program_width] = [0, 1, 2].map(width);
    let mut text = String::new();
    for [name, state, program, folder] in &rows {
        let row = format!("{name:name_width$}{state:state_width$}{program:program_width$}{folder}");
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

fn details(agent: &Agent) -> String {
    let mut fields = vec![
        ("id", agent.id.to_string()),
        ("name", visible(&agent.name)),
        ("state", phrase(agent.state)),
        ("program", visible(&agent.program)),
    ];
    // One line each: arguments hold blanks, and joining them would hide where one ends.
    fields.extend(agent.args.iter().map(|arg| ("argument", visible(arg))));
    fields.push(("folder", visible(&agent.folder)));
    fields.extend(agent.note.lines().map(|line| ("note", visible(line))));

    let width = "argument:".len() + 1;
    let mut text = String::new();
    for (key, value) in fields {
        let line = format!("{:width$}{value}", format!("{key}:"));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The state's word, with the exit code where that says more.
fn phrase(state: AgentState) -> String {
    let word = state.word().to_lowercase();
    match state {
        AgentState::Exited { code: None, .. } => format!("{word}, ended by a signal"),
        AgentState::Exited { code: Some(code), .. } if code != 0 => {
            format!("{word} with exit code {code}")
        }
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_printed_drives_the_terminal() {
        fn check(text: &str, expected: &str) {
            assert_eq!(visible(text), expected);
        }
        check("it's “quoted” \\ שלום 😀", "it's “quoted” \\ שלום 😀");
        check("\u{1b}[2J\u{7}", "\\u{1b}[2J\\u{7}");
        check("a\nb\tc\r", "a\\nb\\tc\\r");
        check("\u{9b}31m", "\\u{9b}31m");
        check("gpj\u{202e}exe", "gpj\\u{202e}exe");
    }

    #[test]
    fn an_exit_code_is_told_where_it_matters() {
        fn check(state: AgentState, expected: &str) {
            assert_eq!(phrase(state), expected);
        }
        check(AgentState::Stopped, "stopped");
        check(AgentState::Running { since_ms: 1 }, "running");
        check(AgentState::Exited { code: Some(0), at_ms: 1 }, "done");
        check(AgentState::Exited { code: Some(127), at_ms: 1 }, "failed with exit code 127");
        check(AgentState::Exited { code: None, at_ms: 1 }, "failed, ended by a signal");
        check(AgentState::Lost { at_ms: 1 }, "lost");
    }
}
