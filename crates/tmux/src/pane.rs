//! A pane: what tmux tells about it, and what goes into it.

use std::fmt::Write;

use protocol::agents::AgentId;
use protocol::terminals::TerminalSize;
use tokio::sync::{Mutex, MutexGuard};

use crate::control::{Commands, Control, Incarnation};
use crate::error::TmuxError;

/// Bytes of input per command.
const INPUT_BATCH: usize = 1024;

/// Facts of one pane; numbers, and the session's name last.
pub(crate) const PANE_FORMAT: &str = "#{pane_id}:#{pane_pid}:#{pid}:#{pane_dead}:\
    #{pane_dead_status}:#{pane_dead_signal}:#{session_name}";

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Code(i32),
    Signal,
}

impl Ending {
    /// The exit code; a signal leaves none.
    pub(crate) fn code(self) -> Option<i32> {
        match self {
            Self::Code(code) => Some(code),
            Self::Signal => None,
        }
    }
}

/// One line in [`PANE_FORMAT`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaneFacts {
    pub(crate) pane: u32,
    pub(crate) pid: i32,
    /// Process id of tmux itself.
    pub(crate) server: i32,
    /// Whether its terminal is closed.
    dead: bool,
    /// What tmux was told about the end of its program.
    pub(crate) ending: Option<Ending>,
    pub(crate) agent: AgentId,
}

impl PaneFacts {
    /// Reads one line; `None` for sessions that are not Maestro's.
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(7, ':');
        let pane = fields.next()?.strip_prefix('%')?.parse().ok()?;
        let pid = fields.next()?.parse().ok()?;
        let server = fields.next()?.parse().ok()?;
        let dead = fields.next()? == "1";
        let code = fields.next()?.parse().ok().map(Ending::Code);
        let signal = Some(fields.next()?).filter(|name| !name.is_empty()).map(|_| Ending::Signal);
        let agent = fields.next()?.parse().ok()?;
        Some(Self { pane, pid, server, dead, ending: code.or(signal), agent })
    }

    /// Whether tmux closed its terminal and does not know yet why.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.dead && self.ending.is_none()
    }

    /// How its program ended, once all its output has been read too.
    pub(crate) fn ended(&self) -> Option<Ending> {
        self.ending.filter(|_| self.dead)
    }

    /// Reads an answer in [`PANE_FORMAT`].
    pub(crate) fn parse_all(body: &[u8]) -> Vec<Self> {
        String::from_utf8_lossy(body).lines().filter_map(Self::parse).collect()
    }
}

/// All panes of an agent's session, oldest first; none if there is no such session.
pub(crate) async fn panes_of(
    control: &Control,
    agent: &AgentId,
) -> Result<(Vec<PaneFacts>, Incarnation), TmuxError> {
    // The whole server is listed because tmux words "no such session" differently by version.
    let (panes, incarnation) = all_panes(control).await?;
    let mut panes: Vec<_> = panes.into_iter().filter(|facts| facts.agent == *agent).collect();
    panes.sort_by_key(|facts| facts.pane);
    Ok((panes, incarnation))
}

/// All panes of all agents.
pub(crate) async fn all_panes(
    control: &Control,
) -> Result<(Vec<PaneFacts>, Incarnation), TmuxError> {
    let answer = control.run(Commands::new("list-panes").args(["-a", "-F", PANE_FORMAT])).await?;
    let panes = answer.bodies.iter().flat_map(|body| PaneFacts::parse_all(body)).collect();
    Ok((panes, answer.incarnation))
}

/// Ends an agent's session, if it has one.
pub(crate) async fn kill_session(control: &Control, agent: &AgentId) -> Result<(), TmuxError> {
    match control.run(Commands::new("kill-session").args(["-t", &format!("={agent}")])).await {
        Ok(_) | Err(TmuxError::Refused { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The way into one pane of one run of the server.
pub(crate) struct Pane {
    control: Control,
    server: Incarnation,
    /// `%7`
    target: String,
    typing: Mutex<()>,
    resizing: Mutex<()>,
}

impl Pane {
    pub(crate) fn new(control: Control, server: Incarnation, pane: u32) -> Self {
        Self {
            control,
            server,
            target: format!("%{pane}"),
            typing: Mutex::default(),
            resizing: Mutex::default(),
        }
    }

    /// Sends raw bytes as hex: all batches in one turn, without waiting for answers between.
    pub(crate) async fn input(&self, bytes: &[u8]) -> Result<(), TmuxError> {
        let turn = self.typing.lock().await;
        let mut sent = Vec::new();
        for batch in bytes.chunks(INPUT_BATCH) {
            let keys = Commands::new("send-keys").args(["-t", &self.target, "-H"]).hex(batch);
            sent.push(self.control.submit(keys, Some(self.server)).await?);
        }
        drop(turn);
        for pending in sent {
            pending.answer().await?;
        }
        Ok(())
    }

    /// Makes whoever changes the size wait for those before.
    pub(crate) async fn resizing(&self) -> MutexGuard<'_, ()> {
        self.resizing.lock().await
    }

    /// Changes the size of the window, which from then on follows no client.
    pub(crate) async fn resize(&self, size: TerminalSize) -> Result<(), TmuxError> {
        let command = Commands::new("resize-window").args(["-t", &self.target]).size(size);
        self.control.run_on(self.server, command).await.map(drop)
    }
}

impl Commands {
    /// `-x COLUMNS -y ROWS`.
    pub(crate) fn size(self, size: TerminalSize) -> Self {
        self.args(["-x", &size.cols.to_string(), "-y", &size.rows.to_string()])
    }

    /// Bytes as hexadecimal words.
    fn hex(self, bytes: &[u8]) -> Self {
        let mut words = String::with_capacity(bytes.len() * 3);
        for byte in bytes {
            // Writing to a string cannot fail.
            let _written = write!(words, " {byte:02x}");
        }
        self.raw(&words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pane_lines_are_read_and_foreign_sessions_left_alone() {
        let body = b"%7:42:9:0:::01jd5m0w3v8k2q4r6s8t0v2x4z\n%8:43:9:1:3::01jd5m0w3v8k2q4r6s8t0v2x4y\n\
                     %8:43:9:1::9:01jd5m0w3v8k2q4r6s8t0v2x4y\n%8:43:9:1:::01jd5m0w3v8k2q4r6s8t0v2x4y\n\
                     %0:1:9:0:::maestro\n%9:x:9:0:::01jd5m0w3v8k2q4r6s8t0v2x4z\nnoise\n";
        let panes = PaneFacts::parse_all(body);
        let endings: Vec<_> = panes.iter().map(PaneFacts::ended).collect();
        assert_eq!(endings, [None, Some(Ending::Code(3)), Some(Ending::Signal), None]);
        assert_eq!((panes[0].pane, panes[0].pid, panes[0].server), (7, 42, 9));
    }
}
