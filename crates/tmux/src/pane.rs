//! A pane: what tmux tells about it, and what goes into it.

use std::fmt::Write;

use protocol::terminals::{TerminalId, TerminalSize};
use tokio::sync::{Mutex, MutexGuard};

use crate::control::{Commands, Control, Incarnation};
use crate::error::TmuxError;

/// Bytes of input per command.
const INPUT_BATCH: usize = 1024;

/// Option of a pane that says whose it is. A person may rename its session, split its window or
/// move it elsewhere: the mark stays with the pane, and no other pane has it.
pub(crate) const MARK: &str = "@maestro-terminal";

/// Option of a pane that says which size Maestro believes it has.
pub(crate) const SIZE_MARK: &str = "@maestro-size";

/// The size that it has, in the same words.
pub(crate) const SIZE_FORMAT: &str = "#{pane_width}x#{pane_height}";

/// The value of [`SIZE_MARK`].
pub(crate) fn size_word(size: TerminalSize) -> String {
    format!("{}x{}", size.cols, size.rows)
}

/// Facts of one pane; numbers, and the terminal last.
pub(crate) const PANE_FORMAT: &str = "#{pane_id}:#{pane_pid}:#{pid}:#{pane_dead}:\
    #{pane_dead_status}:#{pane_dead_signal}:#{pane_width}:#{pane_height}:#{@maestro-terminal}";

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
    pub(crate) size: TerminalSize,
    pub(crate) terminal: TerminalId,
}

impl PaneFacts {
    /// Reads one line; `None` for panes that are not Maestro's.
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(9, ':');
        let pane = fields.next()?.strip_prefix('%')?.parse().ok()?;
        let pid = fields.next()?.parse().ok()?;
        let server = fields.next()?.parse().ok()?;
        let dead = fields.next()? == "1";
        let code = fields.next()?.parse().ok().map(Ending::Code);
        let signal = Some(fields.next()?).filter(|name| !name.is_empty()).map(|_| Ending::Signal);
        let size =
            TerminalSize { cols: fields.next()?.parse().ok()?, rows: fields.next()?.parse().ok()? };
        let terminal = fields.next()?.parse().ok()?;
        Some(Self { pane, pid, server, dead, ending: code.or(signal), size, terminal })
    }

    /// Whether tmux closed its terminal and does not know yet why.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.dead && self.ending.is_none()
    }

    /// Whether its program has ended and its output has not been taken.
    pub(crate) fn is_clogged(&self) -> bool {
        !self.dead && self.ending.is_some()
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

/// The panes that this filter of tmux's leaves, oldest first.
pub(crate) async fn panes(
    control: &Control,
    filter: &str,
) -> Result<(Vec<PaneFacts>, Incarnation), TmuxError> {
    list(control, &["-a", "-f", filter]).await
}

async fn list(
    control: &Control,
    which: &[&str],
) -> Result<(Vec<PaneFacts>, Incarnation), TmuxError> {
    let list = Commands::new("list-panes").args(which).args(["-F", PANE_FORMAT]);
    let answer = control.run(list).await?;
    let mut panes: Vec<_> =
        answer.bodies.iter().flat_map(|body| PaneFacts::parse_all(body)).collect();
    panes.sort_by_key(|facts| facts.pane);
    Ok((panes, answer.incarnation))
}

/// The pane of a terminal wherever it is; `None` if it has no session.
pub(crate) async fn find(
    control: &Control,
    terminal: &TerminalId,
) -> Result<Option<(PaneFacts, Incarnation)>, TmuxError> {
    // Where Maestro put it, or, which takes the longer the more there are, anywhere.
    let place = format!("={terminal}");
    let mark = format!("#{{==:#{{{MARK}}},{terminal}}}");
    for which in [&["-s", "-t", &place], &["-a", "-f", &mark]] {
        let (panes, server) = match list(control, which).await {
            Err(TmuxError::Refused { .. }) => continue,
            listed => listed?,
        };
        if let Some(facts) = panes.into_iter().find(|facts| facts.terminal == *terminal) {
            return Ok(Some((facts, server)));
        }
    }
    Ok(None)
}

/// What is known about a pane of this server; `None` if it is gone.
pub(crate) async fn look(
    control: &Control,
    server: Incarnation,
    pane: u32,
) -> Result<Option<PaneFacts>, TmuxError> {
    let target = format!("%{pane}");
    let list = Commands::new("list-panes").args(["-t", &target, "-F", PANE_FORMAT]);
    match control.run_on(server, list).await {
        // The list is of its window, where a person may have opened others.
        Ok(answer) => Ok(answer
            .bodies
            .iter()
            .flat_map(|body| PaneFacts::parse_all(body))
            .find(|facts| facts.pane == pane)),
        Err(TmuxError::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Ends this pane; none is fine. Its session ends with its last pane: what a person opened beside
/// it, or the session that a person moved it into, goes on.
pub(crate) async fn kill_pane(
    control: &Control,
    server: Incarnation,
    pane: u32,
) -> Result<(), TmuxError> {
    let kill = Commands::new("kill-pane").args(["-t", &format!("%{pane}")]);
    match control.run_on(server, kill).await {
        Ok(_) | Err(TmuxError::Refused { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Ends the session that this pane is in with all that a person opened there; none is fine. A
/// session that holds a pane of another terminal, since a person moved one, only loses this pane.
pub(crate) async fn kill_session(
    control: &Control,
    server: Incarnation,
    pane: u32,
) -> Result<(), TmuxError> {
    let target = format!("%{pane}");
    let marks =
        Commands::new("list-panes").args(["-s", "-t", &target, "-F", &format!("#{{{MARK}}}")]);
    let shared = match control.run_on(server, marks).await {
        Ok(answer) => {
            let marks = answer.bodies.iter().flat_map(|body| body.split(|&byte| byte == b'\n'));
            marks.filter(|mark| !mark.is_empty()).count() > 1
        }
        Err(TmuxError::Refused { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    if shared {
        return kill_pane(control, server, pane).await;
    }
    let kill = Commands::new("kill-session").args(["-t", &target]);
    match control.run_on(server, kill).await {
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

    /// Changes the size of the window from `before`, which from then on follows no client. If
    /// nobody knows whether it did, it is changed back.
    pub(crate) async fn resize(
        &self,
        before: TerminalSize,
        size: TerminalSize,
    ) -> Result<(), TmuxError> {
        // The mark comes first: nobody has to be told about a size that was asked for.
        let to = |size: TerminalSize| {
            Commands::new("set-option")
                .args(["-p", "-t", &self.target, SIZE_MARK, &size_word(size)])
                .then("resize-window")
                .args(["-t", &self.target])
                .size(size)
        };
        let resized = self.control.run_or_undo(to(size), to(before), Some(self.server)).await;
        resized.map(|(_, undo)| undo.keep())
    }
}

impl Pane {
    /// The size it really has, which from now on is the one that Maestro believes in.
    pub(crate) async fn true_size(&self) -> Result<Option<TerminalSize>, TmuxError> {
        let look = Commands::new("set-option")
            .args(["-F", "-p", "-t", &self.target, SIZE_MARK, SIZE_FORMAT])
            .then("display-message")
            .args(["-p", "-t", &self.target, PANE_FORMAT]);
        let answer = self.control.run_on(self.server, look).await?;
        let facts = answer.bodies.last().and_then(|body| PaneFacts::parse_all(body).pop());
        Ok(facts.filter(|facts| !facts.dead).map(|facts| facts.size))
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
        let body = b"%7:42:9:0:::80:24:01jd5m0w3v8k2q4r6s8t0v2x4z-1\n\
                     %8:43:9:1:3::80:24:01jd5m0w3v8k2q4r6s8t0v2x4y\n\
                     %8:43:9:1::9:80:24:01jd5m0w3v8k2q4r6s8t0v2x4y\n\
                     %8:43:9:1:::80:24:01jd5m0w3v8k2q4r6s8t0v2x4y\n\
                     %0:1:9:0:::80:24:\n%9:x:9:0:::80:24:01jd5m0w3v8k2q4r6s8t0v2x4z\nnoise\n";
        let panes = PaneFacts::parse_all(body);
        let endings: Vec<_> = panes.iter().map(PaneFacts::ended).collect();
        assert_eq!(endings, [None, Some(Ending::Code(3)), Some(Ending::Signal), None]);
        assert_eq!((panes[0].pane, panes[0].pid, panes[0].server), (7, 42, 9));
        assert_eq!(panes[0].size, TerminalSize { cols: 80, rows: 24 });
        assert_eq!(panes[0].terminal.number, 1);
    }
}
