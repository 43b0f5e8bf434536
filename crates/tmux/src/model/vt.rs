//! The model on top of the `vt100` crate.

use std::fmt::Write;
use std::num::NonZeroU16;

use protocol::terminals::TerminalSize;
use vt100::{Parser, Screen};

use super::Model;
use super::modes::Modes;
use crate::boundary::Boundary;

/// Rows above the screen that come back when a window grows.
const SCROLLBACK: usize = 100;

/// vt100, plus what its own serializer leaves out.
pub(crate) struct VtModel {
    parser: Parser<Modes>,
    boundary: Boundary,
}

fn nonzero(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap_or(NonZeroU16::MIN)
}

impl Model for VtModel {
    fn new(size: TerminalSize) -> Self {
        let (rows, cols) = (nonzero(size.rows), nonzero(size.cols));
        Self {
            parser: Parser::new_with_callbacks(rows, cols, SCROLLBACK, Modes::default()),
            boundary: Boundary::new(),
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        let mut start = 0;
        for (index, &byte) in bytes.iter().enumerate() {
            if !self.boundary.advance(byte) {
                self.parser.process(&bytes[start..index]);
                start = index + 1;
            }
        }
        self.parser.process(&bytes[start..]);
    }

    fn resize(&mut self, size: TerminalSize) {
        self.parser.set_size(nonzero(size.rows), nonzero(size.cols));
    }

    fn snapshot(&self) -> Vec<u8> {
        let screen = self.parser.screen();
        let mut out = String::from("\x1bc");
        if screen.alternate_screen() {
            let leave = "\x1b[?47l";
            let main = copy_of(screen, leave);
            let hidden = Hidden::of(screen, leave);
            out.push_str(&main.screen().contents_formatted());
            // Entering the alternate screen saves the cursor that leaving it restores. The
            // contents end where the cursor was: only that keeps one behind the last column.
            if hidden.margins_are_default() && hidden.saved.is_at(main.screen().cursor_position()) {
                out.push_str(&hidden.saved.attributes);
            } else {
                hidden.write_margins(&mut out);
                hidden.write_saved_position(&mut out, hidden.top);
            }
            out.push_str("\x1b[?1049h\x1b[?6l\x1b[m");
        }
        paint(screen, &mut out);
        out.push_str(&screen.input_mode_formatted());
        self.parser.callbacks().write(&mut out);
        let mut bytes = out.into_bytes();
        bytes.extend_from_slice(self.boundary.unfinished());
        bytes
    }

    fn text(&self) -> Vec<String> {
        let screen = self.parser.screen();
        let mut rows: Vec<String> =
            screen.rows(0, screen.size().1.get()).map(|row| row.trim_end().to_owned()).collect();
        let filled = rows.iter().rposition(|row| !row.is_empty()).map_or(0, |last| last + 1);
        rows.truncate(filled);
        rows
    }
}

/// Contents, then whatever vt100's own serializer does not know: margins, origin mode and the
/// saved cursor. Each of them moves the cursor, so the cursor comes last again. In origin mode a
/// cursor outside the margins, which only restoring can bring there, is moved inside.
fn paint(screen: &Screen, out: &mut String) {
    out.push_str(&screen.contents_formatted());
    let hidden = Hidden::of(screen, "");
    if hidden.margins_are_default() && !hidden.origin && hidden.saved == SavedCursor::default() {
        return;
    }
    // The saved cursor may lie outside today's margins, so it is placed before they are set.
    if hidden.saved != SavedCursor::default() {
        hidden.write_saved_position(out, 0);
        out.push_str("\x1b7\x1b[?6l");
    }
    hidden.write_margins(out);
    let (row, col) = screen.cursor_position();
    if hidden.origin {
        out.push_str("\x1b[?6h");
        move_to(out, row.saturating_sub(hidden.top), col);
    } else {
        out.push_str(&screen.cursor_state_formatted());
    }
    out.push_str(&screen.attributes_formatted());
}

/// The screen after these sequences.
fn copy_of(screen: &Screen, sequences: &str) -> Parser {
    let (rows, cols) = screen.size();
    let mut copy = Parser::new(rows, cols, 0);
    *copy.screen_mut() = screen.clone();
    copy.process(sequences.as_bytes());
    copy
}

fn move_to(out: &mut String, row: u16, col: u16) {
    // Writing to a string cannot fail.
    let _written = write!(out, "\x1b[{};{}H", row + 1, col + 1);
}

/// What DECSC saved.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SavedCursor {
    row: u16,
    col: u16,
    attributes: String,
    origin: bool,
}

impl Default for SavedCursor {
    fn default() -> Self {
        Self { row: 0, col: 0, attributes: "\x1b[m".to_owned(), origin: false }
    }
}

impl SavedCursor {
    fn is_at(&self, (row, col): (u16, u16)) -> bool {
        !self.origin && (self.row, self.col) == (row, col)
    }
}

/// State that a screen keeps to itself, read by letting a copy act on it.
struct Hidden {
    rows: u16,
    /// First and last row that scroll.
    top: u16,
    bottom: u16,
    origin: bool,
    saved: SavedCursor,
}

impl Hidden {
    /// Looks at a copy of the screen on which these sequences acted.
    fn of(screen: &Screen, first: &str) -> Self {
        // Between these margins the home position tells whether origin mode is on.
        const TELLING: &str = "\x1b[2;3r\x1b[H";
        let mut copy = copy_of(screen, first);
        copy.process(b"\x1b[?6h");
        let (top, _) = copy.screen().cursor_position();
        copy.process(b"\x1b[9999H");
        let (bottom, _) = copy.screen().cursor_position();

        let mut copy = copy_of(screen, first);
        let mut tell = |sequences: &str| {
            copy.process(sequences.as_bytes());
            (copy.screen().cursor_position(), copy.screen().attributes_formatted())
        };
        let ((home, _), _) = tell(TELLING);
        let ((row, col), attributes) = tell("\x1b8");
        let ((saved_home, _), _) = tell(TELLING);
        let saved = SavedCursor { row, col, attributes, origin: saved_home == 1 };
        Self { rows: screen.size().0.get(), top, bottom, origin: home == 1, saved }
    }

    fn margins_are_default(&self) -> bool {
        self.top == 0 && self.bottom + 1 == self.rows
    }

    fn write_margins(&self, out: &mut String) {
        if !self.margins_are_default() {
            // Writing to a string cannot fail.
            let _written = write!(out, "\x1b[{};{}r", self.top + 1, self.bottom + 1);
        }
    }

    /// Goes where the saved cursor is; leaves origin mode as it was saved. `top` is the first row
    /// of the margins that hold while this is read.
    fn write_saved_position(&self, out: &mut String, top: u16) {
        let SavedCursor { row, col, attributes, origin } = &self.saved;
        if *origin {
            out.push_str("\x1b[?6h");
            move_to(out, row.saturating_sub(top), *col);
        } else {
            move_to(out, *row, *col);
        }
        out.push_str(attributes);
    }
}
