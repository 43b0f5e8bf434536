//! What happened but could not be stored, because the disk is full or failing.
//!
//! A program that ends does not wait for a disk. Its new state is shown at once; here it waits
//! until the database takes it. Bounded: one state per terminal, and a few events with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::agents::history::HistoryEvent;
use protocol::agents::{AgentId, AgentState};
use protocol::terminals::TerminalId;
use tokio::sync::Notify;

/// Events kept per terminal; the oldest go first.
const EVENTS: usize = 16;

/// A state that waits, with what led to it and when.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) state: AgentState,
    pub(super) events: Vec<(HistoryEvent, i64)>,
    /// The run whose dead session is removed once this is stored.
    grave: Option<u64>,
    /// Which change this is: a later one must not be taken for stored with it.
    change: u64,
}

/// All of them.
#[derive(Default)]
pub(super) struct Unsaved {
    pending: Mutex<(u64, BTreeMap<TerminalId, Pending>)>,
    added: Notify,
}

impl Unsaved {
    /// Keeps a state until it can be stored.
    pub(super) fn keep(
        &self,
        terminal: &TerminalId,
        state: AgentState,
        event: Option<(HistoryEvent, i64)>,
    ) {
        let mut pending = self.lock();
        pending.0 += 1;
        let change = pending.0;
        let kept = pending.1.entry(terminal.clone()).or_insert_with(|| Pending {
            state,
            events: Vec::new(),
            grave: None,
            change,
        });
        kept.state = state;
        kept.change = change;
        kept.events.extend(event);
        let surplus = kept.events.len().saturating_sub(EVENTS);
        kept.events.drain(..surplus);
        drop(pending);
        self.added.notify_one();
    }

    /// Whether something waits for this terminal: then its next change must wait behind it.
    pub(super) fn holds(&self, terminal: &TerminalId) -> bool {
        self.lock().1.contains_key(terminal)
    }

    /// What waits, in no order that matters.
    pub(super) fn all(&self) -> Vec<(TerminalId, Pending)> {
        let pending = self.lock();
        pending.1.iter().map(|(terminal, kept)| (terminal.clone(), kept.clone())).collect()
    }

    /// The dead session of this run is to be removed once what waits is stored.
    pub(super) fn bury_later(&self, terminal: &TerminalId, epoch: u64) {
        if let Some(kept) = self.lock().1.get_mut(terminal) {
            kept.grave = Some(epoch);
        }
    }

    /// This was stored; what came later stays. Returns the run whose dead session can go now.
    pub(super) fn stored(&self, terminal: &TerminalId, stored: &Pending) -> Option<u64> {
        let mut pending = self.lock();
        let kept = pending.1.get_mut(terminal)?;
        if kept.change == stored.change {
            return pending.1.remove(terminal)?.grave;
        }
        kept.events.drain(..stored.events.len().min(kept.events.len()));
        None
    }

    /// Nothing of this agent is needed any more.
    pub(super) fn forget_agent(&self, agent: &AgentId) {
        self.lock().1.retain(|terminal, _| terminal.agent != *agent);
    }

    /// Nobody needs it any more.
    pub(super) fn forget(&self, terminal: &TerminalId) {
        self.lock().1.remove(terminal);
    }

    /// Waits until something is kept.
    pub(super) async fn added(&self) {
        self.added.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, (u64, BTreeMap<TerminalId, Pending>)> {
        // Every change above is complete before the guard goes.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_change_outlives_the_storing_of_an_earlier_one() {
        let terminal: TerminalId = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        let unsaved = Unsaved::default();
        let exit = AgentState::Exited { code: Some(1), at_ms: 5 };
        unsaved.keep(&terminal, exit, Some((HistoryEvent::Exited { code: Some(1) }, 5)));
        let (_, first) = unsaved.all().remove(0);
        unsaved.keep(&terminal, AgentState::Hibernated, Some((HistoryEvent::Hibernated, 6)));
        unsaved.stored(&terminal, &first);
        let (_, rest) = unsaved.all().remove(0);
        assert_eq!(rest.state, AgentState::Hibernated);
        assert_eq!(rest.events, [(HistoryEvent::Hibernated, 6)]);
        unsaved.stored(&terminal, &rest);
        assert!(!unsaved.holds(&terminal));
    }

    #[test]
    fn what_waits_is_bounded() {
        let terminal: TerminalId = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        let unsaved = Unsaved::default();
        for at_ms in 0..100 {
            unsaved.keep(&terminal, AgentState::Hibernated, Some((HistoryEvent::Lost, at_ms)));
        }
        let (_, kept) = unsaved.all().remove(0);
        assert_eq!(kept.events.len(), EVENTS);
        assert_eq!(kept.events.last().unwrap().1, 99);
    }
}
