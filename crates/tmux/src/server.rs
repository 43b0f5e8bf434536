//! The handle to Maestro's tmux server.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::terminals::TerminalId;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::config::TmuxConfig;
use crate::control::{Control, Keeper};
use crate::error::TmuxError;
use crate::launch;
use crate::pane::panes;
use crate::platform::raise_open_files;
use crate::registry::Registry;
use crate::session::Services;
use crate::statistics::Statistics;
use crate::taps::Taps;
use crate::watch;

/// Events that may wait for their receiver.
const EVENTS: usize = 4096;

/// What happens without being asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TmuxEvent {
    /// A program ended by itself; all its output is in its terminal. Its dead session stays, and
    /// is told again after a restart, until it is [buried](Tmux::bury).
    Exited {
        /// Which.
        terminal: TerminalId,
        /// Of which life: [`crate::Terminal::epoch`].
        epoch: u64,
        /// Exit code; absent when a signal ended it.
        code: Option<i32>,
    },
    /// A session disappeared.
    Lost {
        /// Which.
        terminal: TerminalId,
        /// Of which life: [`crate::Terminal::epoch`].
        epoch: u64,
    },
    /// The tmux server is gone; a `Lost` for each of its terminals follows.
    ServerGone,
    /// A tmux server runs again and takes new terminals.
    ServerBack,
    /// A command has waited two seconds for its answer. Told once, until `Answering`.
    Silent,
    /// tmux answers again.
    Answering,
}

/// Handle to the tmux server. Clones share it; when the last one is dropped, Maestro lets go of
/// the server and the programs go on.
#[derive(Clone)]
pub struct Tmux {
    pub(crate) services: Arc<Services>,
    version: Arc<str>,
    pub(crate) tasks: Arc<Mutex<JoinSet<()>>>,
}

impl Tmux {
    /// Starts the server, or joins the one that runs already.
    pub async fn start(config: TmuxConfig) -> Result<(Self, mpsc::Receiver<TmuxEvent>), TmuxError> {
        let config = Arc::new(config.prepare()?);
        let version = installed_version(&config.tmux_program).await?;
        let open_files = raise_open_files();
        let (events, receiver) = mpsc::channel(EVENTS);
        let registry = Arc::new(Registry::new(events));
        let taps = Taps::default();
        let listener = Taps::bind(&config.tap_socket())?;
        let keeper = Arc::new(Keeper::new(Arc::clone(&config)));
        let (control, connected) =
            Control::start(Arc::clone(&keeper), Arc::clone(&registry)).await?;

        let mut tasks = JoinSet::new();
        tasks.spawn(taps.clone().serve(listener));
        tasks.spawn(connected);
        let services = Arc::new(Services { config, control, keeper, taps, registry, open_files });
        tasks.spawn(watch::watch(Arc::clone(&services)));
        let tasks = Arc::new(Mutex::new(tasks));
        let tmux = Self { services, version: version.into(), tasks };
        launch::sweep(&tmux.services.config.launch_dir(), &tmux.running().await?);
        Ok((tmux, receiver))
    }

    /// The version of tmux, such as `3.3a`.
    pub fn version(&self) -> String {
        self.version.to_string()
    }

    /// Terminals that have a session, ended or not, whether this process looks after them or not.
    pub async fn running(&self) -> Result<Vec<TerminalId>, TmuxError> {
        let (panes, _) = panes(&self.services.control, "1").await?;
        let terminals: BTreeSet<TerminalId> =
            panes.into_iter().map(|facts| facts.terminal).collect();
        Ok(terminals.into_iter().collect())
    }

    /// Numbers about the way to tmux. Costs nothing worth mentioning.
    pub fn statistics(&self) -> Statistics {
        self.services.control.counters().read(self.services.registry.count())
    }

    /// Lets go of the server; the programs go on.
    pub async fn shutdown(self) {
        let mut tasks = {
            let mut shared = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *shared)
        };
        tasks.shutdown().await;
    }
}

/// The version of the tmux that is installed as `program`, such as `3.3a`; an error says what to
/// install when there is none or it is too old.
pub async fn installed_version(program: &Path) -> Result<String, TmuxError> {
    let no_tmux = |reason: String| TmuxError::NoTmux { program: program.to_owned(), reason };
    let output = tokio::process::Command::new(program)
        .arg("-V")
        .output()
        .await
        .map_err(|error| no_tmux(error.to_string()))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let version = said.strip_prefix("tmux ").ok_or_else(|| no_tmux(format!("it says {said:?}")))?;
    if is_too_old(version) {
        return Err(TmuxError::TooOld(version.to_owned()));
    }
    Ok(version.to_owned())
}

/// Before 3.3 panes do not tell the signal that ended a program. Versions without numbers are builds of the newest source.
fn is_too_old(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .split(|c: char| !c.is_ascii_digit())
        .map(|number| number.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), minor) => (major, minor.unwrap_or(0)) < (3, 3),
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_before_3_3_are_refused() {
        for (version, too_old) in [
            ("3.3a", false),
            ("3.3", false),
            ("4.0", false),
            ("3.2a", true),
            ("3.1c", true),
            ("2.9", true),
            ("next-3.6", false),
            ("master", false),
        ] {
            assert_eq!(is_too_old(version), too_old, "{version}");
        }
    }
}
