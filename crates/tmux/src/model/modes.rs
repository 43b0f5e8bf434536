//! Terminal modes that vt100 does not keep but a viewer needs.

use std::fmt::Write;

/// Seen through vt100's callback for sequences it leaves alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Modes {
    /// DECSET 1004: focus events.
    focus_events: bool,
    /// DECSET 7, inverted: text stays in the last column.
    no_wrap: bool,
    /// SM 4: typed text moves the rest of the row.
    insert: bool,
}

impl Modes {
    /// Sequences that set these modes on a terminal that was just reset.
    pub(crate) fn write(self, out: &mut String) {
        for (set, sequence) in [
            (self.focus_events, "\x1b[?1004h"),
            (self.no_wrap, "\x1b[?7l"),
            (self.insert, "\x1b[4h"),
        ] {
            if set {
                // Writing to a string cannot fail.
                let _written = out.write_str(sequence);
            }
        }
    }
}

impl vt100::Callbacks for Modes {
    fn unhandled_csi(
        &mut self,
        _: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        let on = match last {
            'h' => true,
            'l' => false,
            _ => return,
        };
        for param in params {
            match (first, param) {
                (Some(b'?'), [1004]) => self.focus_events = on,
                (Some(b'?'), [7]) => self.no_wrap = !on,
                (None, [4]) => self.insert = on,
                _ => {}
            }
        }
    }

    fn unhandled_escape(&mut self, _: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, _: u8) {}
}
