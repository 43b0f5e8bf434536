//! Terminals: their ids and records, sizes, and the plain-text screen.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::agents::{AgentId, AgentState};
use crate::limits;

/// One terminal of an agent; number 0 is that of its program.
///
/// As text it is the agent's id, followed by `-1`, `-2` … for the others. It is the only name
/// that reaches tmux.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalId {
    /// Whose.
    pub agent: AgentId,
    /// Which of its terminals.
    pub number: u16,
}

/// The text is not a terminal id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a terminal id is an agent id, followed by “-” and a number for all but the first")]
pub struct InvalidTerminalId;

impl TerminalId {
    /// The terminal of an agent's own program.
    pub fn program(agent: AgentId) -> Self {
        Self { agent, number: 0 }
    }

    /// Whether it is that of the agent's own program.
    pub fn is_program(&self) -> bool {
        self.number == 0
    }
}

impl fmt::Display for TerminalId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            0 => write!(out, "{}", self.agent),
            number => write!(out, "{}-{number}", self.agent),
        }
    }
}

impl FromStr for TerminalId {
    type Err = InvalidTerminalId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (agent, number) = match text.split_once('-') {
            None => (text, 0),
            Some((agent, number)) => {
                // One way to write each: no sign, no leading zero, never “-0”.
                let digits = !number.is_empty()
                    && !number.starts_with('0')
                    && number.bytes().all(|byte| byte.is_ascii_digit());
                let number = digits.then(|| number.parse().ok()).flatten();
                (agent, number.ok_or(InvalidTerminalId)?)
            }
        };
        Ok(Self { agent: agent.parse().map_err(|_| InvalidTerminalId)?, number })
    }
}

impl Serialize for TerminalId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TerminalId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A terminal that an agent has beside that of its program. It runs the owner's shell in the
/// agent's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalRecord {
    /// From 1, never used again within the agent.
    pub number: u16,
    /// What people call it.
    pub name: String,
    /// What is known about its session.
    pub state: AgentState,
}

/// The name of a terminal that is opened or renamed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NameTerminal {
    /// Absent = “Shell” and a number that is free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// How much of a terminal's past is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct OutputQuery {
    /// Last lines, 100 when absent, never more than 5 000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<u32>,
}

impl OutputQuery {
    /// How many lines to return.
    pub fn count(self) -> u32 {
        self.lines.unwrap_or(100).clamp(1, limits::HISTORY_LINES)
    }
}

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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScreenText {
    /// One entry per row, without trailing blanks; empty rows at the end are left out.
    pub rows: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_terminal_has_one_name() {
        let agent = "01jd5m0w3v8k2q4r6s8t0v2x4z";
        for text in [agent.to_owned(), format!("{agent}-1"), format!("{agent}-65535")] {
            assert_eq!(text.parse::<TerminalId>().unwrap().to_string(), text);
        }
        for text in ["-0", "-01", "-", "-+1", "-65536", "-1-1", "-x"] {
            assert!(format!("{agent}{text}").parse::<TerminalId>().is_err(), "{text}");
        }
    }
}
