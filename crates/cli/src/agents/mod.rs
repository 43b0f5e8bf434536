//! `maestro agent …`: what each action asks for and what it reports.

mod create;
mod edit;
mod entries;
mod environment;
pub(crate) mod find;
mod life;
mod past;
mod paths;
mod persona;

use protocol::agents::requests::{BulkOutcome, BulkReport};
use protocol::agents::{Agent, CloneAgent, EditAgent};
use protocol::error::ApiError;

use crate::client::Client;
use crate::command::AgentAction;
use crate::command::agents::{CloneArgs, ListArgs, OutputArgs, RenameArgs};
use crate::context::Context;
use crate::exit::{Exit, Refusal};
use crate::output::agents::{self as say, Deed};
use crate::output::{self, Report};
use crate::terminals;
use protocol::terminals::TerminalId;

/// Does it.
pub(crate) fn run(
    action: AgentAction,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    match action {
        AgentAction::Create(args) => create::one(*args, client, context),
        AgentAction::CreateMany(args) => create::many(&args, client, context),
        AgentAction::Edit(args) => edit::run(*args, client, context),
        AgentAction::Rename(args) => rename(args, client),
        AgentAction::Clone(args) => duplicate(args, client),
        AgentAction::List(args) => list(&args, client),
        AgentAction::Show(arg) => find::agent(client, &arg.agent).map(|agent| say::one(&agent)),
        AgentAction::Wake(args) => life::wake(&args, client, context),
        AgentAction::Hibernate(args) => life::hibernate(&args, client, context),
        AgentAction::Restart(args) => life::restart(&args, client, context),
        AgentAction::Trash(args) => life::trash(&args, client),
        AgentAction::Versions(arg) => past::versions(&arg, client),
        AgentAction::Compare(args) => past::compare(&args, client),
        AgentAction::Rollback(args) => past::roll_back(&args, client),
        AgentAction::History(args) => past::history(&args, client),
        AgentAction::Output(args) => output(&args, client),
    }
}

fn rename(args: RenameArgs, client: &Client) -> Result<Report, Refusal> {
    let before = find::agent(client, &args.agent)?;
    let edit = EditAgent { name: Some(args.new), ..Default::default() };
    let agent = client.edit(&before.id, &edit)?;
    Ok(say::renamed(&before, &agent))
}

fn duplicate(args: CloneArgs, client: &Client) -> Result<Report, Refusal> {
    let original = find::agent(client, &args.agent)?;
    let copy = CloneAgent { name: args.new, start: args.start };
    client.duplicate(&original.id, &copy).map(|agent| say::done(Deed::Created, &agent))
}

fn list(args: &ListArgs, client: &Client) -> Result<Report, Refusal> {
    let mut agents = client.agents()?;
    if let Some(tag) = &args.tag {
        agents.retain(|agent| agent.settings.tags.contains(tag));
    }
    if let Some(state) = &args.state {
        agents.retain(|agent| agent.state.word().eq_ignore_ascii_case(state));
    }
    Ok(say::list(&agents, args.tag.is_some() || args.state.is_some()))
}

fn output(args: &OutputArgs, client: &Client) -> Result<Report, Refusal> {
    let agent = find::agent(client, &args.agent)?;
    let number = terminals::number(&agent, &args.terminal)?;
    let screen = client.output(&TerminalId { agent: agent.id, number }, args.lines)?;
    Ok(output::terminals::lines(&screen))
}

/// Does the same to one agent after the other, where no single request can.
pub(crate) fn each(
    agents: &[Agent],
    act: impl Fn(&Agent) -> Result<Agent, Refusal>,
) -> Result<BulkReport, Refusal> {
    let results = one_by_one(agents, act)?;
    let outcome = |(agent, result): (&Agent, Result<Agent, ApiError>)| {
        BulkOutcome::of(agent.settings.name.clone(), result)
    };
    Ok(BulkReport { outcomes: agents.iter().zip(results).map(outcome).collect() })
}

/// Does the same to one thing after the other. One that is refused does not hold up the others;
/// but nobody waits for each of them when the server is gone.
pub(crate) fn one_by_one<T, R>(
    things: &[T],
    act: impl Fn(&T) -> Result<R, Refusal>,
) -> Result<Vec<Result<R, ApiError>>, Refusal> {
    let mut results = Vec::new();
    let mut gone = None;
    for thing in things {
        let result = match &gone {
            Some(error) => Err(Clone::clone(error)),
            None => match act(thing) {
                Ok(done) => Ok(done),
                Err(refusal) if refusal.exit == Exit::Unreachable => {
                    if results.is_empty() {
                        return Err(refusal);
                    }
                    gone = Some(refusal.error.clone());
                    Err(refusal.error)
                }
                Err(refusal) => Err(refusal.error),
            },
        };
        results.push(result);
    }
    Ok(results)
}
