//! The tmux server as a process: how it is started, recognised, and found again.
//!
//! Its socket is only a name in a folder. When somebody deletes it, the server lives on with all
//! its sessions; to start a second one would be to give them up. So the server's process is
//! remembered, also in a file for the time after a restart, and as long as it lives it is asked
//! to make its socket anew instead (`SIGUSR1`).

use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;

use super::tmux_command;
use crate::config::TmuxConfig;
use crate::error::TmuxError;
use crate::platform::{Process, birth};
use crate::scope;

/// A server has made its socket anew, and a new one is up, within this time.
const SOCKET_WITHIN: Duration = Duration::from_secs(2);
const START_WITHIN: Duration = Duration::from_secs(5);
/// First wait before another look at the socket; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(5);

/// Knows the server.
pub(crate) struct Keeper {
    config: Arc<TmuxConfig>,
    server: Mutex<Option<Arc<Process>>>,
}

impl Keeper {
    pub(crate) fn config(&self) -> &TmuxConfig {
        &self.config
    }

    /// Takes hold of the server that an earlier process remembered, if it lives.
    pub(crate) fn new(config: Arc<TmuxConfig>) -> Self {
        let keeper = Self { config, server: Mutex::default() };
        let remembered = keeper.read();
        *keeper.server() = remembered.map(Arc::new);
        keeper
    }

    fn server(&self) -> MutexGuard<'_, Option<Arc<Process>>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> PathBuf {
        self.config.run_dir.join("tmux-0.pid")
    }

    /// `PID BIRTH`: a number alone would be a stranger's after a while.
    fn read(&self) -> Option<Process> {
        let text = std::fs::read_to_string(self.file()).ok()?;
        let (pid, born) = text.trim().split_once(' ')?;
        let pid = pid.parse().ok()?;
        let process = Process::open(pid)?;
        (birth(pid)? == born).then_some(process)
    }

    /// This is the server.
    pub(super) fn remember(&self, pid: i32) {
        *self.server() = Process::open(pid).map(Arc::new);
        let Some(born) = birth(pid) else { return };
        let write = || -> io::Result<()> {
            let new = self.file().with_extension("new");
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&new)?;
            io::Write::write_all(&mut file, format!("{pid} {born}\n").as_bytes())?;
            std::fs::rename(&new, self.file())
        };
        if let Err(error) = write() {
            tracing::warn!(%error, "cannot remember the tmux server");
        }
    }

    /// The server's process, if it lives.
    fn living(&self) -> Option<Arc<Process>> {
        self.server().clone().filter(|process| process.is_alive())
    }

    /// Whether the server that was last known has ended.
    pub(super) fn is_gone(&self) -> bool {
        self.living().is_none()
    }

    /// Waits until it has.
    pub(super) async fn ended(&self) {
        if let Some(server) = self.living() {
            server.ended().await;
        }
    }

    /// Whether somebody listens at the socket. One that is stopped listens too.
    async fn listens(&self) -> bool {
        match UnixStream::connect(self.config.server_socket()).await {
            Ok(mut stream) => {
                let _closed = stream.shutdown().await;
                true
            }
            Err(error) => {
                !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
            }
        }
    }

    /// Makes a living server's socket reachable again; true if it was not.
    pub(crate) async fn mend(&self) -> bool {
        if self.listens().await {
            return false;
        }
        let Some(server) = self.living() else { return false };
        tracing::warn!("the socket of the tmux server is gone; asking the server for a new one");
        server.signal(Signal::USR1);
        self.wait_for_socket(&server).await
    }

    async fn wait_for_socket(&self, server: &Process) -> bool {
        let waiting = async {
            let mut wait = FIRST_WAIT;
            // Nothing tells of a new socket.
            while !self.listens().await {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
        };
        tokio::select! {
            waited = tokio::time::timeout(SOCKET_WITHIN, waiting) => waited.is_ok(),
            () = server.ended() => false,
        }
    }

    /// Makes sure that there is a server: the one that lives, or a new one.
    pub(super) async fn ensure(&self) -> Result<(), TmuxError> {
        if self.listens().await || self.mend().await {
            return Ok(());
        }
        if self.is_gone() {
            return self.start().await;
        }
        Err(TmuxError::Unreachable("it lives, but does not make its socket anew".into()))
    }

    /// Starts a server that stays without sessions.
    async fn start(&self) -> Result<(), TmuxError> {
        let plain = || {
            let mut command = tmux_command(&self.config);
            command.args(["start-server", ";", "set-option", "-s", "exit-empty", "off"]);
            command
        };
        let number = getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()));
        let facts = scope::Facts::gather();
        if let Some((program, words)) = scope::wrapper(&facts, number) {
            match self.execute(wrapped(program, &words, &plain())).await {
                Ok(()) => return Ok(()),
                Err(error) => tracing::warn!(
                    %error,
                    "systemd gave the tmux server no scope of its own; it may end with Maestro"
                ),
            }
        }
        self.execute(plain()).await
    }

    async fn execute(&self, mut command: tokio::process::Command) -> Result<(), TmuxError> {
        let output = tokio::time::timeout(START_WITHIN, command.output())
            .await
            .map_err(|_| TmuxError::Unreachable("it did not start within 5 seconds".into()))?
            .map_err(|error| TmuxError::NoTmux {
                program: self.config.tmux_program.clone(),
                reason: error.to_string(),
            })?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().chars().take(300).collect();
        Err(TmuxError::Unreachable(said))
    }
}

/// The same command with the same surroundings, run by another program.
fn wrapped(
    program: &std::path::Path,
    words: &[std::ffi::OsString],
    command: &tokio::process::Command,
) -> tokio::process::Command {
    let command = command.as_std();
    let mut outer = tokio::process::Command::new(program);
    outer.args(words).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer.current_dir("/").process_group(0).stdin(std::process::Stdio::null()).kill_on_drop(true);
    outer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_number_that_another_process_has_now_is_not_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let config = Arc::new(TmuxConfig {
            run_dir: folder.path().into(),
            maestro_exe: "/bin/maestro".into(),
            tmux_program: "tmux".into(),
        });
        let mut child = tokio::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let pid = child.id().unwrap().cast_signed();
        Keeper::new(Arc::clone(&config)).remember(pid);
        assert!(!Keeper::new(Arc::clone(&config)).is_gone());
        let file = folder.path().join("tmux-0.pid");
        let text = std::fs::read_to_string(&file).unwrap();
        for other in [text.replace(' ', " 1"), format!("{pid}\n"), String::new()] {
            std::fs::write(&file, other).unwrap();
            assert!(Keeper::new(Arc::clone(&config)).is_gone());
        }
        std::fs::write(&file, text).unwrap();
        drop(child.stdin.take());
        child.wait().await.unwrap();
        assert!(Keeper::new(config).is_gone());
    }
}
