//! `maestro agent …`: what each action asks for and what it reports.

use std::io;
use std::path::Path;

use protocol::agents::{Agent, CreateAgent};
use protocol::error::{ApiError, ErrorCode};

use crate::client::Client;
use crate::command::{AgentAction, CreateArgs, DeleteArgs};
use crate::context::Context;
use crate::exit::{Exit, Refusal};
use crate::output::{self, Report};

/// Names at least this much alike are suggested (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.8;
/// More suggestions than this help nobody.
const SUGGESTIONS: usize = 3;

/// Does it.
pub(crate) fn run(
    action: AgentAction,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    match action {
        AgentAction::Create(args) => {
            client.create(&request(args, &context.working_folder)?).map(Report::Created)
        }
        AgentAction::List => client.agents().map(Report::Agents),
        AgentAction::Show(arg) => find(client, &arg.agent).map(Report::Agent),
        AgentAction::Start(arg) => client.start(&find(client, &arg.agent)?.id).map(Report::Changed),
        AgentAction::Stop(arg) => client.stop(&find(client, &arg.agent)?.id).map(Report::Changed),
        AgentAction::Delete(args) => delete(&args, client, context),
    }
}

fn delete(
    args: &DeleteArgs,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    if !args.yes && !context.interactive {
        let error = ApiError::invalid(
            "yes",
            "Nobody can be asked here whether to delete the agent. Add --yes to delete it.",
        );
        return Err(Refusal { exit: Exit::Usage, error });
    }
    let agent = find(client, &args.agent)?;
    if !args.yes && !confirmed(&agent, context).map_err(|_| nobody_answered())? {
        return Ok(Report::Deleted { agent, deleted: false });
    }
    client.delete(&agent.id)?;
    Ok(Report::Deleted { agent, deleted: true })
}

fn confirmed(agent: &Agent, context: &mut Context<'_>) -> io::Result<bool> {
    let name = output::visible(&agent.name);
    write!(context.err, "Delete agent “{name}”? Its session ends. [y/N] ")?;
    context.err.flush()?;
    let mut answer = String::new();
    context.input.read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn nobody_answered() -> ApiError {
    ApiError::new(
        ErrorCode::Internal,
        "The terminal gave no answer, so nothing was deleted. Add --yes to delete the agent.",
    )
}

fn request(args: CreateArgs, working_folder: &Path) -> Result<CreateAgent, ApiError> {
    Ok(CreateAgent {
        name: args.name,
        program: args.program,
        args: args.args,
        folder: folder(&args.dir, working_folder)?,
        note: args.note,
        start: !args.no_start,
    })
}

/// The folder as the server wants it. A `~` that the shell left alone is the server's to expand.
fn folder(typed: &Path, working_folder: &Path) -> Result<String, ApiError> {
    let folder = if typed.starts_with("~") || typed.as_os_str().is_empty() {
        typed.to_owned()
    } else {
        working_folder.join(typed).components().collect()
    };
    folder.into_os_string().into_string().map_err(|_| {
        ApiError::invalid(
            "folder",
            "The name of the folder is not valid UTF-8. Rename it, or choose another one.",
        )
    })
}

/// The agent with this id or name. Ids go first, so that no name can pose as another's id.
fn find(client: &Client, wanted: &str) -> Result<Agent, Refusal> {
    let mut agents = client.agents()?;
    let position = agents
        .iter()
        .position(|agent| agent.id.as_str() == wanted)
        .or_else(|| agents.iter().position(|agent| agent.name == wanted));
    match position {
        Some(position) => Ok(agents.swap_remove(position)),
        None => Err(unknown(wanted, &agents).into()),
    }
}

fn unknown(wanted: &str, agents: &[Agent]) -> ApiError {
    let mut alike: Vec<(f64, &str)> = agents
        .iter()
        .map(|agent| (likeness(wanted, &agent.name), agent.name.as_str()))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    alike.sort_by(|one, other| other.0.total_cmp(&one.0));
    let suggestions: Vec<String> =
        alike.iter().take(SUGGESTIONS).map(|(_, name)| format!("“{name}”")).collect();
    let hint = if suggestions.is_empty() {
        String::new()
    } else {
        format!(" Did you mean {}?", suggestions.join(" or "))
    };
    ApiError::new(
        ErrorCode::NotFound,
        format!("No agent is called “{wanted}”.{hint} `maestro agent list` shows all."),
    )
}

/// How much two names are alike; the last part of a grouped name counts like the whole.
fn likeness(wanted: &str, name: &str) -> f64 {
    let wanted = wanted.to_lowercase();
    let name = name.to_lowercase();
    let (_, own) = protocol::agents::split_levels(&name);
    strsim::jaro_winkler(&wanted, &name).max(strsim::jaro_winkler(&wanted, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_sent_absolute_or_with_a_tilde() {
        fn check(typed: &str, expected: &str) {
            let folder = folder(Path::new(typed), Path::new("/home/ada"));
            assert_eq!(folder.unwrap(), expected, "{typed}");
        }
        check(".", "/home/ada");
        check("work/", "/home/ada/work");
        check("./work", "/home/ada/work");
        check("/srv", "/srv");
        check("~", "~");
        check("~/work", "~/work");
        check("~work", "/home/ada/~work");
        check("", "");
    }
}
