//! Agents by what somebody typed: an id or a name. Ids go first, so that no name can pose as
//! another's id.

use protocol::agents::{Agent, split_levels};
use protocol::error::{ApiError, ErrorCode};

use crate::client::Client;
use crate::exit::Refusal;
use crate::output;

/// Names at least this much alike are suggested (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.8;
/// More suggestions than this help nobody.
const SUGGESTIONS: usize = 3;

/// The agent with this id or name.
pub(crate) fn agent(client: &Client, wanted: &str) -> Result<Agent, Refusal> {
    let agents = client.agents()?;
    Ok(present(&agents, wanted)?.clone())
}

/// The agents with these ids or names, each once.
pub(super) fn agents(client: &Client, wanted: &[String]) -> Result<Vec<Agent>, Refusal> {
    let agents = client.agents()?;
    let mut found: Vec<&Agent> = Vec::new();
    for wanted in wanted {
        let agent = present(&agents, wanted)?;
        if !found.iter().any(|other| other.id == agent.id) {
            found.push(agent);
        }
    }
    Ok(found.into_iter().cloned().collect())
}

/// The agent with this id or name, in the trash only if there is none outside.
pub(super) fn anywhere(client: &Client, wanted: &str) -> Result<Agent, Refusal> {
    let agents = client.agents()?;
    let unknown = match present(&agents, wanted) {
        Ok(agent) => return Ok(agent.clone()),
        Err(unknown) => unknown,
    };
    match trashed(&client.trashed()?, wanted) {
        Err(error) if error.code == ErrorCode::NotFound => Err(unknown.into()),
        found => Ok(found?),
    }
}

/// The agent with this id or name among those in the trash, where names can repeat.
pub(crate) fn trashed(trash: &[Agent], wanted: &str) -> Result<Agent, ApiError> {
    if let Some(agent) = by_id(trash, wanted) {
        return Ok(agent.clone());
    }
    let named: Vec<&Agent> = trash.iter().filter(|agent| agent.settings.name == wanted).collect();
    match named.as_slice() {
        [agent] => Ok((*agent).clone()),
        [] => Err(ApiError::new(
            ErrorCode::NotFound,
            format!(
                "Nothing in the trash is called “{wanted}”.{} `maestro trash list` shows all.",
                suggestion(trash, wanted)
            ),
        )),
        several => {
            let ids: Vec<String> = several
                .iter()
                .map(|agent| format!("{} (trashed {})", agent.id, output::trash::since(agent)))
                .collect();
            let message = format!(
                "{} agents in the trash are called “{wanted}”. Say which by its id: {}.",
                several.len(),
                ids.join(", ")
            );
            Err(ApiError::new(ErrorCode::Conflict, message))
        }
    }
}

fn present<'a>(agents: &'a [Agent], wanted: &str) -> Result<&'a Agent, ApiError> {
    by_id(agents, wanted)
        .or_else(|| agents.iter().find(|agent| agent.settings.name == wanted))
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::NotFound,
                format!(
                    "No agent is called “{wanted}”.{} `maestro agent list` shows all.",
                    suggestion(agents, wanted)
                ),
            )
        })
}

fn by_id<'a>(agents: &'a [Agent], wanted: &str) -> Option<&'a Agent> {
    agents.iter().find(|agent| agent.id.as_str() == wanted)
}

/// “ Did you mean …?”, or nothing.
fn suggestion(agents: &[Agent], wanted: &str) -> String {
    suggested(agents.iter().map(|agent| agent.settings.name.as_str()), wanted)
}

/// “ Did you mean …?” with those of these names that are most alike, or nothing.
pub(crate) fn suggested<'a>(names: impl Iterator<Item = &'a str>, wanted: &str) -> String {
    let mut alike: Vec<(f64, &str)> = names
        .map(|name| (likeness(wanted, name), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    alike.sort_by(|one, other| other.0.total_cmp(&one.0));
    alike.dedup_by(|one, other| one.1 == other.1);
    let names: Vec<String> =
        alike.iter().take(SUGGESTIONS).map(|(_, name)| format!("“{name}”")).collect();
    if names.is_empty() { String::new() } else { format!(" Did you mean {}?", names.join(" or ")) }
}

/// How much two names are alike; the last part of a grouped name counts like the whole.
fn likeness(wanted: &str, name: &str) -> f64 {
    let wanted = wanted.to_lowercase();
    let name = name.to_lowercase();
    let (_, own) = split_levels(&name);
    strsim::jaro_winkler(&wanted, &name).max(strsim::jaro_winkler(&wanted, own))
}
