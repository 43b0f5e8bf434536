//! Knows whether a byte stream stands inside an escape sequence or a character.
//!
//! A snapshot taken there ends with the unfinished bytes, so that the rest of the stream means
//! to the viewer what it means to the program's own terminal.

/// A control string longer than this is cut; its end is still seen.
const STRING_BYTES: usize = 1024 * 1024;
/// Unfinished bytes that a snapshot repeats. What a longer string says no longer matters.
const REPEATED_BYTES: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    Intermediate,
    Csi,
    /// OSC ends with BEL too; DCS, SOS, PM and APC only with ST.
    String {
        osc: bool,
        length: usize,
    },
    /// Continuation bytes still to come.
    Utf8(u8),
}

/// Follows one stream.
#[derive(Debug)]
pub(crate) struct Boundary {
    state: State,
    unfinished: Vec<u8>,
}

impl Boundary {
    pub(crate) fn new() -> Self {
        Self { state: State::Ground, unfinished: Vec::new() }
    }

    /// The bytes of the sequence that has begun and not ended.
    pub(crate) fn unfinished(&self) -> &[u8] {
        &self.unfinished
    }

    /// Takes the next byte; false if it lies beyond the limit of a control string and an
    /// interpreter should not see it.
    pub(crate) fn advance(&mut self, byte: u8) -> bool {
        let before = self.state;
        self.state = after(before, byte);
        match self.state {
            State::Ground => self.unfinished.clear(),
            State::Escape if byte == 0x1b => self.restart(byte),
            State::Utf8(_) if byte >= 0xc2 => self.restart(byte),
            // A control character inside a sequence was executed already: repeat it never.
            State::Escape | State::Intermediate | State::Csi if byte < 0x20 => {}
            _ if self.unfinished.len() < REPEATED_BYTES => self.unfinished.push(byte),
            _ => {}
        }
        !matches!(self.state, State::String { length, .. } if length > STRING_BYTES)
    }

    fn restart(&mut self, byte: u8) {
        self.unfinished.clear();
        self.unfinished.push(byte);
    }
}

fn after(state: State, byte: u8) -> State {
    match (state, byte) {
        (State::Utf8(left), 0x80..=0xbf) if left > 1 => State::Utf8(left - 1),
        (State::Utf8(_), 0x80..=0xbf) => State::Ground,
        (State::Utf8(_), _) => after(State::Ground, byte),
        (_, 0x1b) => State::Escape,
        (State::Ground, 0xc2..=0xdf) => State::Utf8(1),
        (State::Ground, 0xe0..=0xef) => State::Utf8(2),
        (State::Ground, 0xf0..=0xf4) => State::Utf8(3),
        (State::Escape, b'[') => State::Csi,
        (State::Escape, b']') => State::String { osc: true, length: 0 },
        (State::Escape, b'P' | b'X' | b'^' | b'_') => State::String { osc: false, length: 0 },
        (State::Escape | State::Intermediate, 0x20..=0x2f) => State::Intermediate,
        (State::Ground, _)
        | (_, 0x18 | 0x1a)
        | (State::Escape | State::Intermediate, 0x30..=0x7e)
        | (State::Csi, 0x40..=0x7e)
        | (State::String { osc: true, .. }, 0x07) => State::Ground,
        (State::String { osc, length }, _) => State::String { osc, length: length + 1 },
        (state, _) => state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unfinished(stream: &[u8]) -> Vec<u8> {
        let mut boundary = Boundary::new();
        for &byte in stream {
            boundary.advance(byte);
        }
        boundary.unfinished().to_vec()
    }

    #[test]
    fn only_the_last_unfinished_sequence_is_kept() {
        fn check(stream: &[u8], expected: &[u8]) {
            assert_eq!(unfinished(stream), expected, "{}", stream.escape_ascii());
        }
        check(b"text", b"");
        check(b"text\x1b", b"\x1b");
        check(b"\x1b[31", b"\x1b[31");
        check(b"\x1b[31m", b"");
        check(b"\x1b[3\n1", b"\x1b[31");
        check(b"\x1b(", b"\x1b(");
        check(b"\x1b(B", b"");
        check(b"\x1b]0;ti", b"\x1b]0;ti");
        check(b"\x1b]0;title\x07", b"");
        check(b"\x1b]0;title\x1b", b"\x1b");
        check(b"\x1b]0;title\x1b\\", b"");
        check(b"\x1bPq\x07", b"\x1bPq\x07");
        check(b"\x1b[3\x18", b"");
        check("a\u{1f600}".as_bytes(), b"");
        check(&"a\u{1f600}".as_bytes()[..3], &[0xf0, 0x9f]);
        check(&[0xe2, 0x82, b'x'], b"");
    }

    #[test]
    fn an_endless_string_stays_small_and_still_ends() {
        let mut boundary = Boundary::new();
        b"\x1b]0;".iter().for_each(|&byte| assert!(boundary.advance(byte)));
        let shown = (0..2 * STRING_BYTES).filter(|_| boundary.advance(b'x')).count();
        assert!(shown <= STRING_BYTES);
        assert_eq!(boundary.unfinished().len(), REPEATED_BYTES);
        assert!(boundary.advance(0x07));
        assert!(boundary.unfinished().is_empty());
    }
}
