//! Terminal facts that cross the wire: sizes and the plain-text screen.

use serde::{Deserialize, Serialize};

use crate::limits;

/// Size of a terminal in character cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalSize {
    /// Columns, 20 to 500.
    pub cols: u16,
    /// Rows, 5 to 200.
    pub rows: u16,
}

impl TerminalSize {
    /// What a terminal has before anybody looked at it.
    pub const UNSEEN: Self = Self { cols: 120, rows: 32 };

    /// The nearest allowed size.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self {
            cols: self.cols.clamp(*limits::COLS.start(), *limits::COLS.end()),
            rows: self.rows.clamp(*limits::ROWS.start(), *limits::ROWS.end()),
        }
    }
}

/// The current screen as plain text: what the page shows before (or without) xterm.js.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenText {
    /// One entry per row, without trailing blanks; empty rows at the end are left out.
    pub rows: Vec<String>,
}
