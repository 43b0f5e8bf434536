//! What a terminal view shows besides the screen itself.

use leptos::prelude::*;
use protocol::message::SizeChange;
use protocol::terminals::{ScreenText, TerminalSize};

use crate::socket::Connection;

/// State of one terminal view.
#[derive(Clone, Copy)]
pub(super) struct TerminalState {
    /// The screen as text.
    pub(super) text: RwSignal<String>,
    /// xterm.js shows the screen.
    pub(super) drawn: RwSignal<bool>,
    /// Size of the terminal, once it is open.
    pub(super) size: RwSignal<Option<SizeChange>>,
    /// Size that the window has room for.
    pub(super) room: RwSignal<Option<TerminalSize>>,
    /// No program runs.
    pub(super) ended: RwSignal<bool>,
    /// What the server refused last.
    pub(super) refusal: RwSignal<Option<String>>,
    /// Keys were pressed that could not be sent.
    pub(super) dropped: RwSignal<bool>,
    /// Keys were pressed on a device that only watches.
    pub(super) watched: RwSignal<bool>,
    /// The next key is pressed together with Ctrl.
    pub(super) control: RwSignal<bool>,
}

impl TerminalState {
    /// Starts from the screen that came with the page.
    pub(super) fn new(screen: &ScreenText) -> Self {
        let mut text = screen.rows.join("\n");
        if text.starts_with('\n') {
            // HTML drops a line break right after <pre>.
            text.insert(0, ' ');
        }
        Self {
            text: RwSignal::new(text),
            drawn: RwSignal::new(false),
            size: RwSignal::new(None),
            room: RwSignal::new(None),
            ended: RwSignal::new(false),
            refusal: RwSignal::new(None),
            dropped: RwSignal::new(false),
            watched: RwSignal::new(false),
            control: RwSignal::new(false),
        }
    }
}

/// Whether the view must say that it takes no keys. A short gap is nobody's business, unless
/// somebody types into it.
pub(super) fn is_paused(connection: Connection, dropped: bool) -> bool {
    match connection {
        Connection::Live { .. } | Connection::Outdated => false,
        Connection::Reconnecting { lasting, .. } => lasting || dropped,
        Connection::Connecting => dropped,
        Connection::LoggedOut => true,
    }
}

/// The size of a terminal that does not follow this window.
pub(super) fn size_note(size: Option<SizeChange>, room: Option<TerminalSize>) -> Option<String> {
    let SizeChange { size, driver } = size?;
    let follows = driver || room.is_none_or(|room| room.clamped() == size);
    (!follows).then(|| format!("{} × {}, sized by another window", size.cols, size.rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: TerminalSize = TerminalSize { cols: 106, rows: 32 };

    #[test]
    fn a_short_gap_is_said_only_to_those_who_type_into_it() {
        let gap = |lasting| Connection::Reconnecting { attempt: 1, wait_ms: 200, lasting };
        assert!(!is_paused(gap(false), false));
        assert!(is_paused(gap(false), true));
        assert!(is_paused(gap(true), false));
        assert!(is_paused(Connection::LoggedOut, false));
        assert!(!is_paused(Connection::Live { rtt_ms: None }, true));
    }

    #[test]
    fn only_a_size_that_surprises_is_explained() {
        let shown = |driver| Some(SizeChange { size: SIZE, driver });
        let room = Some(TerminalSize { cols: 80, rows: 24 });
        assert_eq!(size_note(shown(false), room).unwrap(), "106 × 32, sized by another window");
        assert_eq!(size_note(shown(true), room), None);
        assert_eq!(size_note(shown(false), Some(SIZE)), None);
        assert_eq!(size_note(None, room), None);
    }
}
