//! Hands what the socket brings to the state that it is about.

use protocol::events::{TopicEvent, TopicState};

use crate::access::PairingsState;
use crate::agents::AgentsState;
use crate::host::HealthState;
use crate::socket::TopicSink;

/// All state that follows a topic.
pub(super) struct Topics {
    pub(super) agents: AgentsState,
    pub(super) health: HealthState,
    pub(super) pairings: PairingsState,
}

impl TopicSink for Topics {
    fn state(&self, state: TopicState) {
        match state {
            TopicState::Agents(list) => self.agents.apply_state(list),
            TopicState::Health(health) => self.health.apply(health),
            TopicState::Pairings(list) => self.pairings.apply(list),
        }
    }

    fn event(&self, event: TopicEvent) {
        match event {
            TopicEvent::Agents { revision, event } => self.agents.apply_event(revision, event),
            TopicEvent::Health(health) => self.health.apply(health),
            TopicEvent::Pairings(list) => self.pairings.apply(list),
        }
    }
}
