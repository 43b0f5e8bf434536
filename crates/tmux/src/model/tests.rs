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

/// Each group is as likely as another.
const PIECES: [&[&str]; 12] = [
    &["ls -la ", "\u{2500}\u{2502}", "日本", "e\u{301}", "\u{1f600}", "long text that wraps "],
    &["plain ", "text ", "to the end of the line and on to the next "],
    &["\r\n", "\r\n", "\n", "\r", "\t", "\x08"],
    &["\x1b[K", "\x1b[1K", "\x1b[J", "\x1b[2J", "\x1b[3X", "\x1b[2P"],
    &["\x1b[L", "\x1b[2M", "\x1b[S", "\x1b[T", "\x1bM", "\x1b[3@"],
    &["\x1b7", "\x1b8", "\x1b[r"],
    &["\x1b[?1049h", "\x1b[?1049l"],
    &["\x1b[?25l", "\x1b[?25h", "\x1b[?1h", "\x1b[?2004h", "\x1b[?1004h", "\x1b="],
    &["\x1b[?1000h", "\x1b[?1002h", "\x1b[?1006h", "\x1b[?1003l", "\x1b[4 q"],
    &["\x1b]0;a title\x07", "\x1b]8;;https://example.org\x1b\\", "\x1bPq#0\x1b\\"],
    &["\x1b[?6h\x1b[2;2Hin the margins\x1b[?6l"],
    &["\x1b[m", "\x1b[1m", "\x1b[2m", "\x1b[3m", "\x1b[4m", "\x1b[7m", "\x1b[31m", "\x1b[97m"],
];

fn piece(dice: &mut Dice) -> String {
    match dice.roll(16) {
        0 | 1 => format!("\x1b[{};{}H", dice.roll(13), dice.roll(42)),
        2 => format!("\x1b[38;5;{};48;2;1;2;{}m", dice.roll(256), dice.roll(256)),
        3 => format!("\x1b[{};{}r", 1 + dice.roll(6), 7 + dice.roll(6)),
        4 => format!("\x1b[{}{}", 1 + dice.roll(5), ["A", "B", "C", "D", "G"][dice.roll(5)]),
        _ => {
            let group = PIECES[dice.roll(PIECES.len())];
            group[dice.roll(group.len())].to_owned()
        }
    }
}

/// What an agent's interface writes: text, wide characters, colours, moves, margins, both
/// screens, saved cursors, modes, titles.
fn stream(seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    (0..600).flat_map(|_| piece(&mut dice).into_bytes()).collect()
}

fn model(bytes: &[&[u8]]) -> VtModel {
    let mut model = VtModel::new(SIZE);
    for bytes in bytes {
        model.feed(bytes);
    }
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
