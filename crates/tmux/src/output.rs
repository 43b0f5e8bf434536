//! The past of a terminal as plain text.

use std::collections::VecDeque;
use std::process::Stdio;
use std::time::Duration;

use protocol::limits::HISTORY_LINES;
use protocol::terminals::TerminalId;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::config::TmuxConfig;
use crate::control::tmux_command;
use crate::error::TmuxError;
use crate::pane::find;
use crate::server::Tmux;

/// Text that is kept; of more, the oldest lines are dropped.
const TEXT_BYTES: usize = 4 * 1024 * 1024;
/// tmux has printed it within this time.
const PRINT_WITHIN: Duration = Duration::from_secs(5);

impl Tmux {
    /// The last lines of history and screen, oldest first; also of a program that has ended, until
    /// it is [buried](Self::bury). What the terminal wrapped is one line. Without control
    /// characters, trailing blanks and blank lines at the end; at most 5 000 lines and 4 MiB.
    pub async fn output(
        &self,
        terminal: &TerminalId,
        lines: u32,
    ) -> Result<Vec<String>, TmuxError> {
        let found = find(&self.services.control, terminal).await?;
        let (facts, _) = found.ok_or_else(|| TmuxError::NoSession(terminal.clone()))?;
        let lines = lines.min(HISTORY_LINES);
        let text = match self.print(facts.pane, lines).await {
            Err(TmuxError::Refused { .. }) if self.services.keeper.mend().await => {
                self.print(facts.pane, lines).await
            }
            printed => printed,
        }?;
        Ok(last_lines(&text, lines))
    }

    async fn print(&self, pane: u32, lines: u32) -> Result<Vec<u8>, TmuxError> {
        let printing = print(&self.services.config, pane, lines);
        tokio::time::timeout(PRINT_WITHIN, printing)
            .await
            .map_err(|_| self.services.control.counters().timeout("capture-pane"))?
    }
}

/// What tmux prints, through a client of its own: text of a program never crosses the control
/// client.
async fn print(config: &TmuxConfig, pane: u32, lines: u32) -> Result<Vec<u8>, TmuxError> {
    let refused = |reason: String| TmuxError::Refused { command: "capture-pane".into(), reason };
    let mut client = tmux_command(config)
        .args(["capture-pane", "-p", "-J", "-S", &format!("-{lines}")])
        .args(["-t", &format!("%{pane}")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(TmuxError::io("run", &config.tmux_program))?;
    let printed = client.stdout.take().ok_or_else(|| refused("it has no output".into()))?;
    let text = tail(printed).await.map_err(|error| refused(error.to_string()))?;
    match client.wait().await {
        Ok(status) if status.success() => Ok(text),
        _ => Err(refused("the terminal is gone, or tmux cannot be reached".into())),
    }
}

/// The last bytes of a stream, from the beginning of a line.
async fn tail(mut stream: impl AsyncRead + Unpin) -> std::io::Result<Vec<u8>> {
    let mut kept = VecDeque::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut cut = false;
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            break;
        }
        kept.extend(&buffer[..length]);
        let excess = kept.len().saturating_sub(TEXT_BYTES);
        cut |= excess > 0;
        kept.drain(..excess);
    }
    let mut kept = Vec::from(kept);
    if cut {
        let end = kept.iter().position(|&byte| byte == b'\n').map_or(kept.len(), |end| end + 1);
        kept.drain(..end);
    }
    Ok(kept)
}

fn last_lines(text: &[u8], count: u32) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| line.chars().filter(|c| !c.is_control()).collect::<String>())
        .map(|line| line.trim_end().to_owned())
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let surplus = lines.len().saturating_sub(usize::try_from(count).unwrap_or(usize::MAX));
    lines.drain(..surplus);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_ends_and_control_characters_are_cut() {
        let text = b"one\n two \x1b[31m \xff\n\nlast\x07\n   \n\n";
        assert_eq!(last_lines(text, 9), ["one", " two [31m \u{fffd}", "", "last"]);
        assert_eq!(last_lines(text, 2), ["", "last"]);
        assert!(last_lines(b"", 3).is_empty());
    }

    #[tokio::test]
    async fn of_a_long_text_whole_lines_of_the_end_stay() {
        let text = b"0123456789\n".repeat(TEXT_BYTES / 11 + 50);
        let kept = tail(&text[..]).await.unwrap();
        assert!(kept.len() <= TEXT_BYTES && kept.len() > TEXT_BYTES - 22);
        assert!(kept.starts_with(b"0123456789\n"));
        assert_eq!(tail(&b"short"[..]).await.unwrap(), b"short");
    }
}
