//! The agent: its id and its record. [`settings`] is what its owner decides, [`state`] what
//! happens to its session, [`history`] and [`versions`] what was, [`requests`] what may be asked.

pub mod history;
pub mod requests;
pub mod settings;
pub mod state;
pub mod versions;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::terminals::TerminalRecord;

pub use requests::{CloneAgent, CreateAgent, EditAgent};
pub use settings::{AgentSettings, Colour, EnvReference, EnvSource};
pub use state::AgentState;

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
    /// What its owner decided; on the wire its fields stand beside the others.
    #[serde(flatten)]
    pub settings: AgentSettings,
    /// Number of the settings, from 1; every change makes the next one.
    pub version: u32,
    /// What is known about its session.
    pub state: AgentState,
    /// Its terminals beside the program's own, ordered by number.
    pub terminals: Vec<TerminalRecord>,
    /// Creation time, milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// When it went to the trash, milliseconds since the Unix epoch; absent while it is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_at_ms: Option<i64>,
}

impl Agent {
    /// A new agent: hibernated, with version 1 of its settings and a shell beside its program.
    pub fn new(id: AgentId, settings: AgentSettings, created_at_ms: i64) -> Self {
        let shell =
            TerminalRecord { number: 1, name: "Shell".into(), state: AgentState::Hibernated };
        Self {
            id,
            settings,
            version: 1,
            state: AgentState::Hibernated,
            terminals: vec![shell],
            created_at_ms,
            trashed_at_ms: None,
        }
    }

    /// The name split at its first two hyphens: the groups it belongs to, then its own part.
    pub fn levels(&self) -> (Vec<&str>, &str) {
        split_levels(&self.settings.name)
    }

    /// The terminal with this number, unless it is the program's own.
    pub fn terminal(&self, number: u16) -> Option<&TerminalRecord> {
        self.terminals.iter().find(|terminal| terminal.number == number)
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
