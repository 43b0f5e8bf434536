//! What tmux itself says of a world's agents: the truth that Maestro is compared with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use protocol::terminals::TerminalId;
use tokio::time::timeout;

use crate::Outcome;
use crate::world::process::program;

const PATIENCE: Duration = Duration::from_secs(20);

/// One tmux server, by its socket.
pub(crate) struct Panes {
    socket: PathBuf,
}

impl Panes {
    /// The server behind this socket.
    pub(crate) fn of(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// The socket's path.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Process ids of the living panes of terminals, by the terminal's id as tmux knows it. The
    /// session that Maestro itself looks through is none of them.
    pub(crate) async fn pids(&self) -> Outcome<BTreeMap<String, u32>> {
        let format = "#{session_name} #{pane_pid} #{pane_dead}";
        let output = self.ask(&["list-panes", "-a", "-F", format]).await?;
        let mut pids = BTreeMap::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let words: Vec<&str> = line.split(' ').collect();
            if let [session, pid, "0"] = words[..]
                && session.parse::<TerminalId>().is_ok()
            {
                pids.insert(session.to_owned(), pid.parse()?);
            }
        }
        Ok(pids)
    }

    /// Process id of the server.
    pub(crate) async fn server(&self) -> Outcome<u32> {
        let output = self.ask(&["display-message", "-p", "#{pid}"]).await?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        text.parse().map_err(|_| {
            let said = String::from_utf8_lossy(&output.stderr);
            format!("tmux does not say its process id: {text}{said}").into()
        })
    }

    /// Does what a person would do by hand; an error when tmux refuses.
    pub(crate) async fn by_hand(&self, words: &[&str]) -> Outcome<()> {
        let output = self.ask(words).await?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("tmux {words:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }

    async fn ask(&self, words: &[&str]) -> Outcome<Output> {
        let mut client = program("tmux");
        client.arg("-S").arg(&self.socket).args(words).kill_on_drop(true);
        Ok(timeout(PATIENCE, client.output()).await.map_err(|_| "tmux does not answer")??)
    }
}
