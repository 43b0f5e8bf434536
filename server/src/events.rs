//! The agent list as browsers see it: a state at a revision, and every change after it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::agents::{Agent, AgentId, AgentList};
use protocol::events::AgentEvent;
use tokio::sync::broadcast;

/// Changes kept for a subscriber that is slow; one that falls further behind starts again from
/// the state.
const KEPT_CHANGES: usize = 256;

/// The agents of this host in memory. The database is written first; this follows it.
pub struct AgentsTopic {
    list: Mutex<AgentList>,
    changes: broadcast::Sender<(u64, AgentEvent)>,
}

impl AgentsTopic {
    /// Starts from what the database holds.
    pub fn new(agents: Vec<Agent>) -> Self {
        let mut list = AgentList::default();
        for (revision, agent) in (1..).zip(agents) {
            list.apply(revision, AgentEvent::Upserted(Box::new(agent)));
        }
        Self { list: Mutex::new(list), changes: broadcast::channel(KEPT_CHANGES).0 }
    }

    /// The list now.
    pub fn list(&self) -> AgentList {
        self.lock().clone()
    }

    /// One agent.
    pub fn get(&self, id: &AgentId) -> Option<Agent> {
        self.lock().agents.iter().find(|agent| agent.id == *id).cloned()
    }

    /// The list now and all changes after it: nothing between the two is missed or doubled.
    pub fn subscribe(&self) -> (AgentList, broadcast::Receiver<(u64, AgentEvent)>) {
        let list = self.lock();
        (list.clone(), self.changes.subscribe())
    }

    /// Makes a change visible everywhere.
    pub fn publish(&self, event: AgentEvent) {
        let mut list = self.lock();
        let revision = list.revision + 1;
        list.apply(revision, event.clone());
        // Nobody listening is fine. Sent under the lock, so that subscribers see revisions in order.
        let _nobody_listens = self.changes.send((revision, event));
    }

    fn lock(&self) -> MutexGuard<'_, AgentList> {
        // The list is valid after every statement above, so a panic elsewhere cannot spoil it.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
