//! `maestro terminal …`: what each action asks for and what it reports.

use protocol::agents::Agent;
use protocol::error::{ApiError, ErrorCode};
use protocol::terminals::{NameTerminal, TerminalId, TerminalRecord};

use crate::agents::find;
use crate::client::Client;
use crate::command::TerminalAction;
use crate::command::terminals::{OpenArgs, TerminalArg};
use crate::exit::Refusal;
use crate::output::terminals as say;
use crate::output::{Report, typeable};

/// Does it.
pub(crate) fn run(action: TerminalAction, client: &Client) -> Result<Report, Refusal> {
    match action {
        TerminalAction::List(owner) => {
            find::agent(client, &owner.agent).map(|agent| say::list(&all(&agent)))
        }
        TerminalAction::Open(args) => open(args, client),
        TerminalAction::Start(arg) => {
            let (terminal, id) = chosen(&arg, client)?;
            let agent = client.start_terminal(&id)?;
            Ok(say::done("Started", now(&agent, &terminal), &agent))
        }
        TerminalAction::Rename(args) => {
            let (terminal, id) = chosen(&args.which, client)?;
            let agent = client.rename_terminal(&id, &NameTerminal { name: Some(args.new) })?;
            Ok(say::done("Renamed", now(&agent, &terminal), &agent))
        }
        TerminalAction::Close(arg) => {
            let (terminal, id) = chosen(&arg, client)?;
            let agent = client.close_terminal(&id)?;
            Ok(say::done("Closed", &terminal, &agent))
        }
    }
}

fn open(args: OpenArgs, client: &Client) -> Result<Report, Refusal> {
    let before = find::agent(client, &args.agent)?;
    let agent = client.open_terminal(&before.id, &NameTerminal { name: args.name })?;
    // Numbers grow and are never used again: the last one that was not there is the new one.
    let opened = agent
        .terminals
        .iter()
        .rev()
        .find(|terminal| before.terminal(terminal.number).is_none())
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::Internal,
                "The terminal was opened and is gone again already. Look at `maestro terminal \
                 list`.",
            )
        })?;
    Ok(say::done("Opened", opened, &agent))
}

/// All terminals of an agent, that of its program first.
fn all(agent: &Agent) -> Vec<TerminalRecord> {
    let mut terminals = vec![TerminalRecord {
        number: 0,
        name: agent.settings.program.clone(),
        state: agent.state,
    }];
    terminals.extend(agent.terminals.iter().cloned());
    terminals
}

/// The record of the terminal as it is now, or the last one.
fn now<'a>(agent: &'a Agent, terminal: &'a TerminalRecord) -> &'a TerminalRecord {
    agent.terminal(terminal.number).unwrap_or(terminal)
}

/// A terminal beside that of the program.
fn chosen(arg: &TerminalArg, client: &Client) -> Result<(TerminalRecord, TerminalId), Refusal> {
    let agent = find::agent(client, &arg.agent)?;
    let number = number(&agent, &arg.terminal)?;
    let Some(terminal) = agent.terminal(number).cloned() else {
        let message = format!(
            "Terminal 0 is that of the agent's program, which lives as long as the agent. \
             `maestro agent wake {}` starts it.",
            typeable(&agent)
        );
        return Err(ApiError::invalid("terminal", message).into());
    };
    Ok((terminal, TerminalId { agent: agent.id, number }))
}

/// The number of the terminal with this number or name; 0 is that of the program. Numbers go
/// first, so that no name can pose as another's number.
pub(crate) fn number(agent: &Agent, wanted: &str) -> Result<u16, ApiError> {
    let typed = wanted.parse().ok();
    if let Some(number) = typed.filter(|number| *number == 0 || agent.terminal(*number).is_some()) {
        return Ok(number);
    }
    let named: Vec<u16> = agent
        .terminals
        .iter()
        .filter(|terminal| terminal.name == wanted)
        .map(|terminal| terminal.number)
        .collect();
    let name = &agent.settings.name;
    match named.as_slice() {
        [number] => Ok(*number),
        [] => Err(ApiError::new(
            ErrorCode::NotFound,
            format!(
                "Agent “{name}” has no terminal “{wanted}”. `maestro terminal list {}` shows all.",
                typeable(agent)
            ),
        )),
        several => {
            let numbers: Vec<String> = several.iter().map(u16::to_string).collect();
            let message = format!(
                "Agent “{name}” has {} terminals called “{wanted}”. Say which by its number: {}.",
                several.len(),
                numbers.join(" or ")
            );
            Err(ApiError::new(ErrorCode::Conflict, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::agents::{AgentSettings, AgentState};

    use super::*;

    #[test]
    fn a_terminal_is_chosen_by_its_number_or_its_name() {
        let id = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        let settings = AgentSettings { name: "docs".into(), ..Default::default() };
        let mut agent = Agent::new(id, settings, 0);
        let named = |number, name: &str| TerminalRecord {
            number,
            name: name.into(),
            state: AgentState::Hibernated,
        };
        agent.terminals = vec![named(1, "Shell"), named(3, "1"), named(4, "9"), named(7, "Shell")];
        let check = |wanted: &str, expected: Result<u16, ErrorCode>| {
            assert_eq!(number(&agent, wanted).map_err(|error| error.code), expected, "{wanted}");
        };
        check("0", Ok(0));
        check("1", Ok(1));
        check("7", Ok(7));
        check("9", Ok(4));
        check("Shell", Err(ErrorCode::Conflict));
        check("shell", Err(ErrorCode::NotFound));
        check("2", Err(ErrorCode::NotFound));
        check("-1", Err(ErrorCode::NotFound));
    }
}
