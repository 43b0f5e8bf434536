//! Versions of an agent's settings, and its history. An agent in the trash has both too.

use protocol::agents::Agent;
use protocol::agents::history::HistoryEntry;
use protocol::agents::versions::AgentVersion;
use protocol::error::{ApiError, ErrorCode};

use super::find;
use crate::client::Client;
use crate::command::agents::{AgentArg, CompareArgs, HistoryArgs, RollbackArgs};
use crate::exit::Refusal;
use crate::output::past as say;
use crate::output::{self, Report, typeable};

/// Most entries that the server returns at once.
const PAGE: u32 = 500;

/// Lists the versions.
pub(super) fn versions(arg: &AgentArg, client: &Client) -> Result<Report, Refusal> {
    let agent = find::anywhere(client, &arg.agent)?;
    client.versions(&agent.id).map(|versions| say::versions(&versions))
}

/// Tells how two versions differ.
pub(super) fn compare(args: &CompareArgs, client: &Client) -> Result<Report, Refusal> {
    let agent = find::anywhere(client, &args.agent)?;
    let versions = client.versions(&agent.id)?;
    // The newest of this answer: the agent may have been changed since it was looked up.
    let current = versions.iter().map(|version| version.version).max().unwrap_or(agent.version);
    let (before, after) = (args.before, args.after.unwrap_or(current));
    let changes = {
        let (one, other) =
            (numbered(&versions, before, &agent)?, numbered(&versions, after, &agent)?);
        one.settings.changes_to(&other.settings)
    };
    Ok(say::comparison(&agent, (before, after), &changes))
}

/// Goes back to a version.
pub(super) fn roll_back(args: &RollbackArgs, client: &Client) -> Result<Report, Refusal> {
    let before = find::agent(client, &args.agent)?;
    let agent = client.roll_back(&before.id, args.version)?;
    Ok(output::agents::rolled_back(&agent, args.version))
}

/// Tells what happened.
pub(super) fn history(args: &HistoryArgs, client: &Client) -> Result<Report, Refusal> {
    let agent = find::anywhere(client, &args.agent)?;
    let mut entries: Vec<HistoryEntry> = Vec::new();
    let mut missing = args.limit;
    while missing > 0 {
        let asked = missing.min(PAGE);
        let before = entries.last().map(|entry| entry.seq);
        let page = client.history(&agent.id, before, asked)?;
        let received = u32::try_from(page.len()).unwrap_or(u32::MAX);
        entries.extend(page);
        if received < asked {
            break;
        }
        missing = missing.saturating_sub(received);
    }
    Ok(say::history(&entries))
}

fn numbered<'a>(
    versions: &'a [AgentVersion],
    number: u32,
    agent: &Agent,
) -> Result<&'a AgentVersion, ApiError> {
    versions.iter().find(|version| version.version == number).ok_or_else(|| {
        ApiError::new(
            ErrorCode::NotFound,
            format!(
                "Agent “{}” has no version {number}. `maestro agent versions {}` lists them.",
                agent.settings.name,
                typeable(agent)
            ),
        )
    })
}
