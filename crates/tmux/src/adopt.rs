//! Takes up a pane whose output was not followed: what tmux still shows becomes the first picture.
//!
//! Screen, cursor, modes and the new tap come from one command list, so not a byte lies between
//! the picture and the stream. It runs in a client of its own: text of a program never crosses
//! the control client.

use std::fmt::Write;

use protocol::terminals::TerminalSize;

use crate::config::TmuxConfig;
use crate::control::tmux_command;
use crate::error::TmuxError;
use crate::pane::{SIZE_FORMAT, SIZE_MARK};

/// Numbers only; a field that this tmux does not know is empty.
const STATE_FORMAT: &str = "#{pane_width}:#{pane_height}:#{cursor_x}:#{cursor_y}:\
    #{alternate_on}:#{alternate_saved_x}:#{alternate_saved_y}:\
    #{scroll_region_upper}:#{scroll_region_lower}:#{origin_flag}:\
    #{cursor_flag}:#{insert_flag}:#{wrap_flag}:#{keypad_flag}:#{keypad_cursor_flag}:\
    #{mouse_standard_flag}:#{mouse_button_flag}:#{mouse_all_flag}:\
    #{mouse_utf8_flag}:#{mouse_sgr_flag}:#{bracket_paste_flag}";

/// What tmux showed when the tap opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seed {
    pub(crate) size: TerminalSize,
    /// Paints it on a blank terminal.
    pub(crate) bytes: Vec<u8>,
}

/// Captures a pane and, given a command, pipes its output there from that very byte on.
pub(crate) async fn capture(
    config: &TmuxConfig,
    pane: u32,
    pipe: Option<&str>,
) -> Result<Seed, TmuxError> {
    let target = format!("%{pane}");
    let mut command = tmux_command(config);
    command
        // What is painted now has this size.
        .args(["set-option", "-F", "-p", "-t", &target, SIZE_MARK, SIZE_FORMAT, ";"])
        .args(["display-message", "-p", "-t", &target, STATE_FORMAT, ";"])
        .args(["capture-pane", "-e", "-p", "-t", &target, ";"])
        .args(["capture-pane", "-a", "-q", "-e", "-p", "-t", &target]);
    if let Some(pipe) = pipe {
        command.args([";", "pipe-pane", "-O", "-t", &target, pipe]);
    }
    let output = tokio::time::timeout(std::time::Duration::from_secs(5), command.output())
        .await
        .map_err(|_| TmuxError::Timeout("capture-pane".into()))?
        .map_err(TmuxError::io("run", &config.tmux_program))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(TmuxError::Refused { command: "capture-pane".into(), reason });
    }
    parse(&output.stdout).ok_or_else(|| TmuxError::Refused {
        command: "capture-pane".into(),
        reason: "its answer could not be read".into(),
    })
}

fn parse(printed: &[u8]) -> Option<Seed> {
    let mut lines = printed.split(|&byte| byte == b'\n');
    let state = std::str::from_utf8(lines.next()?).ok()?;
    let fields: Vec<Option<u16>> = state.split(':').map(|field| field.parse().ok()).collect();
    let field = |index: usize| fields.get(index).copied().flatten();
    let on = |index: usize| field(index) == Some(1);
    let size = TerminalSize { cols: field(0)?, rows: field(1)? };
    let rows: Vec<&[u8]> = lines.collect();
    let (current, saved) = rows.split_at(usize::from(size.rows).min(rows.len()));

    let mut seed = Vec::new();
    if on(4) {
        paint(&mut seed, &saved[..saved.len().min(usize::from(size.rows))]);
        move_to(&mut seed, field(6).unwrap_or(0), field(5).unwrap_or(0));
        seed.extend_from_slice(b"\x1b[?1049h");
    }
    paint(&mut seed, current);
    let (top, bottom) = (field(7).unwrap_or(0), field(8).unwrap_or(size.rows - 1));
    if (top, bottom) != (0, size.rows - 1) {
        add(&mut seed, format_args!("\x1b[{};{}r", top + 1, bottom + 1));
    }
    let row = field(3)?;
    if on(9) {
        seed.extend_from_slice(b"\x1b[?6h");
        move_to(&mut seed, row.saturating_sub(top), field(2)?);
    } else {
        move_to(&mut seed, row, field(2)?);
    }
    for (set, sequence) in [
        (field(10) == Some(0), "\x1b[?25l"),
        (on(11), "\x1b[4h"),
        (field(12) == Some(0), "\x1b[?7l"),
        (on(13), "\x1b="),
        (on(14), "\x1b[?1h"),
        (on(15), "\x1b[?1000h"),
        (on(16), "\x1b[?1002h"),
        (on(17), "\x1b[?1003h"),
        (on(18), "\x1b[?1005h"),
        (on(19), "\x1b[?1006h"),
        (on(20), "\x1b[?2004h"),
    ] {
        if set {
            seed.extend_from_slice(sequence.as_bytes());
        }
    }
    Some(Seed { size, bytes: seed })
}

fn paint(out: &mut Vec<u8>, rows: &[&[u8]]) {
    for (row, text) in (0..).zip(rows) {
        move_to(out, row, 0);
        out.extend_from_slice(text);
        out.extend_from_slice(b"\x1b[m");
    }
}

fn move_to(out: &mut Vec<u8>, row: u16, col: u16) {
    add(out, format_args!("\x1b[{};{}H", row + 1, col + 1));
}

fn add(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let mut string = String::new();
    // Writing to a string cannot fail.
    let _written = string.write_fmt(text);
    out.extend_from_slice(string.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Model, VtModel};

    #[test]
    fn both_screens_cursor_and_modes_come_back() {
        let printed = b"20:5:3:1:1:2:4:0:4:0:0:0:1:0:1:0:0:1:0:1:\nalt one\nalt two\n\n\n\nmain\n\n\n\nprompt$\n";
        let seed = parse(printed).unwrap();
        assert_eq!(seed.size, TerminalSize { cols: 20, rows: 5 });
        let mut model = VtModel::new(seed.size);
        model.feed(&seed.bytes);
        assert_eq!(model.text(), ["alt one", "alt two"]);
        let snapshot = String::from_utf8(model.snapshot()).unwrap();
        for mode in ["\x1b[?1049h", "\x1b[?25l", "\x1b[?1h", "\x1b[?1003h", "\x1b[?1006h"] {
            assert!(snapshot.contains(mode), "{mode:?}");
        }
        model.feed(b"X\x1b[?1049lY");
        assert_eq!(model.text(), ["main", "", "", "", "prYmpt$"]);
        assert_eq!(parse(b"nonsense\n"), None);
    }
}
