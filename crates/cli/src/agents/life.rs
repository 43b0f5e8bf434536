//! Starting and ending sessions, of one agent or of many.

use protocol::agents::requests::{BulkAction, WakeAgent};
use protocol::agents::{Agent, AgentId};
use protocol::error::{ApiError, ErrorCode};

use super::{each, find};
use crate::client::Client;
use crate::command::agents::{ChosenOrAll, HibernateArgs, StartArgs, TrashArgs};
use crate::confirmation::Confirmation;
use crate::context::Context;
use crate::exit::Refusal;
use crate::output::agents::{self as say, Deed};
use crate::output::{self, Report, many};

/// The agents that were chosen.
enum Chosen {
    /// One, by its name: the answer is about it alone.
    One(Box<Agent>),
    /// As many as there are.
    Many(Vec<Agent>),
    /// All, but somebody who was asked did not mean that.
    Declined,
}

/// Starts agents.
pub(super) fn wake(
    args: &StartArgs,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    start(args, ("Wake all agents", ""), BulkAction::Wake, Client::wake, client, context)
}

/// Ends sessions and starts them again.
pub(super) fn restart(
    args: &StartArgs,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    let asked = ("Restart all agents", " Their sessions end first.");
    start(args, asked, BulkAction::Restart, Client::restart, client, context)
}

fn start(
    args: &StartArgs,
    asked: (&str, &str),
    action: BulkAction,
    one: fn(&Client, &AgentId, WakeAgent) -> Result<Agent, Refusal>,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    let how = WakeAgent { fresh: args.fresh };
    match chosen_or_all(&args.chosen, args.yes, asked, client, context)? {
        Chosen::One(agent) => changed(one(client, &agent.id, how)),
        // A bulk request has no word for a new conversation.
        Chosen::Many(agents) if how.fresh => {
            let outcomes = each(&agents, |agent| one(client, &agent.id, how))?;
            Ok(many::outcomes(Deed::Changed, &outcomes))
        }
        Chosen::Many(agents) => bulk(&agents, &action, client),
        Chosen::Declined => Ok(output::declined()),
    }
}

/// Ends sessions.
pub(super) fn hibernate(
    args: &HibernateArgs,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    let asked = ("Hibernate all agents", " Their sessions end.");
    match chosen_or_all(&args.chosen, args.yes, asked, client, context)? {
        Chosen::One(agent) => changed(client.hibernate(&agent.id)),
        Chosen::Many(agents) => bulk(&agents, &BulkAction::Hibernate, client),
        Chosen::Declined => Ok(output::declined()),
    }
}

/// Moves agents to the trash; nobody is asked, since they can be restored.
pub(super) fn trash(args: &TrashArgs, client: &Client) -> Result<Report, Refusal> {
    match chosen(&args.agents, args.tag.as_deref(), client)? {
        Chosen::One(agent) => client.trash(&agent.id).map(|()| say::trashed(&agent)),
        Chosen::Many(agents) => {
            let outcomes = client.bulk(&agents, &BulkAction::Trash)?;
            Ok(many::outcomes(Deed::Trashed, &outcomes))
        }
        Chosen::Declined => Ok(output::declined()),
    }
}

fn changed(result: Result<Agent, Refusal>) -> Result<Report, Refusal> {
    result.map(|agent| say::done(Deed::Changed, &agent))
}

fn bulk(agents: &[Agent], action: &BulkAction, client: &Client) -> Result<Report, Refusal> {
    let outcomes = client.bulk(agents, action)?;
    Ok(many::outcomes(Deed::Changed, &outcomes))
}

/// `question` is asked with the number of agents and a question mark, then the warning.
fn chosen_or_all(
    args: &ChosenOrAll,
    yes: bool,
    (question, warning): (&str, &str),
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Chosen, Refusal> {
    if !args.all {
        return chosen(&args.agents, args.tag.as_deref(), client);
    }
    let confirmation = Confirmation::possible(yes, context, "whether all agents are meant")?;
    let agents = client.agents()?;
    let question = format!("{question} ({})?{warning}", agents.len());
    if !agents.is_empty() && !confirmation.given(&question, context)? {
        return Ok(Chosen::Declined);
    }
    Ok(Chosen::Many(agents))
}

fn chosen(names: &[String], tag: Option<&str>, client: &Client) -> Result<Chosen, Refusal> {
    if let Some(tag) = tag {
        return tagged(tag, client).map(Chosen::Many);
    }
    match names {
        [name] => find::agent(client, name).map(Box::new).map(Chosen::One),
        names => find::agents(client, names).map(Chosen::Many),
    }
}

fn tagged(tag: &str, client: &Client) -> Result<Vec<Agent>, Refusal> {
    let mut agents = client.agents()?;
    agents.retain(|agent| agent.settings.tags.iter().any(|own| own == tag));
    if agents.is_empty() {
        let message =
            format!("No agent has the tag “{tag}”. `maestro agent show` shows an agent's tags.");
        return Err(ApiError::new(ErrorCode::NotFound, message).into());
    }
    Ok(agents)
}
