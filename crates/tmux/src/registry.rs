//! The sessions that this process looks after, and the one place that reports their end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use protocol::agents::AgentId;
use tokio::sync::mpsc;

use crate::error::TmuxError;
use crate::pane::PaneFacts;
use crate::server::TmuxEvent;
use crate::session::Signal;

/// One session that is being started or runs.
#[derive(Clone)]
pub(crate) struct Entry {
    /// Tells apart the lives of one agent.
    pub(crate) epoch: u64,
    /// Number of its pane, once tmux has told.
    pub(crate) pane: Arc<OnceLock<u32>>,
    /// To the task that reads its output. One end is enough.
    pub(crate) signals: mpsc::Sender<Signal>,
}

/// All sessions. Whoever removes one reports its end; so each end is reported once, or never if
/// its owner asked for it.
pub(crate) struct Registry {
    entries: Mutex<HashMap<AgentId, Entry>>,
    events: mpsc::Sender<TmuxEvent>,
}

impl Registry {
    pub(crate) fn new(events: mpsc::Sender<TmuxEvent>) -> Self {
        Self { entries: Mutex::default(), events }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<AgentId, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the agent's place.
    pub(crate) fn reserve(&self, agent: &AgentId, entry: Entry) -> Result<(), TmuxError> {
        let mut entries = self.entries();
        if entries.contains_key(agent) {
            return Err(TmuxError::Running(agent.clone()));
        }
        entries.insert(agent.clone(), entry);
        Ok(())
    }

    /// Gives up the place of whichever life of the agent is there.
    pub(crate) fn remove(&self, agent: &AgentId) -> Option<Entry> {
        self.entries().remove(agent)
    }

    /// Gives up the place if it still belongs to this life of the agent.
    pub(crate) fn remove_life(&self, agent: &AgentId, epoch: u64) -> bool {
        let mut entries = self.entries();
        let same = entries.get(agent).is_some_and(|entry| entry.epoch == epoch);
        same && entries.remove(agent).is_some()
    }

    /// Passes on what tmux tells about a pane, if that is its end.
    pub(crate) fn look_at(&self, facts: &PaneFacts) {
        let Some(ending) = facts.ended() else { return };
        let entries = self.entries();
        let Some(entry) = entries.get(&facts.agent) else { return };
        // A person may have split the window; only the program's own pane counts.
        if entry.pane.get().is_none_or(|pane| *pane == facts.pane) {
            // Full means that it knows already.
            let _known = entry.signals.try_send(Signal::Died(ending.code()));
        }
    }

    /// The server is gone, and every session with it.
    pub(crate) async fn server_gone(&self) {
        let lost: Vec<(AgentId, Entry)> = self.entries().drain().collect();
        self.tell(TmuxEvent::ServerGone).await;
        for (agent, entry) in lost {
            // Full means that it has ended already.
            let _known = entry.signals.try_send(Signal::Lost);
            self.tell(TmuxEvent::Lost { agent }).await;
        }
    }

    /// Reports; waits while the receiver is far behind.
    pub(crate) async fn tell(&self, event: TmuxEvent) {
        // Without a receiver nobody wants to know.
        let _unwanted = self.events.send(event).await;
    }
}
