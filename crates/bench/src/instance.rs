//! One Maestro to measure: own folder, own port, own tmux.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::Outcome;

/// A running server.
pub(crate) struct Instance {
    folder: TempDir,
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    /// The command line's token.
    pub(crate) token: String,
    /// From the start of the process until it printed its link.
    pub(crate) ready_after: Duration,
}

impl Instance {
    /// Starts a server and waits until it accepts requests.
    pub(crate) async fn start(binary: &Path) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("mstb").tempdir_in("/tmp")?;
        Self::start_in(folder, binary).await
    }

    /// Kills the server and starts it again on what it left.
    pub(crate) async fn restart(mut self, binary: &Path) -> Outcome<Self> {
        self.child.kill().await?;
        Self::start_in(self.folder, binary).await
    }

    async fn start_in(folder: TempDir, binary: &Path) -> Outcome<Self> {
        let home = folder.path().join("home");
        let begin = Instant::now();
        let mut child = Command::new(binary)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .env("TERM", "xterm-256color")
            .arg("--home")
            .arg(&home)
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        loop {
            let line = output.next_line().await?.ok_or("maestro ended before it was ready")?;
            if line.contains("/login#t=") {
                break;
            }
        }
        let ready_after = begin.elapsed();
        let address = std::fs::read_to_string(home.join("run/address"))?;
        let token = std::fs::read_to_string(home.join("run/cli-token"))?;
        Ok(Self { folder, child, output, address, token, ready_after })
    }

    /// Process id of the server.
    pub(crate) fn pid(&self) -> Outcome<u32> {
        Ok(self.child.id().ok_or("the server has ended")?)
    }

    /// Process id of its tmux server.
    pub(crate) async fn tmux_pid(&self) -> Outcome<u32> {
        let mut client = Command::new("tmux");
        client.arg("-S").arg(self.tmux_socket()).args(["display-message", "-p", "#{pid}"]);
        Ok(String::from_utf8(client.output().await?.stdout)?.trim().parse()?)
    }

    /// The socket of its tmux server.
    pub(crate) fn tmux_socket(&self) -> PathBuf {
        self.folder.path().join("home/run/tmux-0.sock")
    }

    /// A folder for agents.
    pub(crate) fn work(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the server and its tmux.
    pub(crate) async fn stop(mut self) -> Outcome<()> {
        drop(self.output);
        self.child.kill().await?;
        let tmux = Command::new("tmux")
            .arg("-S")
            .arg(self.folder.path().join("home/run/tmux-0.sock"))
            .arg("kill-server")
            .status()
            .await?;
        if tmux.success() { Ok(()) } else { Err("tmux was gone already".into()) }
    }
}
