//! `maestro trash …`: what each action asks for and what it reports.

use protocol::agents::Agent;
use protocol::agents::requests::RestoreAgent;

use crate::agents::{each, find};
use crate::client::Client;
use crate::command::TrashAction;
use crate::command::trash::{EmptyArgs, PurgeArgs, RestoreArgs};
use crate::confirmation::Confirmation;
use crate::context::Context;
use crate::exit::Refusal;
use crate::output::agents::Deed;
use crate::output::trash as say;
use crate::output::{self, Report, many, quoted};

/// Does it.
pub(crate) fn run(
    action: TrashAction,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    match action {
        TrashAction::List => client.trashed().map(|agents| say::list(&agents)),
        TrashAction::Restore(args) => restore(args, client),
        TrashAction::Purge(args) => purge(&args, client, context),
        TrashAction::Empty(args) => empty(args, client, context),
    }
}

fn restore(args: RestoreArgs, client: &Client) -> Result<Report, Refusal> {
    let before = find::trashed(&client.trashed()?, &args.agent)?;
    let agent = client.restore(&before.id, &RestoreAgent { name: args.name })?;
    Ok(say::restored(&before, &agent))
}

fn purge(args: &PurgeArgs, client: &Client, context: &mut Context<'_>) -> Result<Report, Refusal> {
    let whether = "whether they are to be deleted for good";
    let confirmation = Confirmation::possible(args.yes, context, whether)?;
    let trashed = client.trashed()?;
    let mut agents: Vec<Agent> = Vec::new();
    for wanted in &args.agents {
        let agent = find::trashed(&trashed, wanted)?;
        if !agents.contains(&agent) {
            agents.push(agent);
        }
    }
    let whom = match agents.as_slice() {
        [agent] => format!("agent {}", quoted(&agent.settings.name)),
        several => format!("{} agents", several.len()),
    };
    let question = format!("Delete {whom} for good? Nothing brings that back.");
    delete(&agents, confirmation, &question, client, context)
}

fn empty(args: EmptyArgs, client: &Client, context: &mut Context<'_>) -> Result<Report, Refusal> {
    let whether = "whether everything in the trash is to be deleted for good";
    let confirmation = Confirmation::possible(args.yes, context, whether)?;
    let agents = client.trashed()?;
    let question = format!(
        "Delete all agents in the trash ({}) for good? Nothing brings that back.",
        agents.len()
    );
    delete(&agents, confirmation, &question, client, context)
}

fn delete(
    agents: &[Agent],
    confirmation: Confirmation,
    question: &str,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    if !agents.is_empty() && !confirmation.given(question, context)? {
        return Ok(output::declined());
    }
    let outcomes = each(agents, |agent| client.purge(&agent.id).map(|()| agent.clone()))?;
    Ok(many::outcomes(Deed::Purged, &outcomes))
}
