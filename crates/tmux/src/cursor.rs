//! A viewer's place in a terminal's stream.

use std::sync::Arc;

use bytes::Bytes;
use protocol::message::Resume;
use protocol::terminals::TerminalSize;
use tokio::sync::watch;

use crate::terminal::{Facts, Screen};

/// What a viewer gets, in stream order. Offsets are bytes since the start of the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Paints the whole screen as it is at this offset, on any terminal of the current size.
    Snapshot {
        /// The next byte of output has this offset.
        offset: u64,
        /// Terminal sequences that begin with a reset.
        bytes: Bytes,
    },
    /// Output of the program.
    Data {
        /// Offset of the first byte.
        offset: u64,
        /// At least one byte.
        bytes: Bytes,
    },
    /// The window changed.
    Size {
        /// Holds from this offset.
        offset: u64,
        /// The new size.
        size: TerminalSize,
    },
    /// The program ended, or its session was closed; nothing follows.
    Exit {
        /// Offset after the last byte.
        offset: u64,
        /// Exit code; absent when a signal ended it or nobody knows.
        code: Option<i32>,
    },
}

/// Where a viewer is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    pub(crate) offset: u64,
    /// Number of the last size change it was told.
    pub(crate) size_serial: u64,
    pub(crate) needs_snapshot: bool,
    pub(crate) finished: bool,
}

/// Reads a terminal at its own pace and holds no bytes: a viewer that stays away longer than the
/// ring remembers goes on from a snapshot.
pub struct Cursor {
    screen: Arc<Screen>,
    changes: watch::Receiver<()>,
    position: Position,
    facts: Facts,
}

impl Cursor {
    pub(crate) fn new(screen: Arc<Screen>, resume: Option<Resume>) -> Self {
        let changes = screen.changes();
        let (position, facts) = screen.position(resume);
        Self { screen, changes, position, facts }
    }

    /// The stream at the moment of attaching; every later change of size comes as [`Output::Size`].
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// Offset of the next byte.
    pub fn offset(&self) -> u64 {
        self.position.offset
    }

    /// Waits for what comes next; [`Output::Data`] has at most `max` bytes. Dropping the future
    /// loses nothing. Never returns again after [`Output::Exit`].
    pub async fn next(&mut self, max: usize) -> Output {
        loop {
            self.changes.borrow_and_update();
            if let Some(output) = self.screen.next(&mut self.position, max) {
                return output;
            }
            if self.position.finished || self.changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}
