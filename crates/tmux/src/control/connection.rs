//! One life of the control client: its process, its pipes, and the answers it owes.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::keeper::Keeper;
use super::parser::{Block, Parser};
use super::{Answer, AnswerSender, Incarnation, Request};
use crate::config::{OPTIONS, TmuxConfig};
use crate::error::TmuxError;
use crate::launch::is_private;
use crate::registry::Registry;
use crate::server::TmuxEvent;
use crate::statistics::{Counters, Ticket};

/// Session that keeps the control client company; a program that only waits.
const HOLD: [&str; 4] = ["-s", "maestro", "-n", "hold"];
/// A new client has answered within this time, or is given up.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Unsent bytes and unanswered commands above which no new command is taken.
const UNSENT_BYTES: usize = 64 * 1024;
const UNANSWERED: usize = 512;
/// An answer that takes longer than this is worth telling.
pub(super) const SILENT_AFTER: Duration = Duration::from_secs(2);

/// tmux for Maestro's own server, without anything of Maestro's in its environment.
pub(crate) fn tmux_command(config: &TmuxConfig) -> Command {
    let mut command = Command::new(&config.tmux_program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_private(name)) {
        command.env_remove(name);
    }
    command
        .arg("-S")
        .arg(config.server_socket())
        // Wide characters are one thing to tmux only in a UTF-8 client.
        .args(["-u", "-f", "/dev/null"])
        .current_dir("/")
        // Ctrl-C in Maestro's terminal is not for tmux.
        .process_group(0)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// A list of commands that was sent.
struct Waiting {
    first: &'static str,
    /// Answers to come if all goes well; the first error ends the list.
    left: usize,
    bodies: Vec<Vec<u8>>,
    answer: Option<AnswerSender>,
    ticket: Ticket,
    sent: Instant,
}

/// A connected control client.
pub(crate) struct Connection {
    _child: Child,
    input: ChildStdin,
    output: ChildStdout,
    parser: Parser,
    unsent: BytesMut,
    waiting: VecDeque<Waiting>,
    /// Process id and start time of the server.
    server: Vec<u8>,
}

/// What the connection works for.
pub(super) struct Office {
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) registry: Arc<Registry>,
    pub(super) keeper: Arc<Keeper>,
    pub(super) counters: Arc<Counters>,
    /// Whether somebody was told that tmux does not answer.
    pub(super) silent: bool,
}

impl Office {
    pub(super) async fn tell_silent(&mut self) {
        if !std::mem::replace(&mut self.silent, true) {
            self.registry.tell(TmuxEvent::Silent).await;
        }
    }

    pub(super) async fn tell_answering(&mut self) {
        if std::mem::replace(&mut self.silent, false) {
            self.registry.tell(TmuxEvent::Answering).await;
        }
    }
}

impl Connection {
    /// Starts the server if there is none, joins it, and gives it our options.
    pub(crate) async fn open(keeper: &Keeper) -> Result<Self, TmuxError> {
        keeper.ensure().await?;
        let config = keeper.config();
        let mut child = tmux_command(config)
            // Never starts a second server beside one that cannot be reached.
            .args(["-N", "-C", "new-session", "-A"])
            .args(HOLD)
            .args(["-x", "80", "-y", "24", "-f", "no-output,ignore-size", "cat", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| TmuxError::NoTmux {
                program: config.tmux_program.clone(),
                reason: error.to_string(),
            })?;
        let (Some(input), Some(output), Some(mut errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(TmuxError::Unreachable("it has no pipes".into()));
        };
        let mut connection = Self {
            _child: child,
            input,
            output,
            parser: Parser::default(),
            unsent: BytesMut::new(),
            waiting: VecDeque::new(),
            server: Vec::new(),
        };
        let failed = match tokio::time::timeout(CONNECT_WITHIN, connection.set_up()).await {
            Ok(Ok(())) => {
                if let Some(pid) = connection.server_pid() {
                    keeper.remember(pid);
                }
                return Ok(connection);
            }
            Ok(Err(reason)) => reason,
            Err(_) => "its control client did not answer".to_owned(),
        };
        drop(connection);
        let mut said = Vec::new();
        let read = errors.read_to_end(&mut said);
        // The client was killed above; what it said is a courtesy.
        let _complete = tokio::time::timeout(Duration::from_secs(1), read).await;
        let said = String::from_utf8_lossy(&said[..said.len().min(300)]).trim().to_owned();
        Err(TmuxError::Unreachable(if said.is_empty() { failed } else { said }))
    }

    /// Reads the answer to joining, then sends the options and asks who the server is.
    async fn set_up(&mut self) -> Result<(), String> {
        let joined = self.blocks(1, |block| !block.ours).await?;
        if let Some(refused) = joined.iter().find(|block| !block.ok) {
            return Err(String::from_utf8_lossy(&refused.body).trim().to_owned());
        }
        let options: Vec<&str> =
            OPTIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        let script =
            format!("{}\ndisplay-message -p '#{{pid}} #{{start_time}}'\n", options.join("\n"));
        self.input.write_all(script.as_bytes()).await.map_err(|error| error.to_string())?;
        let mut blocks = self.blocks(options.len() + 1, |block| block.ours).await?;
        self.server = blocks.pop().map(|block| block.body).unwrap_or_default();
        for (option, block) in options.iter().zip(&blocks).filter(|(_, block)| !block.ok) {
            let reason = String::from_utf8_lossy(&block.body);
            tracing::warn!(option, reason = reason.trim(), "tmux refused an option");
        }
        Ok(())
    }

    async fn blocks(
        &mut self,
        count: usize,
        wanted: impl Fn(&Block) -> bool,
    ) -> Result<Vec<Block>, String> {
        let mut found = Vec::new();
        let mut buffer = vec![0; 4096];
        while found.len() < count {
            let length = self.output.read(&mut buffer).await.map_err(|error| error.to_string())?;
            if length == 0 {
                return Err("its control client ended at once".to_owned());
            }
            let blocks = self.parser.feed(&buffer[..length]).map_err(|error| error.to_string())?;
            found.extend(blocks.into_iter().filter(&wanted));
        }
        Ok(found)
    }

    fn server_pid(&self) -> Option<i32> {
        std::str::from_utf8(&self.server).ok()?.split(' ').next()?.parse().ok()
    }

    /// Tells servers apart.
    pub(crate) fn server(&self) -> &[u8] {
        &self.server
    }

    /// Executes requests until the client ends (then why) or nobody can ask any more (`None`).
    pub(super) async fn serve(
        mut self,
        office: &mut Office,
        incarnation: Incarnation,
    ) -> Option<String> {
        let mut buffer = vec![0; 16 * 1024];
        // Who catches up is not silent, however old the commands are.
        let mut heard = Instant::now();
        loop {
            let room = self.unsent.len() < UNSENT_BYTES && self.waiting.len() < UNANSWERED;
            let overdue = self
                .waiting
                .front()
                .filter(|_| !office.silent)
                .map(|waiting| waiting.sent.max(heard) + SILENT_AFTER);
            tokio::select! {
                read = self.output.read(&mut buffer) => match read {
                    Ok(0) => return Some("its control client ended".to_owned()),
                    Ok(length) => match self.parser.feed(&buffer[..length]) {
                        Ok(blocks) => {
                            let ours = blocks.iter().any(|block| block.ours);
                            for block in blocks {
                                self.resolve(block, incarnation);
                            }
                            if ours {
                                heard = Instant::now();
                                office.tell_answering().await;
                            }
                        }
                        Err(error) => return Some(error.to_string()),
                    },
                    Err(error) => return Some(error.to_string()),
                },
                written = self.input.write(&self.unsent), if !self.unsent.is_empty() => match written {
                    Ok(length) => self.unsent.advance(length),
                    Err(error) => return Some(error.to_string()),
                },
                request = office.requests.recv(), if room => self.take(request?, incarnation),
                () = tokio::time::sleep_until(overdue.unwrap_or_else(Instant::now)),
                    if overdue.is_some() => office.tell_silent().await,
            }
        }
    }

    fn take(&mut self, request: Request, incarnation: Incarnation) {
        let Request { commands, only, answer, ticket } = request;
        if only.is_some_and(|only| only != incarnation) {
            // The receiver may have given up: then nobody needs to know.
            let _given_up = answer.map(|answer| answer.send(Err(TmuxError::ServerGone)));
            return;
        }
        // Who stopped waiting must not be surprised by a late effect.
        if answer.as_ref().is_some_and(AnswerSender::is_closed) {
            return;
        }
        self.unsent.extend_from_slice(&commands.line);
        self.unsent.extend_from_slice(b"\n");
        self.waiting.push_back(Waiting {
            first: commands.first,
            left: commands.count,
            bodies: Vec::with_capacity(commands.count),
            answer,
            ticket,
            sent: Instant::now(),
        });
    }

    fn resolve(&mut self, block: Block, incarnation: Incarnation) {
        if !block.ours {
            return;
        }
        let Some(waiting) = self.waiting.front_mut() else {
            tracing::warn!("tmux answered a command that nobody sent");
            return;
        };
        waiting.left -= 1;
        let finished = waiting.left == 0 || !block.ok;
        if block.ok {
            waiting.bodies.push(block.body);
        } else {
            waiting.left = 0;
            let reason = String::from_utf8_lossy(&block.body).trim().to_owned();
            let command = waiting.first.to_owned();
            self.answer_first(|_| Err(TmuxError::Refused { command, reason }));
            return;
        }
        if finished {
            self.answer_first(|bodies| Ok(Answer { bodies, incarnation }));
        }
    }

    fn answer_first(&mut self, answer: impl FnOnce(Vec<Vec<u8>>) -> Result<Answer, TmuxError>) {
        if let Some(waiting) = self.waiting.pop_front() {
            waiting.ticket.answered();
            // The receiver may have given up: then nobody needs to know.
            let _given_up = waiting.answer.map(|sender| sender.send(answer(waiting.bodies)));
        }
    }
}
