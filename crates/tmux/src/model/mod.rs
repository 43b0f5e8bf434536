//! The terminal as Maestro sees it: what a stream of output has painted so far.

mod guard;
mod modes;
mod vt;

#[cfg(test)]
mod tests;

use protocol::terminals::TerminalSize;

pub(crate) use guard::Guarded;
pub(crate) use vt::VtModel;

/// An interpreter of terminal output.
pub(crate) trait Model: Send {
    /// A blank terminal.
    fn new(size: TerminalSize) -> Self
    where
        Self: Sized;

    /// Interprets output; sequences and characters may be cut anywhere.
    fn feed(&mut self, bytes: &[u8]);

    /// The window changed.
    fn resize(&mut self, size: TerminalSize);

    /// Bytes that bring any terminal of this size into this state: both screens, margins,
    /// cursors, colours, modes, and the beginning of an unfinished sequence.
    fn snapshot(&self) -> Vec<u8>;

    /// The visible rows, without trailing blanks and without empty rows at the end.
    fn text(&self) -> Vec<String>;
}
