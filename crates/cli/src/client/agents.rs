//! What can be asked about agents.

use std::time::Duration;

use protocol::agents::history::HistoryEntry;
use protocol::agents::requests::{
    BulkAction, BulkOutcome, BulkReport, BulkRequest, CreateAgents, RollBack, WakeAgent,
};
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentId, AgentList, CloneAgent, CreateAgent, EditAgent};
use protocol::limits;
use ureq::http::Method;

use super::{Client, PATIENCE};
use crate::exit::Refusal;

/// What one agent adds to the time that a request about many may take.
const PATIENCE_PER_AGENT: Duration = Duration::from_secs(1);
/// Room for what a request about many holds besides its agents.
const ENVELOPE_BYTES: usize = 1024;
const SEPARATOR_BYTES: usize = 1;
const QUOTES_BYTES: usize = 2;

impl Client {
    /// All agents that are not in the trash, ordered by name.
    pub fn agents(&self) -> Result<Vec<Agent>, Refusal> {
        let list: AgentList = self.get("/api/agents")?;
        Ok(list.agents)
    }

    /// Creates an agent.
    pub fn create(&self, new: &CreateAgent) -> Result<Agent, Refusal> {
        self.send(Method::POST, "/api/agents", new)
    }

    /// Creates many agents; one that is refused does not hold up the others.
    pub fn create_many(&self, new: &[CreateAgent]) -> Result<BulkReport, Refusal> {
        let describe = |new: &CreateAgent| Described {
            name: new.settings.name.clone(),
            bytes: serde_json::to_vec(new).map_or(0, |json| json.len()),
        };
        self.in_parts("/api/agents/batch", new, describe, |part| CreateAgents {
            agents: part.to_vec(),
        })
    }

    /// Does the same to many agents; one that is refused does not hold up the others.
    pub fn bulk(&self, agents: &[Agent], action: &BulkAction) -> Result<BulkReport, Refusal> {
        let describe = |agent: &Agent| Described {
            name: agent.settings.name.clone(),
            bytes: AgentId::LENGTH + QUOTES_BYTES,
        };
        self.in_parts("/api/agents/bulk", agents, describe, |part| BulkRequest {
            agents: part.iter().map(|agent| agent.id.clone()).collect(),
            action: action.clone(),
        })
    }

    /// Changes settings.
    pub fn edit(&self, id: &AgentId, edit: &EditAgent) -> Result<Agent, Refusal> {
        self.send(Method::PATCH, &format!("/api/agents/{id}"), edit)
    }

    /// Creates an agent with the settings of this one.
    pub fn duplicate(&self, id: &AgentId, copy: &CloneAgent) -> Result<Agent, Refusal> {
        self.send(Method::POST, &format!("/api/agents/{id}/clone"), copy)
    }

    /// Starts an agent.
    pub fn wake(&self, id: &AgentId, how: WakeAgent) -> Result<Agent, Refusal> {
        self.send(Method::POST, &format!("/api/agents/{id}/wake"), &how)
    }

    /// Ends the sessions of an agent.
    pub fn hibernate(&self, id: &AgentId) -> Result<Agent, Refusal> {
        self.order(Method::POST, &format!("/api/agents/{id}/hibernate"))
    }

    /// Ends the session of an agent and starts it again.
    pub fn restart(&self, id: &AgentId, how: WakeAgent) -> Result<Agent, Refusal> {
        self.send(Method::POST, &format!("/api/agents/{id}/restart"), &how)
    }

    /// Ends the sessions of an agent and moves it to the trash.
    pub fn trash(&self, id: &AgentId) -> Result<(), Refusal> {
        self.order(Method::DELETE, &format!("/api/agents/{id}"))
    }

    /// All versions of an agent's settings, newest first.
    pub fn versions(&self, id: &AgentId) -> Result<Vec<AgentVersion>, Refusal> {
        self.get(&format!("/api/agents/{id}/versions"))
    }

    /// Gives an agent the settings of an earlier version.
    pub fn roll_back(&self, id: &AgentId, version: u32) -> Result<Agent, Refusal> {
        self.send(Method::POST, &format!("/api/agents/{id}/rollback"), &RollBack { version })
    }

    /// What happened to an agent, newest first: at most `limit` entries, all before the one with
    /// the number `before`.
    pub fn history(
        &self,
        id: &AgentId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<HistoryEntry>, Refusal> {
        let before = before.map(|seq| format!("before={seq}&")).unwrap_or_default();
        self.get(&format!("/api/agents/{id}/history?{before}limit={limit}"))
    }

    /// Asks in as many requests as the limits make necessary. When a later one fails as a whole,
    /// that is what became of its agents and of the rest: the earlier ones have been answered.
    fn in_parts<A, B: serde::Serialize>(
        &self,
        path: &str,
        all: &[A],
        describe: impl Fn(&A) -> Described,
        body: impl Fn(&[A]) -> B,
    ) -> Result<BulkReport, Refusal> {
        let mut report = BulkReport::default();
        let mut rest = all;
        while !rest.is_empty() {
            let (part, later) = rest.split_at(fitting(rest, |one| describe(one).bytes));
            let count = u32::try_from(part.len()).unwrap_or(u32::MAX);
            let patience = PATIENCE + PATIENCE_PER_AGENT * count;
            match self.send_patiently::<BulkReport>(Method::POST, path, &body(part), patience) {
                Ok(answer) => report.outcomes.extend(answer.outcomes),
                Err(refusal) if rest.len() == all.len() => return Err(refusal),
                Err(Refusal { error, .. }) => {
                    let refused = |one| BulkOutcome::of(describe(one).name, Err(error.clone()));
                    report.outcomes.extend(rest.iter().map(refused));
                    break;
                }
            }
            rest = later;
        }
        Ok(report)
    }
}

/// One agent of a request about many.
struct Described {
    /// Its name.
    name: String,
    /// How much it adds to the request.
    bytes: usize,
}

/// How many of these fit into one request: at least one, which the server may still refuse.
fn fitting<A>(agents: &[A], bytes: impl Fn(&A) -> usize) -> usize {
    let mut used = ENVELOPE_BYTES;
    let fit = agents.iter().take(limits::BULK).take_while(|agent| {
        used += bytes(agent) + SEPARATOR_BYTES;
        used <= limits::BODY_AFTER_LOGIN
    });
    fit.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_holds_what_the_server_takes() {
        fn check(agents: usize, bytes: usize, expected: usize) {
            assert_eq!(fitting(&vec![(); agents], |()| bytes), expected, "{agents} of {bytes}");
        }
        check(3, 10, 3);
        check(limits::BULK + 1, 10, limits::BULK);
        check(10, limits::BODY_AFTER_LOGIN / 2, 1);
        check(10, limits::BODY_AFTER_LOGIN / 3 - ENVELOPE_BYTES, 3);
        check(2, limits::BODY_AFTER_LOGIN, 1);
    }
}
