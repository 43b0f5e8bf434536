//! The agent: its id, its record, and what may be asked of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Identifies one agent for ever: a lower-case ULID, 26 characters of `[0-9a-z]`.
///
/// It is the only name that reaches tmux and URLs; what a person typed stays in the database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, example = "01jd5m0w3v8k2q4r6s8t0v2x4z"))]
pub struct AgentId(String);

/// The text is not an agent id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an agent id has 26 characters, digits and lower-case letters")]
pub struct InvalidAgentId;

impl AgentId {
    /// Characters in an id.
    pub const LENGTH: usize = 26;

    /// The id as text, safe in tmux names, file names and URLs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AgentId {
    type Err = InvalidAgentId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let well_formed = text.len() == Self::LENGTH
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidAgentId) }
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AgentId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One managed program: what runs, where, and how it is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Agent {
    /// Stable id.
    pub id: AgentId,
    /// Unique on its host; the first two hyphens split level 1, level 2 and name.
    pub name: String,
    /// Program to run, as it was typed: a name on `PATH` or an absolute path.
    pub program: String,
    /// Arguments, handed over one by one, never through a shell.
    pub args: Vec<String>,
    /// Absolute working folder.
    pub folder: String,
    /// Free text of the owner.
    pub note: String,
    /// What is known about its session.
    pub state: AgentState,
    /// Creation time, milliseconds since the Unix epoch.
    pub created_at_ms: i64,
}

impl Agent {
    /// The name split at its first two hyphens: the groups it belongs to, then its own part.
    pub fn levels(&self) -> (Vec<&str>, &str) {
        split_levels(&self.name)
    }
}

/// Splits `level1-level2-name`; fewer hyphens give fewer groups, an empty part splits nothing.
pub fn split_levels(name: &str) -> (Vec<&str>, &str) {
    let parts: Vec<&str> = name.splitn(3, '-').collect();
    if parts.iter().any(|part| part.trim().is_empty()) {
        return (Vec::new(), name);
    }
    let (own, groups) = parts.split_last().expect("splitn gives at least one part");
    (groups.to_vec(), own)
}

/// State of an agent's session. The program's own status (working, waiting) builds on it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AgentState {
    /// No session: never started, or stopped by its owner.
    Stopped,
    /// Its program runs since this time (milliseconds since the Unix epoch).
    Running {
        /// Start time.
        since_ms: i64,
    },
    /// Its program ended by itself.
    Exited {
        /// Exit code; absent when a signal ended it.
        code: Option<i32>,
        /// End time, milliseconds since the Unix epoch.
        at_ms: i64,
    },
    /// Its session disappeared without being stopped.
    Lost {
        /// When that was noticed, milliseconds since the Unix epoch.
        at_ms: i64,
    },
}

impl AgentState {
    /// Whether a program is running.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Running { .. })
    }

    /// The word shown beside the glyph.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stopped => "Stopped",
            Self::Running { .. } => "Running",
            Self::Exited { code: Some(0), .. } => "Done",
            Self::Exited { .. } => "Failed",
            Self::Lost { .. } => "Lost",
        }
    }
}

/// What a new agent needs. Unknown fields are refused by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateAgent {
    /// Name, unique on this host.
    pub name: String,
    /// Program on `PATH`, or an absolute path.
    pub program: String,
    /// Arguments, one by one.
    #[serde(default)]
    pub args: Vec<String>,
    /// Absolute folder, or one that starts with `~/`.
    pub folder: String,
    /// Free text.
    #[serde(default)]
    pub note: String,
    /// Start it at once.
    #[serde(default = "start_by_default")]
    pub start: bool,
}

fn start_by_default() -> bool {
    true
}

/// All agents of this host at one revision, ordered by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentList {
    /// Grows with every change; events carry it too.
    pub revision: u64,
    /// The agents.
    pub agents: Vec<Agent>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_two_hyphens_split_the_name() {
        fn check(name: &str, groups: &[&str], own: &str) {
            assert_eq!(split_levels(name), (groups.to_vec(), own), "{name}");
        }
        check("a-b-c-d", &["a", "b"], "c-d");
        check("payments-ledger-fix", &["payments", "ledger"], "fix");
        check("payments-ledger", &["payments"], "ledger");
        check("solo", &[], "solo");
        check("-x", &[], "-x");
        check("a--b", &[], "a--b");
    }

    #[test]
    fn ids_are_closed_to_anything_a_shell_or_tmux_could_read() {
        assert!("01jd5m0w3v8k2q4r6s8t0v2x4z".parse::<AgentId>().is_ok());
        for text in ["", "short", "01jd5m0w3v8k2q4r6s8t0v2x4Z", "01jd5m0w3v8k2q4r6s8t0v2x4#"] {
            assert_eq!(text.parse::<AgentId>(), Err(InvalidAgentId), "{text}");
        }
    }
}
