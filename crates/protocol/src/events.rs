//! Topics that a browser subscribes to, and the changes they carry.
//!
//! Order of use: subscribe, receive the state at a revision, then apply events. Each event is
//! idempotent, so one that is already part of the state does no harm. An event whose revision is
//! not above the state's is skipped.

use serde::{Deserialize, Serialize};

use crate::agents::{Agent, AgentId, AgentList};

/// A stream of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The agents of this host.
    Agents,
}

/// One change of the agent list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum AgentEvent {
    /// The agent is new, or any part of it changed: this is its whole record now.
    Upserted(Agent),
    /// The agent is gone.
    Deleted(AgentId),
}

/// Body of a SNAPSHOT_STATE frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "topic", content = "body", rename_all = "snake_case")]
pub enum TopicState {
    /// All agents; the list holds its revision.
    Agents(AgentList),
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
                    (known.name.as_str(), &known.id) < (agent.name.as_str(), &agent.id)
                });
                self.agents.insert(place, agent);
            }
            AgentEvent::Deleted(id) => self.agents.retain(|known| known.id != id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::AgentState;

    fn agent(id: &str, name: &str) -> Agent {
        Agent {
            id: format!("{id:0>26}").parse().unwrap(),
            name: name.into(),
            program: "sh".into(),
            args: Vec::new(),
            folder: "/".into(),
            note: String::new(),
            state: AgentState::Stopped,
            created_at_ms: 0,
        }
    }

    #[test]
    fn events_keep_the_list_sorted_and_repeat_harmlessly() {
        let mut list = AgentList::default();
        list.apply(1, AgentEvent::Upserted(agent("1", "b")));
        list.apply(2, AgentEvent::Upserted(agent("2", "a")));
        list.apply(2, AgentEvent::Upserted(agent("3", "never")));
        let names: Vec<_> = list.agents.iter().map(|agent| agent.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        list.apply(3, AgentEvent::Deleted(agent("1", "b").id));
        list.apply(1, AgentEvent::Upserted(agent("1", "b")));
        assert_eq!(list.agents.len(), 1);
        assert_eq!(list.revision, 3);
    }
}
