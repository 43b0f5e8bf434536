//! The sessions that this process looks after, and the one place that reports their end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use protocol::terminals::TerminalId;
use tokio::sync::mpsc;

use crate::control::Incarnation;
use crate::error::TmuxError;
use crate::pane::PaneFacts;
use crate::server::TmuxEvent;
use crate::session::Signal;
use crate::terminal::Terminal;

/// One session that is being started or runs.
pub(crate) struct Entry {
    /// Tells apart the lives of one terminal.
    epoch: u64,
    /// Number of its pane, once tmux has told.
    pane: Arc<OnceLock<u32>>,
    /// To the task that reads its output. One end is enough.
    signals: mpsc::Sender<Signal>,
    /// What viewers use, once it runs.
    handle: Option<Terminal>,
    /// How many are ending it on purpose just now.
    asked: u32,
    /// Its end, not reported because somebody is bringing it about.
    held: Option<Signal>,
}

/// A pane whose program has ended, kept by tmux until somebody has stored how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grave {
    pub(crate) epoch: u64,
    pub(crate) server: Incarnation,
    pub(crate) pane: u32,
}

/// A terminal that somebody is ending on purpose.
pub(crate) struct Asked {
    pub(crate) epoch: u64,
    /// Closed when the last byte is in the terminal.
    pub(crate) signals: mpsc::Sender<Signal>,
}

#[derive(Default)]
struct Places {
    entries: HashMap<TerminalId, Entry>,
    graves: HashMap<TerminalId, Grave>,
}

/// All sessions. Whoever removes one reports its end; so each end is reported once, or never if
/// its owner asked for it.
pub(crate) struct Registry {
    places: Mutex<Places>,
    events: mpsc::Sender<TmuxEvent>,
}

impl Registry {
    pub(crate) fn new(events: mpsc::Sender<TmuxEvent>) -> Self {
        Self { places: Mutex::default(), events }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sessions that are being started or run.
    pub(crate) fn count(&self) -> usize {
        self.places().entries.len()
    }

    /// Takes the terminal's place for a life of this epoch.
    pub(crate) fn reserve(
        &self,
        terminal: &TerminalId,
        epoch: u64,
        pane: Arc<OnceLock<u32>>,
        signals: mpsc::Sender<Signal>,
    ) -> Result<(), TmuxError> {
        let mut places = self.places();
        if places.entries.contains_key(terminal) {
            return Err(TmuxError::Running(terminal.clone()));
        }
        let entry = Entry { epoch, pane, signals, handle: None, asked: 0, held: None };
        places.entries.insert(terminal.clone(), entry);
        Ok(())
    }

    /// It runs.
    pub(crate) fn attach(&self, terminal: &TerminalId, epoch: u64, handle: Terminal) {
        if let Some(entry) = self.places().life(terminal, epoch) {
            entry.handle = Some(handle);
        }
    }

    /// Gives up the place if it still belongs to this life of the terminal.
    pub(crate) fn remove_life(&self, terminal: &TerminalId, epoch: u64) {
        self.places().take(terminal, epoch);
    }

    /// Somebody begins to end the terminal; its end is not reported meanwhile.
    pub(crate) fn ask(&self, terminal: &TerminalId) -> Option<Asked> {
        let mut places = self.places();
        let entry = places.entries.get_mut(terminal)?;
        entry.asked += 1;
        Some(Asked { epoch: entry.epoch, signals: entry.signals.clone() })
    }

    /// It was ended on purpose: the place is free and nothing is reported.
    pub(crate) fn forget(&self, terminal: &TerminalId, epoch: u64) {
        self.places().take(terminal, epoch);
    }

    /// It could not be ended: everything is as before, and an end that came by itself is reported.
    pub(crate) async fn spare(&self, terminal: &TerminalId, epoch: u64) {
        let held = {
            let mut places = self.places();
            let Some(entry) = places.life(terminal, epoch) else { return };
            entry.asked = entry.asked.saturating_sub(1);
            let held = if entry.asked == 0 { entry.held.take() } else { None };
            if held.is_some() {
                places.take(terminal, epoch);
            }
            held
        };
        if let Some(end) = held {
            self.tell(end.event(terminal.clone(), epoch)).await;
        }
    }

    /// The session has ended and everything of it is in the terminal.
    pub(crate) async fn finish(&self, terminal: TerminalId, epoch: u64, end: Signal) {
        {
            let mut places = self.places();
            let Some(entry) = places.life(&terminal, epoch) else { return };
            if entry.asked > 0 {
                entry.held = Some(end);
                return;
            }
            places.take(&terminal, epoch);
        }
        self.tell(end.event(terminal, epoch)).await;
    }

    /// Remembers where a dead pane is.
    pub(crate) fn dig(&self, terminal: &TerminalId, grave: Grave) {
        self.places().graves.insert(terminal.clone(), grave);
    }

    /// Where the dead pane of this terminal is.
    pub(crate) fn grave(&self, terminal: &TerminalId) -> Option<Grave> {
        self.places().graves.get(terminal).copied()
    }

    /// The dead pane is gone.
    pub(crate) fn fill(&self, terminal: &TerminalId, grave: Grave) {
        let mut places = self.places();
        if places.graves.get(terminal) == Some(&grave) {
            places.graves.remove(terminal);
        }
    }

    /// Passes on what tmux tells about a pane if that is its end. Otherwise returns its terminal,
    /// if its size is another one than the terminal's.
    pub(crate) fn look_at(&self, facts: &PaneFacts) -> Option<Terminal> {
        let places = self.places();
        let entry = places.entries.get(&facts.terminal)?;
        // It may be the dead pane of the life before.
        if entry.pane.get() != Some(&facts.pane) {
            return None;
        }
        if let Some(ending) = facts.ended() {
            // Full means that it knows already.
            let _known = entry.signals.try_send(Signal::Died(ending.code()));
            return None;
        }
        entry.handle.clone().filter(|handle| handle.facts().size != facts.size)
    }

    /// The server is gone, and every session with it.
    pub(crate) async fn server_gone(&self) {
        let lost = {
            let mut places = self.places();
            places.graves.clear();
            std::mem::take(&mut places.entries)
        };
        self.tell(TmuxEvent::ServerGone).await;
        for (terminal, entry) in lost {
            // Full means that it has ended already.
            let _known = entry.signals.try_send(Signal::Lost);
            self.tell(entry.held.unwrap_or(Signal::Lost).event(terminal, entry.epoch)).await;
        }
    }

    /// Reports; waits while the receiver is far behind.
    pub(crate) async fn tell(&self, event: TmuxEvent) {
        // Without a receiver nobody wants to know.
        let _unwanted = self.events.send(event).await;
    }
}

impl Places {
    fn life(&mut self, terminal: &TerminalId, epoch: u64) -> Option<&mut Entry> {
        self.entries.get_mut(terminal).filter(|entry| entry.epoch == epoch)
    }

    fn take(&mut self, terminal: &TerminalId, epoch: u64) {
        if self.life(terminal, epoch).is_some() {
            self.entries.remove(terminal);
        }
    }
}
