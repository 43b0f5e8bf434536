//! A rendered page shows the screen as text; nothing is live in it.
#![expect(clippy::unused_self, reason = "the same shape as in the browser")]

use leptos::html::Div;
use leptos::prelude::*;
use protocol::terminals::TerminalId;

use super::keys::Key;
use super::state::TerminalState;

/// Stands for a terminal that only a browser opens.
#[derive(Clone, Copy)]
pub(super) struct LiveTerminal;

impl LiveTerminal {
    /// Nothing opens.
    pub(super) fn attach(
        _id: TerminalId,
        _place: NodeRef<Div>,
        _state: TerminalState,
        _types: bool,
    ) -> Self {
        Self
    }

    /// Nobody presses keys here.
    pub(super) fn press(self, _key: Key) {}

    /// Nothing is sent.
    pub(super) fn send_line(self, _text: &str) -> bool {
        false
    }

    /// There is no focus.
    pub(super) fn focus(self) {}

    /// There is no keyboard.
    pub(super) fn set_keyboard(self, _open: bool) {}
}
