//! A snapshot at any byte, followed by the rest of the stream, equals the whole stream.

use protocol::terminals::TerminalSize;

use super::{Model, VtModel};

const SIZE: TerminalSize = TerminalSize { cols: 40, rows: 12 };

/// Small generator with a fixed seed: the same streams on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

/// What an agent's interface writes: text, wide characters, colours, moves, margins, both
/// screens, saved cursors, modes, titles.
fn stream(seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    let mut out = String::new();
    for _ in 0..600 {
        match dice.roll(24) {
            0..=5 => out.push_str(
                [
                    "ls -la ",
                    "\u{2500}\u{2502}",
                    "日本",
                    "e\u{301}",
                    "\u{1f600}",
                    "long text that wraps ",
                ][dice.roll(6)],
            ),
            6..=8 => out.push_str("\r\n"),
            9 | 10 => out += &format!("\x1b[{};{}H", dice.roll(13), dice.roll(42)),
            11 | 12 => {
                out += &format!("\x1b[{}m", [0, 1, 2, 3, 4, 7, 22, 31, 42, 97][dice.roll(10)])
            }
            13 => out += &format!("\x1b[38;5;{};48;2;1;2;{}m", dice.roll(256), dice.roll(256)),
            14 => {
                out +=
                    ["\x1b[K", "\x1b[1K", "\x1b[J", "\x1b[2J", "\x1b[3X", "\x1b[2P"][dice.roll(6)]
            }
            15 => {
                out += ["\x1b[L", "\x1b[2M", "\x1b[S", "\x1b[T", "\x1bM", "\x1b[3@"][dice.roll(6)]
            }
            16 => out += &format!("\x1b[{};{}r", 1 + dice.roll(6), 7 + dice.roll(6)),
            17 => out += ["\x1b7", "\x1b8", "\x1b[r", "\t", "\x08", "\r"][dice.roll(6)],
            18 => out += ["\x1b[?1049h", "\x1b[?1049l"][dice.roll(2)],
            19 => {
                out += ["\x1b[?25l", "\x1b[?25h", "\x1b[?1h", "\x1b[?2004h", "\x1b[?1004h", "\x1b="]
                    [dice.roll(6)]
            }
            20 => {
                out += ["\x1b[?1000h", "\x1b[?1002h", "\x1b[?1006h", "\x1b[?1003l", "\x1b[4 q"]
                    [dice.roll(5)]
            }
            21 => {
                out += ["\x1b]0;a title\x07", "\x1b]8;;https://example.org\x1b\\", "\x1bPq#0\x1b\\"]
                    [dice.roll(3)]
            }
            22 => out += ["\x1b[?6h", "\x1b[?6l"][dice.roll(2)],
            _ => {
                out +=
                    &format!("\x1b[{}{}", 1 + dice.roll(5), ["A", "B", "C", "D", "G"][dice.roll(5)])
            }
        }
    }
    out.into_bytes()
}

fn model(bytes: &[&[u8]]) -> VtModel {
    let mut model = VtModel::new(SIZE);
    bytes.iter().for_each(|bytes| model.feed(bytes));
    model
}

#[test]
fn a_snapshot_at_any_cut_continues_as_the_stream_does() {
    let mut wrong = Vec::new();
    let mut cuts = 0;
    for seed in 1..=20u32 {
        let stream = stream(0x9e37_79b9_7f4a_7c15_u64.rotate_left(seed));
        let whole = model(&[&stream]);
        let mut dice = Dice(seed.into());
        for _ in 0..200 {
            let cut = dice.roll(stream.len());
            let (before, after) = stream.split_at(cut);
            let snapshot = model(&[before]).snapshot();
            let resumed = model(&[&snapshot, after]);
            cuts += 1;
            if resumed.snapshot() != whole.snapshot() {
                wrong.push((seed, cut));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cuts}: {:?}", wrong.len(), &wrong[..wrong.len().min(10)]);
}

#[test]
fn a_snapshot_holds_the_screen_behind_the_alternate_one() {
    let before = model(&[b"shell prompt\r\n$ vi\x1b[?1049h\x1b[2;3Htext"]);
    let resumed = model(&[&before.snapshot(), b"\x1b[?1049l more"]);
    assert_eq!(resumed.text(), ["shell prompt", "$ vi more"]);
}

#[test]
fn no_stream_brings_the_interpreter_down_while_windows_change() {
    let mut dice = Dice(7);
    for seed in 1..=40 {
        let mut model = VtModel::new(SIZE);
        for chunk in stream(seed).chunks(50) {
            model.feed(chunk);
            let (cols, rows) = (20 + dice.roll(60), 5 + dice.roll(30));
            model.resize(TerminalSize {
                cols: u16::try_from(cols).unwrap(),
                rows: u16::try_from(rows).unwrap(),
            });
            model.feed(&model.snapshot());
        }
    }
}
