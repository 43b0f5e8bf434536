//! The one control-mode client through which every command goes.

mod client;
mod connection;
mod keeper;
mod parser;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::error::TmuxError;
use crate::quote::tmux_word;
use crate::registry::Registry;
use crate::statistics::{Counters, Ticket};

pub(crate) use connection::{Connection, tmux_command};
pub(crate) use keeper::Keeper;

use connection::Office;

/// Every command is answered within this time, or fails.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Commands that wait for a place behind those already sent.
const QUEUE: usize = 256;

/// Which run of the tmux server: ids of panes mean nothing in another one.
pub(crate) type Incarnation = u64;

/// Commands that tmux executes without letting anything else happen between them. None that
/// executes others, such as `if-shell`: tmux answers those too, and nobody knows how many.
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
    /// Absent for what must be done whether anybody waits for it or not.
    answer: Option<AnswerSender>,
    ticket: Ticket,
}

/// Sends commands to the task that owns the connection.
#[derive(Clone)]
pub(crate) struct Control {
    queue: mpsc::Sender<Request>,
    counters: Arc<Counters>,
}

/// The answer that is still to come.
pub(crate) struct Pending {
    first: &'static str,
    answer: oneshot::Receiver<Result<Answer, TmuxError>>,
    deadline: Instant,
    counters: Arc<Counters>,
}

impl Pending {
    pub(crate) async fn answer(self) -> Result<Answer, TmuxError> {
        match tokio::time::timeout_at(self.deadline, self.answer).await {
            Ok(Ok(answer)) => {
                if let Err(TmuxError::Refused { .. }) = answer {
                    self.counters.refused.fetch_add(1, Relaxed);
                }
                answer
            }
            // Whether the server has done it is unknown.
            Ok(Err(_)) => Err(TmuxError::Unreachable(
                "its control client ended before the answer came".to_owned(),
            )),
            Err(_) => Err(self.counters.timeout(self.first)),
        }
    }
}

/// Takes back what was asked for, unless it is [kept](Undo::keep). Its place in the queue is
/// reserved beforehand, behind what it takes back and before whatever comes later: even what tmux
/// does late is taken back before anybody can build on it.
pub(crate) struct Undo<'a> {
    place: Option<(mpsc::Permit<'a, Request>, Request)>,
}

impl Undo<'_> {
    pub(crate) fn keep(mut self) {
        self.place = None;
    }
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if let Some((place, request)) = self.place.take() {
            place.send(request);
        }
    }
}

impl Control {
    /// Connects to the server, and the task that stays connected for as long as anybody may send
    /// commands.
    pub(crate) async fn start(
        keeper: Arc<Keeper>,
        registry: Arc<Registry>,
    ) -> Result<(Self, impl Future<Output = ()> + use<>), TmuxError> {
        let (queue, requests) = mpsc::channel(QUEUE);
        let counters = Arc::<Counters>::default();
        let connection = Connection::open(&keeper).await?;
        let office =
            Office { requests, registry, keeper, counters: Arc::clone(&counters), silent: false };
        Ok((Self { queue, counters }, client::drive(connection, office)))
    }

    pub(crate) fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    fn request(
        &self,
        commands: Commands,
        only: Option<Incarnation>,
        answer: Option<AnswerSender>,
    ) -> Request {
        Request { commands, only, answer, ticket: self.counters.enter() }
    }

    fn pending(
        &self,
        commands: Commands,
        only: Option<Incarnation>,
        deadline: Instant,
    ) -> (Request, Pending) {
        let (sender, answer) = oneshot::channel();
        let first = commands.first;
        self.counters.commands.fetch_add(1, Relaxed);
        let request = self.request(commands, only, Some(sender));
        (request, Pending { first, answer, deadline, counters: Arc::clone(&self.counters) })
    }

    /// Takes its turn and returns before the answer; commands keep the order of their turns. The
    /// five seconds for the answer begin here.
    pub(crate) async fn submit(
        &self,
        commands: Commands,
        only: Option<Incarnation>,
    ) -> Result<Pending, TmuxError> {
        let deadline = Instant::now() + ANSWER_WITHIN;
        let (request, pending) = self.pending(commands, only, deadline);
        match tokio::time::timeout_at(deadline, self.queue.send(request)).await {
            Ok(Ok(())) => Ok(pending),
            Ok(Err(_)) => Err(TmuxError::ServerGone),
            Err(_) => Err(self.counters.timeout(pending.first)),
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

    /// Executes commands; `undo` follows them unless the caller keeps what they did.
    pub(crate) async fn run_or_undo(
        &self,
        commands: Commands,
        undo: Commands,
        only: Option<Incarnation>,
    ) -> Result<(Answer, Undo<'_>), TmuxError> {
        let deadline = Instant::now() + ANSWER_WITHIN;
        let (request, pending) = self.pending(commands, only, deadline);
        let places = match tokio::time::timeout_at(deadline, self.queue.reserve_many(2)).await {
            Ok(Ok(places)) => places,
            Ok(Err(_)) => return Err(TmuxError::ServerGone),
            Err(_) => return Err(self.counters.timeout(pending.first)),
        };
        let mut request = Some(request);
        let mut second = None;
        for place in places {
            match request.take() {
                Some(request) => place.send(request),
                None => second = Some((place, self.request(undo.clone(), only, None))),
            }
        }
        let undo = Undo { place: second };
        Ok((pending.answer().await?, undo))
    }
}
