//! Lets one operation at a time act on an agent; different agents do not wait for each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::agents::AgentId;
use tokio::sync::OwnedMutexGuard;

/// Turns of all agents.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<AgentId, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// Waits until nobody else acts on this agent.
    pub(super) async fn take(&self, agent: &AgentId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Agents that nobody acts on leave no trace.
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(turns.entry(agent.clone()).or_default())
        };
        turn.lock_owned().await
    }
}
