//! The one control-mode client through which every command goes.

mod client;
mod connection;
mod parser;

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::error::TmuxError;
use crate::quote::tmux_word;

pub(crate) use client::drive;
pub(crate) use connection::{Connection, tmux_command};

/// Every command is answered within this time, or fails.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Commands that wait for a place behind those already sent.
const QUEUE: usize = 256;

/// Which run of the tmux server: ids of panes mean nothing in another one.
pub(crate) type Incarnation = u64;

/// Commands that tmux executes without letting anything else happen between them.
#[derive(Clone, Debug)]
pub(crate) struct Commands {
    line: Vec<u8>,
    count: usize,
    first: &'static str,
}

impl Commands {
    /// Begins with this command.
    pub(crate) fn new(command: &'static str) -> Self {
        Self { line: command.as_bytes().to_vec(), count: 1, first: command }
    }

    /// Goes on with another command.
    pub(crate) fn then(mut self, command: &'static str) -> Self {
        self.line.extend_from_slice(b" ; ");
        self.line.extend_from_slice(command.as_bytes());
        self.count += 1;
        self
    }

    /// Adds arguments, quoted.
    pub(crate) fn args<T: AsRef<[u8]>>(mut self, words: impl IntoIterator<Item = T>) -> Self {
        for word in words {
            self.line.push(b' ');
            self.line.extend(tmux_word(word.as_ref()));
        }
        self
    }

    /// Adds words that need no quotes.
    pub(crate) fn raw(mut self, words: &str) -> Self {
        self.line.extend_from_slice(words.as_bytes());
        self
    }
}

/// What tmux printed for each command, and which server that was.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) bodies: Vec<Vec<u8>>,
    pub(crate) incarnation: Incarnation,
}

type AnswerSender = oneshot::Sender<Result<Answer, TmuxError>>;

/// A list of commands on its way.
pub(crate) struct Request {
    commands: Commands,
    /// Only this server may execute it.
    only: Option<Incarnation>,
    answer: AnswerSender,
}

/// Sends commands to the task that owns the connection.
#[derive(Clone)]
pub(crate) struct Control {
    queue: mpsc::Sender<Request>,
}

/// The answer that is still to come.
pub(crate) struct Pending {
    first: &'static str,
    answer: oneshot::Receiver<Result<Answer, TmuxError>>,
}

impl Pending {
    pub(crate) async fn answer(self) -> Result<Answer, TmuxError> {
        match tokio::time::timeout(ANSWER_WITHIN, self.answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(TmuxError::ServerGone),
            Err(_) => Err(TmuxError::Timeout(self.first.to_owned())),
        }
    }
}

impl Control {
    pub(crate) fn channel() -> (Self, mpsc::Receiver<Request>) {
        let (queue, requests) = mpsc::channel(QUEUE);
        (Self { queue }, requests)
    }

    /// Takes its turn and returns before the answer; commands keep the order of their turns.
    pub(crate) async fn submit(
        &self,
        commands: Commands,
        only: Option<Incarnation>,
    ) -> Result<Pending, TmuxError> {
        let (sender, answer) = oneshot::channel();
        let first = commands.first;
        let request = Request { commands, only, answer: sender };
        match tokio::time::timeout(ANSWER_WITHIN, self.queue.send(request)).await {
            Ok(Ok(())) => Ok(Pending { first, answer }),
            Ok(Err(_)) => Err(TmuxError::ServerGone),
            Err(_) => Err(TmuxError::Timeout(first.to_owned())),
        }
    }

    /// Executes commands on whichever server runs.
    pub(crate) async fn run(&self, commands: Commands) -> Result<Answer, TmuxError> {
        self.submit(commands, None).await?.answer().await
    }

    /// Executes commands only on the server whose ids they name.
    pub(crate) async fn run_on(
        &self,
        server: Incarnation,
        commands: Commands,
    ) -> Result<Answer, TmuxError> {
        self.submit(commands, Some(server)).await?.answer().await
    }
}
