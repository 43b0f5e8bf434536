//! One place per agent where its terminal and its viewers meet.
//!
//! Viewers belong to the agent, not to a run of it: whoever looks at a stopped agent sees the
//! new terminal when it is started again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use protocol::agents::AgentId;
use protocol::error::ApiError;
use protocol::message::View;
use protocol::ports::TerminalsPort;
use protocol::terminals::{ScreenText, TerminalSize};
use tmux::{Terminal, TmuxError};
use tokio::sync::watch;

use super::viewers::{ViewerId, Viewers};

/// Terminals of all agents.
#[derive(Default)]
pub struct Hub {
    stages: Mutex<HashMap<AgentId, Arc<Stage>>>,
    next_viewer: AtomicU64,
}

/// What there is to see of an agent.
#[derive(Clone)]
pub enum Shown {
    /// It was not started since the server came up.
    Nothing,
    /// Its terminal, live or with its last screen.
    Terminal(Terminal),
    /// It was deleted.
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
    /// Size that a new terminal of this agent should have: that of the window that will drive it.
    pub fn size_for(&self, agent: &AgentId) -> TerminalSize {
        let stage = self.stage(agent);
        lock(&stage.viewers).driving_size().unwrap_or(TerminalSize::UNSEEN)
    }

    /// Puts an agent's new terminal in front of its viewers, in the size of the one that drives:
    /// it may have come while the terminal was made.
    pub async fn show(&self, agent: &AgentId, terminal: Terminal) {
        let stage = self.stage(agent);
        stage.shown.send_replace(Shown::Terminal(terminal));
        let wanted = lock(&stage.viewers).driving_size();
        if let Err(error) = stage.apply(wanted).await {
            tracing::warn!(agent.id = %agent, %error, "a new terminal's size was not applied");
        }
    }

    /// The agent was deleted: its viewers see the end of their channel.
    pub fn forget(&self, agent: &AgentId) {
        if let Some(stage) = lock(&self.stages).remove(agent) {
            stage.shown.send_replace(Shown::Gone);
        }
    }

    /// A window opens on an agent.
    pub async fn view(&self, agent: &AgentId, view: View, size: TerminalSize) -> Viewer {
        let stage = self.stage(agent);
        let id = self.next_viewer.fetch_add(1, Ordering::Relaxed) + 1;
        let viewer = Viewer { id, stage: Arc::clone(&stage) };
        let wanted = stage.change(|viewers| viewers.open(id, view, size.clamped()));
        if let Err(error) = stage.apply(wanted).await {
            tracing::warn!(agent.id = %agent, %error, "a new window's size was not applied");
        }
        viewer
    }

    fn stage(&self, agent: &AgentId) -> Arc<Stage> {
        let mut stages = lock(&self.stages);
        Arc::clone(stages.entry(agent.clone()).or_insert_with(|| Arc::new(Stage::new())))
    }
}

#[async_trait]
impl TerminalsPort for Hub {
    async fn screen(&self, id: &AgentId) -> Result<ScreenText, ApiError> {
        let stage = lock(&self.stages).get(id).cloned();
        let terminal = stage.and_then(|stage| stage.shown.borrow().terminal());
        Ok(terminal.map(|terminal| terminal.screen_text()).unwrap_or_default())
    }
}

/// One window's place at a terminal; leaving it may hand the size to another window.
pub struct Viewer {
    id: ViewerId,
    stage: Arc<Stage>,
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
            Some(terminal) => terminal.input(bytes).await,
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
