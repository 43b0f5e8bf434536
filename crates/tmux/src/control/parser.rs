//! Reads what a control-mode client prints: blocks that answer commands.
//!
//! Everything is bytes. A block ends only with the time, number and flags it began with, so a
//! line inside that merely looks like `%end` ends nothing.

/// Longest line and largest block that are accepted. Answers hold ids and numbers only.
const BLOCK_BYTES: usize = 1024 * 1024;

/// One finished block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// True for commands that came through this client's own input.
    pub(crate) ours: bool,
    /// Whether it ended with `%end` rather than `%error`.
    pub(crate) ok: bool,
    /// The lines between, each with its line end.
    pub(crate) body: Vec<u8>,
}

/// tmux said something that no version of it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its control client printed more than {BLOCK_BYTES} bytes without an end")]
pub(crate) struct TooLong;

/// Splits the output of one control client.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    /// `time number flags`, as it was printed.
    guard: Vec<u8>,
    body: Vec<u8>,
}

impl Parser {
    /// Takes output cut anywhere; returns the blocks that ended in it. Notifications are dropped:
    /// what matters comes by other ways.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Result<Vec<Block>, TooLong> {
        let mut blocks = Vec::new();
        while let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
            self.line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            let line = std::mem::take(&mut self.line);
            blocks.extend(self.take_line(&line));
            self.check()?;
        }
        self.line.extend_from_slice(bytes);
        self.check()?;
        Ok(blocks)
    }

    fn check(&self) -> Result<(), TooLong> {
        let body = self.open.as_ref().map_or(0, |open| open.body.len());
        if self.line.len() + body > BLOCK_BYTES { Err(TooLong) } else { Ok(()) }
    }

    fn take_line(&mut self, line: &[u8]) -> Option<Block> {
        let Some(open) = &mut self.open else {
            let guard = line.strip_prefix(b"%begin ")?;
            self.open = Some(Open { guard: guard.to_vec(), body: Vec::new() });
            return None;
        };
        let ends = |word: &[u8]| line.strip_prefix(word) == Some(&open.guard);
        let ok = ends(b"%end ");
        if !ok && !ends(b"%error ") {
            open.body.extend_from_slice(line);
            open.body.push(b'\n');
            return None;
        }
        let Open { guard, body } = self.open.take()?;
        // The lowest bit of the flags marks a command of this client.
        let flags = guard.rsplit(|&byte| byte == b' ').next().unwrap_or_default();
        let ours = flags.last().is_some_and(|digit| digit & 1 == 1);
        Some(Block { ours, ok, body })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(ours: bool, ok: bool, body: &str) -> Block {
        Block { ours, ok, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn blocks_end_only_with_their_own_guard() {
        let text = "%begin 10 1 0\n%end 10 1 0\n%sessions-changed\n%begin 11 2 1\none\n\
                    %end 11 3 1\n%end 10 2 1\n%error 11 2 0\n%begin 11 2 1\n %end 11 2 1\n\
                    %end 11 2 1\nnoise\n%begin 12 3 1\nbad\n%error 12 3 1\n";
        let hostile = "one\n%end 11 3 1\n%end 10 2 1\n%error 11 2 0\n%begin 11 2 1\n %end 11 2 1\n";
        let expected =
            [block(false, true, ""), block(true, true, hostile), block(true, false, "bad\n")];
        assert_eq!(Parser::default().feed(text.as_bytes()), Ok(expected.to_vec()));
    }

    #[test]
    fn endless_output_is_refused() {
        let endless_line = vec![b'x'; BLOCK_BYTES + 1];
        assert_eq!(Parser::default().feed(&endless_line), Err(TooLong));
        let mut parser = Parser::default();
        assert_eq!(parser.feed(b"%begin 1 1 1\n"), Ok(Vec::new()));
        assert_eq!(parser.feed(&b"row\n".repeat(BLOCK_BYTES / 4 + 1)), Err(TooLong));
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(cuts in proptest::collection::vec(0usize..60, 0..8)) {
            let text = b"%begin 1 2 1\n\xff\xfe\n%end 1 2\n%end 1 2 1\n%begin 1 3 1\n%error 1 3 1\n";
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let mut parser = Parser::default();
            let mut blocks = Vec::new();
            for pair in cuts.windows(2) {
                blocks.extend(parser.feed(&text[pair[0]..pair[1]]).unwrap());
            }
            prop_assert_eq!(blocks, Parser::default().feed(text).unwrap());
        }

        #[test]
        fn anything_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _blocks_or_refusal = Parser::default().feed(&bytes);
        }
    }
}
