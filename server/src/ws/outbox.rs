//! The sending half of a socket: one task, a short queue, several frames per message.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::BytesMut;
use futures_util::SinkExt as _;
use futures_util::stream::SplitSink;
use protocol::message::ServerMessage;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Frames that wait for the network; a sender waits when it is full.
const QUEUE: usize = 16;
/// Frames are joined into one message up to about this size.
const JOIN_BYTES: usize = 64 * 1024;

/// A client that reads nothing for this long is gone.
const STUCK: Duration = Duration::from_secs(10);

/// What the writer sends next.
enum Outgoing {
    Frame(ServerMessage),
    Close(u16, &'static str),
}

/// Hands frames to the writer; cheap to clone.
#[derive(Clone)]
pub(super) struct Outbox(mpsc::Sender<Outgoing>);

/// The socket is closed.
#[derive(Debug)]
pub(super) struct Closed;

impl Outbox {
    /// Starts the writer. It ends after a close frame or when the network fails.
    pub(super) fn start(sink: SplitSink<WebSocket, Message>) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(write(sink, receiver));
        Self(sender)
    }

    /// Sends one frame when there is room.
    pub(super) async fn send(&self, message: ServerMessage) -> Result<(), Closed> {
        self.0.send(Outgoing::Frame(message)).await.map_err(|_| Closed)
    }

    /// Ends the socket with a code of [`protocol::frame::close`].
    pub(super) async fn close(&self, code: u16, reason: &'static str) {
        // Closed already is what was wanted.
        let _closed = self.0.send(Outgoing::Close(code, reason)).await;
    }
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut queue: mpsc::Receiver<Outgoing>) {
    while let Some(first) = queue.recv().await {
        let mut message = BytesMut::new();
        let mut next = Some(first);
        let mut close = None;
        while let Some(outgoing) = next {
            match outgoing {
                Outgoing::Frame(frame) => frame.frame().put(&mut message),
                Outgoing::Close(code, reason) => close = Some((code, reason)),
            }
            let full = message.len() >= JOIN_BYTES || close.is_some();
            next = if full { None } else { queue.try_recv().ok() };
        }
        if !message.is_empty() {
            let sent = timeout(STUCK, sink.send(Message::Binary(message.freeze()))).await;
            if !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
        if let Some((code, reason)) = close {
            let frame = CloseFrame { code, reason: reason.into() };
            // The network may be gone already.
            let _gone = timeout(STUCK, sink.send(Message::Close(Some(frame)))).await;
            return;
        }
    }
}
