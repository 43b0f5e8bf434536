//! One terminal: the stream of its output, the picture it painted, and those who watch.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::message::{Exit, Resume};
use protocol::terminals::{ScreenText, TerminalSize};
use tokio::sync::watch;

use crate::cursor::{Cursor, Output, Position};
use crate::error::TmuxError;
use crate::model::{Guarded, VtModel};
use crate::pane::Pane;
use crate::ring::Ring;

/// Bytes of output that stay addressable.
const RING_BYTES: usize = 256 * 1024;
/// Size changes that stay addressable; a viewer that missed more gets the newest ones.
const SIZE_MARKS: usize = 64;

/// A stream and its size at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Random per life of the terminal in this process: a restart of Maestro begins a new one.
    pub epoch: u64,
    /// Oldest offset that is kept.
    pub tail: u64,
    /// Offset after the newest byte.
    pub head: u64,
    /// Size in cells.
    pub size: TerminalSize,
}

/// A size and the offset from which it holds.
#[derive(Clone, Copy, Debug)]
struct SizeMark {
    serial: u64,
    offset: u64,
    size: TerminalSize,
}

/// Everything that output, viewers and the end of the program change.
struct Stream {
    ring: Ring,
    model: Guarded<VtModel>,
    size: TerminalSize,
    sizes: VecDeque<SizeMark>,
    /// Number of size changes so far.
    size_serial: u64,
    /// Present after the last byte.
    exit: Option<Exit>,
}

/// The side of a terminal that its session writes and its cursors read.
pub(crate) struct Screen {
    epoch: u64,
    stream: Mutex<Stream>,
    changed: watch::Sender<()>,
}

impl Screen {
    pub(crate) fn new(epoch: u64, size: TerminalSize, seed: &[u8]) -> Self {
        let mut model = Guarded::new(size);
        model.feed(seed);
        let stream = Stream {
            ring: Ring::new(RING_BYTES),
            model,
            size,
            sizes: VecDeque::new(),
            size_serial: 0,
            exit: None,
        };
        Self { epoch, stream: Mutex::new(stream), changed: watch::Sender::new(()) }
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    fn stream(&self) -> MutexGuard<'_, Stream> {
        // The model catches its own panics; the rest of a stream is consistent at every step.
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends output.
    pub(crate) fn feed(&self, bytes: &[u8]) {
        let mut stream = self.stream();
        stream.ring.push(bytes);
        stream.model.feed(bytes);
        drop(stream);
        self.changed.send_replace(());
    }

    /// Output was lost: viewers go on from a snapshot of what tmux still shows.
    pub(crate) fn reseed(&self, size: TerminalSize, seed: &[u8]) {
        let mut stream = self.stream();
        stream.ring.skip();
        if stream.size != size {
            stream.size = size;
            stream.size_serial += 1;
        }
        stream.model = Guarded::new(size);
        stream.model.feed(seed);
        drop(stream);
        self.changed.send_replace(());
    }

    /// The window has this size from here on.
    pub(crate) fn resize(&self, size: TerminalSize) {
        let mut stream = self.stream();
        stream.size = size;
        stream.size_serial += 1;
        stream.model.resize(size);
        let offset = stream.ring.head();
        let tail = stream.ring.tail();
        stream.sizes.retain(|mark| mark.offset >= tail && mark.offset != offset);
        if stream.sizes.len() == SIZE_MARKS {
            stream.sizes.pop_front();
        }
        let serial = stream.size_serial;
        stream.sizes.push_back(SizeMark { serial, offset, size });
        drop(stream);
        self.changed.send_replace(());
    }

    /// Nothing comes after this. The first end counts.
    pub(crate) fn end(&self, code: Option<i32>) {
        self.stream().exit.get_or_insert(Exit { code });
        self.changed.send_replace(());
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.stream().exit.is_some()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(crate) fn facts(&self) -> Facts {
        self.stream().facts(self.epoch)
    }

    pub(crate) fn text(&self) -> ScreenText {
        ScreenText { rows: self.stream().model.text() }
    }

    /// Where a new viewer begins, and the facts of that moment.
    pub(crate) fn position(&self, resume: Option<Resume>) -> (Position, Facts) {
        let stream = self.stream();
        let facts = stream.facts(self.epoch);
        let offset = resume
            .filter(|resume| resume.epoch == self.epoch)
            .map(|resume| resume.offset)
            .filter(|offset| (facts.tail..=facts.head).contains(offset));
        let position = match offset {
            // Sizes from its offset on are told again: they hold for what it has not seen.
            Some(offset) => Position {
                offset,
                size_serial: stream
                    .sizes
                    .iter()
                    .find(|mark| mark.offset >= offset)
                    .map_or(stream.size_serial, |mark| mark.serial - 1),
                needs_snapshot: false,
                finished: false,
            },
            None => Position {
                offset: facts.head,
                size_serial: stream.size_serial,
                needs_snapshot: true,
                finished: false,
            },
        };
        (position, facts)
    }

    /// What this viewer gets next, if there is anything.
    pub(crate) fn next(&self, position: &mut Position, max: usize) -> Option<Output> {
        self.stream().next(position, max)
    }
}

impl Stream {
    fn facts(&self, epoch: u64) -> Facts {
        Facts { epoch, tail: self.ring.tail(), head: self.ring.head(), size: self.size }
    }

    fn next(&mut self, position: &mut Position, max: usize) -> Option<Output> {
        if position.finished {
            return None;
        }
        let head = self.ring.head();
        if position.needs_snapshot || position.offset < self.ring.tail() {
            position.needs_snapshot = true;
            position.offset = head;
            if position.size_serial != self.size_serial {
                position.size_serial = self.size_serial;
                return Some(Output::Size { offset: head, size: self.size });
            }
            position.needs_snapshot = false;
            return Some(Output::Snapshot { offset: head, bytes: self.model.snapshot().into() });
        }
        let mark = self.sizes.iter().find(|mark| mark.serial > position.size_serial);
        if let Some(mark) = mark.filter(|mark| mark.offset <= position.offset) {
            position.size_serial = mark.serial;
            return Some(Output::Size { offset: position.offset, size: mark.size });
        }
        let limit = mark.map_or(head, |mark| mark.offset);
        if position.offset < limit {
            let offset = position.offset;
            let bytes = self.ring.read(offset, limit, max.max(1))?;
            position.offset += bytes.len() as u64;
            return Some(Output::Data { offset, bytes });
        }
        let Exit { code } = self.exit?;
        position.finished = true;
        Some(Output::Exit { offset: head, code })
    }
}

/// A program's terminal. Clones share it; it stays readable after the program ended.
#[derive(Clone)]
pub struct Terminal {
    screen: Arc<Screen>,
    pane: Arc<Pane>,
}

impl Terminal {
    pub(crate) fn new(screen: Arc<Screen>, pane: Arc<Pane>) -> Self {
        Self { screen, pane }
    }

    /// Whether its program has ended and all its output is here.
    pub fn has_ended(&self) -> bool {
        self.screen.has_ended()
    }

    /// Random number of this life of the terminal; events carry it.
    pub fn epoch(&self) -> u64 {
        self.screen.epoch()
    }

    /// The stream now.
    pub fn facts(&self) -> Facts {
        self.screen.facts()
    }

    /// The screen now, or the last one.
    pub fn screen_text(&self) -> ScreenText {
        self.screen.text()
    }

    /// Begins to watch: from `resume` if those bytes are still kept, else from a snapshot.
    pub fn attach(&self, resume: Option<Resume>) -> Cursor {
        Cursor::new(Arc::clone(&self.screen), resume)
    }

    /// Sends bytes to the program, in the order of the calls. Dropping the future may leave out
    /// the end of `bytes`, never reorder.
    pub async fn input(&self, bytes: &[u8]) -> Result<(), TmuxError> {
        if self.screen.has_ended() {
            return Err(TmuxError::Ended);
        }
        self.pane.input(bytes).await
    }

    /// Changes the window to the nearest allowed size; the same size changes nothing.
    pub async fn resize(&self, size: TerminalSize) -> Result<(), TmuxError> {
        let size = size.clamped();
        let _turn = self.pane.resizing().await;
        if self.screen.has_ended() {
            return Err(TmuxError::Ended);
        }
        let before = self.screen.facts().size;
        if before == size {
            return Ok(());
        }
        // First here, as in every terminal: what the program repaints must find the new size.
        self.screen.resize(size);
        let resized = self.pane.resize(before, size).await;
        if resized.is_err() {
            self.screen.resize(before);
        }
        resized
    }

    /// A person changed the size behind Maestro's back.
    pub(crate) async fn follow_size(&self) {
        let _turn = self.pane.resizing().await;
        match self.pane.true_size().await {
            Ok(Some(size)) if size != self.screen.facts().size => self.screen.resize(size),
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "cannot follow the size of a pane"),
        }
    }
}
