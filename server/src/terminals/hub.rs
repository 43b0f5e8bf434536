//! One place per terminal where its runs and its viewers meet.
//!
//! Viewers belong to the terminal, not to a run of it: whoever looks at a hibernated agent sees
//! the new run when it is woken.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::agents::AgentId;
use protocol::message::View;
use protocol::terminals::{ScreenText, TerminalId, TerminalSize};
use tmux::{Terminal, TmuxError};
use tokio::sync::watch;

use super::viewers::{ViewerId, Viewers};

/// All terminals of all agents.
#[derive(Default)]
pub struct Hub {
    stages: Mutex<HashMap<TerminalId, Arc<Stage>>>,
    next_viewer: AtomicU64,
    input_bytes: Arc<AtomicU64>,
}

/// What there is to see of a terminal.
#[derive(Clone)]
pub enum Shown {
    /// It was not started since the server came up.
    Nothing,
    /// Its newest run, live or with its last screen.
    Terminal(Terminal),
    /// It was closed, or its agent went to the trash.
    Gone,
}

impl Shown {
    fn terminal(&self) -> Option<Terminal> {
        match self {
            Self::Terminal(terminal) => Some(terminal.clone()),
            Self::Nothing | Self::Gone => None,
        }
    }
}

struct Stage {
    shown: watch::Sender<Shown>,
    viewers: Mutex<Viewers>,
    driver: watch::Sender<Option<ViewerId>>,
}

impl Stage {
    fn new() -> Self {
        Self {
            shown: watch::channel(Shown::Nothing).0,
            viewers: Mutex::default(),
            driver: watch::channel(None).0,
        }
    }

    /// Changes the viewers and returns the size that the terminal should get now.
    fn change(
        &self,
        change: impl FnOnce(&mut Viewers) -> Option<TerminalSize>,
    ) -> Option<TerminalSize> {
        let mut viewers = lock(&self.viewers);
        let size = change(&mut viewers);
        self.driver.send_if_modified(|driver| {
            let changed = *driver != viewers.driver();
            *driver = viewers.driver();
            changed
        });
        size
    }

    async fn apply(&self, size: Option<TerminalSize>) -> Result<(), TmuxError> {
        let terminal = self.shown.borrow().terminal();
        match (size, terminal) {
            (Some(size), Some(terminal)) => match terminal.resize(size).await {
                // The last screen keeps its size.
                Err(TmuxError::Ended) => Ok(()),
                applied => applied,
            },
            _ => Ok(()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change below is complete before the guard goes, so a panic elsewhere spoils nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// Size that a new run of this terminal should have: that of the window that will drive it.
    pub fn size_for(&self, id: &TerminalId) -> TerminalSize {
        let stage = self.stage(id);
        lock(&stage.viewers).driving_size().unwrap_or(TerminalSize::UNSEEN)
    }

    /// Puts a new run in front of the terminal's viewers, in the size of the one that drives:
    /// it may have come while the run began.
    pub async fn show(&self, id: &TerminalId, terminal: Terminal) {
        let stage = self.stage(id);
        stage.shown.send_replace(Shown::Terminal(terminal));
        let wanted = lock(&stage.viewers).driving_size();
        if let Err(error) = stage.apply(wanted).await {
            tracing::warn!(terminal = %id, %error, "a new terminal's size was not applied");
        }
    }

    /// The agent went to the trash: viewers of all its terminals see the end of their channel.
    pub fn forget(&self, agent: &AgentId) {
        lock(&self.stages).retain(|id, stage| {
            let other = id.agent != *agent;
            if !other {
                stage.shown.send_replace(Shown::Gone);
            }
            other
        });
    }

    /// One terminal was closed.
    pub fn forget_one(&self, id: &TerminalId) {
        if let Some(stage) = lock(&self.stages).remove(id) {
            stage.shown.send_replace(Shown::Gone);
        }
    }

    /// The screen of the newest run; nothing if there was none since the server started.
    pub fn screen(&self, id: &TerminalId) -> Option<ScreenText> {
        self.newest(id).map(|terminal| terminal.screen_text())
    }

    /// Which run is shown.
    pub fn epoch(&self, id: &TerminalId) -> Option<u64> {
        self.newest(id).map(|terminal| terminal.epoch())
    }

    /// Whether the run that is shown is over.
    pub fn has_ended(&self, id: &TerminalId) -> bool {
        self.newest(id).is_some_and(|terminal| terminal.has_ended())
    }

    fn newest(&self, id: &TerminalId) -> Option<Terminal> {
        let stage = lock(&self.stages).get(id).cloned()?;
        stage.shown.borrow().terminal()
    }

    /// Bytes that people typed or pasted since the start.
    pub fn input_bytes(&self) -> u64 {
        self.input_bytes.load(Ordering::Relaxed)
    }

    /// How many windows are open.
    pub fn viewers(&self) -> usize {
        let stages = lock(&self.stages);
        stages.values().map(|stage| lock(&stage.viewers).count()).sum()
    }

    /// A window opens on a terminal.
    pub async fn view(&self, id: &TerminalId, view: View, size: TerminalSize) -> Viewer {
        let stage = self.stage(id);
        let viewer_id = self.next_viewer.fetch_add(1, Ordering::Relaxed) + 1;
        let input_bytes = Arc::clone(&self.input_bytes);
        let viewer = Viewer { id: viewer_id, stage: Arc::clone(&stage), input_bytes };
        let wanted = stage.change(|viewers| viewers.open(viewer_id, view, size.clamped()));
        if let Err(error) = stage.apply(wanted).await {
            tracing::warn!(terminal = %id, %error, "a new window's size was not applied");
        }
        viewer
    }

    fn stage(&self, id: &TerminalId) -> Arc<Stage> {
        let mut stages = lock(&self.stages);
        Arc::clone(stages.entry(id.clone()).or_insert_with(|| Arc::new(Stage::new())))
    }
}

/// One window's place at a terminal; leaving it may hand the size to another window.
pub struct Viewer {
    id: ViewerId,
    stage: Arc<Stage>,
    input_bytes: Arc<AtomicU64>,
}

impl Viewer {
    /// What there is to see, as it changes.
    pub fn shown(&self) -> watch::Receiver<Shown> {
        self.stage.shown.subscribe()
    }

    /// Whose window sets the size, as it changes.
    pub fn driver(&self) -> watch::Receiver<Option<ViewerId>> {
        self.stage.driver.subscribe()
    }

    /// Whether this window sets the size now.
    pub fn drives(&self) -> bool {
        *self.stage.driver.borrow() == Some(self.id)
    }

    /// The window has a new size.
    pub async fn resize(&self, size: TerminalSize) -> Result<(), TmuxError> {
        let wanted = self.stage.change(|viewers| viewers.resize(self.id, size.clamped()));
        self.stage.apply(wanted).await
    }

    /// Types into the terminal.
    pub async fn input(&self, bytes: &[u8]) -> Result<(), TmuxError> {
        let terminal = self.stage.shown.borrow().terminal();
        match terminal {
            Some(terminal) => {
                self.input_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                terminal.input(bytes).await
            }
            None => Err(TmuxError::Ended),
        }
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let wanted = self.stage.change(|viewers| viewers.close(self.id));
        if wanted.is_some() {
            let stage = Arc::clone(&self.stage);
            tokio::spawn(async move {
                if let Err(error) = stage.apply(wanted).await {
                    tracing::warn!(%error, "the size of the remaining window was not applied");
                }
            });
        }
    }
}
