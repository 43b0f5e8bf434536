//! One open terminal on a socket: follows the agent's terminal and sends what its viewer can
//! take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use protocol::error::{ApiError, ErrorCode};
use protocol::limits;
use protocol::message::{Exit, Open, Opened, Resume, ServerMessage, SizeChange};
use protocol::terminals::{TerminalId, TerminalSize};
use tmux::{Cursor, Output, Terminal};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

use super::outbox::{Closed, Outbox};
use crate::terminals::{Hub, Shown, Viewer};

/// Largest piece of output in one frame.
const PIECE: usize = 32 * 1024;
/// Inputs that wait for tmux; more means that it does not take them.
const INPUTS: usize = 64;

/// The socket's end of one open terminal. Dropping it closes the channel.
pub(super) struct Channel {
    /// Until somebody has typed.
    untouched: Option<TerminalId>,
    acked: Arc<Acked>,
    inputs: mpsc::Sender<(u64, Bytes)>,
    sizes: watch::Sender<TerminalSize>,
    last_input: u64,
    tasks: [JoinHandle<()>; 2],
}

/// How far the viewer has parsed.
#[derive(Default)]
struct Acked {
    offset: AtomicU64,
    changed: Notify,
}

impl Channel {
    /// Opens a terminal for a viewer.
    pub(super) async fn open(id: u16, open: Open, hub: &Hub, outbox: &Outbox) -> Self {
        let untouched = Some(open.terminal.clone());
        let viewer = Arc::new(hub.view(&open.terminal, open.view, open.size).await);
        let acked = Arc::new(Acked::default());
        let (inputs, queue) = mpsc::channel(INPUTS);
        let (sizes, wanted) = watch::channel(open.size);
        let output = Follower {
            id,
            terminal: open.terminal,
            viewer: Arc::clone(&viewer),
            acked: Arc::clone(&acked),
            outbox: outbox.clone(),
        };
        let typing = take_input(id, viewer, queue, wanted, outbox.clone());
        let tasks = [
            tokio::spawn(async move {
                // The socket's own tasks notice that it closed.
                let _closed = output.follow(open.resume).await;
            }),
            tokio::spawn(async move {
                let _closed = typing.await;
            }),
        ];
        Self { untouched, acked, inputs, sizes, last_input: 0, tasks }
    }

    /// The terminal, the first time that somebody types into it here.
    pub(super) fn first_input(&mut self) -> Option<TerminalId> {
        self.untouched.take()
    }

    /// The viewer has parsed output up to this offset.
    pub(super) fn ack(&self, offset: u64) {
        self.acked.offset.store(offset, Ordering::Release);
        self.acked.changed.notify_one();
    }

    /// The viewer typed. A counter that was seen already is not typed again; one that leaves a
    /// gap is refused, since the keys before it were lost.
    pub(super) fn input(&mut self, seq: u64, bytes: Bytes) -> Result<(), ApiError> {
        if seq <= self.last_input {
            return Ok(());
        }
        if seq != self.last_input + 1 {
            return Err(ApiError::new(
                ErrorCode::Invalid,
                "Some keys were lost on their way. Open the terminal again.",
            ));
        }
        self.inputs.try_send((seq, bytes)).map_err(|_full| {
            ApiError::new(
                ErrorCode::Unavailable,
                "The terminal does not take keys right now. What you typed last was not sent.",
            )
        })?;
        self.last_input = seq;
        Ok(())
    }

    /// The viewer's window has a new size.
    pub(super) fn resize(&self, size: TerminalSize) {
        self.sizes.send_replace(size);
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn take_input(
    channel: u16,
    viewer: Arc<Viewer>,
    mut queue: mpsc::Receiver<(u64, Bytes)>,
    mut sizes: watch::Receiver<TerminalSize>,
    outbox: Outbox,
) -> Result<(), Closed> {
    loop {
        let result = tokio::select! {
            input = queue.recv() => match input {
                None => return Ok(()),
                Some((seq, bytes)) => match viewer.input(&bytes).await {
                    Ok(()) => {
                        outbox.send(ServerMessage::InputAck { channel, seq }).await?;
                        Ok(())
                    }
                    Err(error) => Err(error),
                },
            },
            changed = sizes.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let size = *sizes.borrow_and_update();
                viewer.resize(size).await
            }
        };
        if let Err(error) = result {
            let sentence = format!("The terminal did not take that: {error}.");
            let error = ApiError::new(ErrorCode::Unavailable, sentence);
            outbox.send(ServerMessage::Error(channel, error)).await?;
        }
    }
}

/// Sends a terminal's output to one viewer.
struct Follower {
    id: u16,
    terminal: TerminalId,
    viewer: Arc<Viewer>,
    acked: Arc<Acked>,
    outbox: Outbox,
}

impl Follower {
    async fn follow(self, mut resume: Option<Resume>) -> Result<(), Closed> {
        let mut shown = self.viewer.shown();
        loop {
            let now = shown.borrow_and_update().clone();
            match now {
                Shown::Nothing => {
                    // Nothing runs: the viewer is told, and waits for a start.
                    let exit = Exit { code: None };
                    let channel = self.id;
                    self.outbox.send(ServerMessage::Exit { channel, offset: 0, exit }).await?;
                }
                Shown::Gone => {
                    let error = ApiError::new(
                        ErrorCode::NotFound,
                        format!("Terminal {} was closed.", self.terminal),
                    );
                    return self.outbox.send(ServerMessage::Error(self.id, error)).await;
                }
                Shown::Terminal(terminal) => {
                    let replaced = shown.clone();
                    self.stream(&terminal, resume.take(), replaced).await?;
                }
            }
            if shown.changed().await.is_err() {
                return Ok(());
            }
        }
    }

    /// One run of the terminal, until another one takes its place.
    async fn stream(
        &self,
        terminal: &Terminal,
        resume: Option<Resume>,
        mut replaced: watch::Receiver<Shown>,
    ) -> Result<(), Closed> {
        let mut driver = self.viewer.driver();
        driver.mark_unchanged();
        let mut cursor = terminal.attach(resume);
        let facts = cursor.facts();
        self.acked.offset.store(cursor.offset(), Ordering::Release);
        let opened = Opened {
            epoch: facts.epoch,
            tail: facts.tail,
            head: facts.head,
            size: facts.size,
            driver: self.viewer.drives(),
        };
        self.outbox.send(ServerMessage::Opened(self.id, opened)).await?;
        let mut size = facts.size;
        let mut lagging = false;
        loop {
            let unacked = cursor.offset().saturating_sub(self.acked.offset.load(Ordering::Acquire));
            lagging = if lagging {
                unacked > limits::UNACKED_LOW
            } else {
                unacked >= limits::UNACKED_HIGH
            };
            tokio::select! {
                output = cursor.next(PIECE), if !lagging => {
                    if let Output::Size { size: now, .. } = output {
                        size = now;
                    }
                    self.send(output, &cursor).await?;
                }
                () = self.acked.changed.notified(), if lagging => {}
                changed = driver.changed() => {
                    if changed.is_ok() {
                        self.send(Output::Size { offset: cursor.offset(), size }, &cursor).await?;
                    }
                }
                _ = replaced.changed() => return Ok(()),
            }
        }
    }

    async fn send(&self, output: Output, cursor: &Cursor) -> Result<(), Closed> {
        let channel = self.id;
        let message = match output {
            Output::Data { offset, bytes } => ServerMessage::Data { channel, offset, bytes },
            Output::Snapshot { offset, bytes } => {
                // The viewer drops what it had: only what follows counts as unacknowledged.
                self.acked.offset.fetch_max(cursor.offset(), Ordering::AcqRel);
                ServerMessage::Snapshot { channel, offset, bytes }
            }
            Output::Size { offset, size } => {
                let change = SizeChange { size, driver: self.viewer.drives() };
                ServerMessage::Size { channel, offset, change }
            }
            Output::Exit { offset, code } => {
                ServerMessage::Exit { channel, offset, exit: Exit { code } }
            }
        };
        self.outbox.send(message).await
    }
}
