//! What happened to an agent, newest first.

use serde::{Deserialize, Serialize};

use super::AgentId;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// Grows with every entry; orders them, whatever the clock did.
    pub seq: i64,
    /// When, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// What.
    #[serde(flatten)]
    pub event: HistoryEvent,
}

/// What can happen to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HistoryEvent {
    /// It was made.
    Created {
        /// The agent that it is a copy of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<AgentId>,
    },
    /// Its settings changed.
    Edited {
        /// The version that this made.
        version: u32,
        /// Names of the fields that changed.
        fields: Vec<String>,
    },
    /// Settings of an earlier version were taken back.
    RolledBack {
        /// The version that this made.
        version: u32,
        /// The version whose settings it has.
        to: u32,
    },
    /// Its program was started.
    Woken {
        /// Whether it took up its conversation.
        resumed: bool,
    },
    /// Its owner ended its session.
    Hibernated,
    /// Its program ended by itself.
    Exited {
        /// Exit code; absent when a signal ended it.
        code: Option<i32>,
    },
    /// Its session disappeared.
    Lost,
    /// Maestro was started again and found it running.
    Rejoined,
    /// It went to the trash.
    Trashed,
    /// It came back from the trash.
    Restored,
    /// A terminal was opened beside the program's own.
    TerminalOpened {
        /// Its number.
        number: u16,
        /// Its name.
        name: String,
    },
    /// Such a terminal was closed.
    TerminalClosed {
        /// Its number.
        number: u16,
        /// Its name.
        name: String,
    },
}

/// Which part of a history is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct HistoryQuery {
    /// Only entries before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// At most this many; 50 when absent, never more than 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

impl HistoryQuery {
    /// How many entries to return.
    pub fn count(self) -> u32 {
        self.limit.unwrap_or(50).clamp(1, 500)
    }
}
