//! Topics that a browser subscribes to, and the changes they carry.
//!
//! Order of use: subscribe, receive the state at a revision, then apply events. Each event is
//! idempotent, so one that is already part of the state does no harm. An event whose revision is
//! not above the state's is skipped.

use serde::{Deserialize, Serialize};

use crate::access::pairing::PairingList;
use crate::agents::{Agent, AgentId, AgentList};
use crate::host::HostHealth;

/// A stream of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The agents of this host.
    Agents,
    /// What is wrong with this host.
    Health,
    /// Pairings that are open; the owner's alone.
    Pairings,
}

/// One change of the agent list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum AgentEvent {
    /// The agent is new, or any part of it changed: this is its whole record now.
    Upserted(Box<Agent>),
    /// The agent is gone, or in the trash.
    Deleted(AgentId),
}

/// Body of a SNAPSHOT_STATE frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "topic", content = "body", rename_all = "snake_case")]
pub enum TopicState {
    /// All agents; the list holds its revision.
    Agents(AgentList),
    /// All problems, with their revision.
    Health(HostHealth),
    /// All open pairings.
    Pairings(PairingList),
}

/// Body of an EVENT frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "topic", content = "body", rename_all = "snake_case")]
pub enum TopicEvent {
    /// One agent changed.
    Agents {
        /// Revision of the list after this change.
        revision: u64,
        /// The change.
        event: AgentEvent,
    },
    /// The problems changed: these are all of them now.
    Health(HostHealth),
    /// The pairings changed: these are all of them now.
    Pairings(PairingList),
}

impl AgentList {
    /// Applies one change; an older or repeated revision changes nothing.
    pub fn apply(&mut self, revision: u64, event: AgentEvent) {
        if revision <= self.revision {
            return;
        }
        self.revision = revision;
        match event {
            AgentEvent::Upserted(agent) => {
                self.agents.retain(|known| known.id != agent.id);
                let place = self.agents.partition_point(|known| {
                    (known.settings.name.as_str(), &known.id)
                        < (agent.settings.name.as_str(), &agent.id)
                });
                self.agents.insert(place, *agent);
            }
            AgentEvent::Deleted(id) => self.agents.retain(|known| known.id != id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::AgentSettings;

    fn agent(id: &str, name: &str) -> Agent {
        let settings = AgentSettings { name: name.into(), ..Default::default() };
        Agent::new(format!("{id:0>26}").parse().unwrap(), settings, 0)
    }

    fn upserted(id: &str, name: &str) -> AgentEvent {
        AgentEvent::Upserted(Box::new(agent(id, name)))
    }

    #[test]
    fn events_keep_the_list_sorted_and_repeat_harmlessly() {
        let mut list = AgentList::default();
        list.apply(1, upserted("1", "b"));
        list.apply(2, upserted("2", "a"));
        list.apply(2, upserted("3", "never"));
        let names: Vec<_> = list.agents.iter().map(|agent| agent.settings.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        list.apply(3, AgentEvent::Deleted(agent("1", "b").id));
        list.apply(1, upserted("1", "b"));
        assert_eq!(list.agents.len(), 1);
        assert_eq!(list.revision, 3);
    }
}
