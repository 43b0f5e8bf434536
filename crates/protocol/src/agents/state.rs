//! What is known about a session.

use serde::{Deserialize, Serialize};

/// State of an agent's session, and of each of its terminals. The program's own status (working,
/// waiting) builds on it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AgentState {
    /// No session: never started, or ended by its owner.
    Hibernated,
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
    /// Its session disappeared without being ended by its owner.
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
            Self::Hibernated => "Hibernated",
            Self::Running { .. } => "Running",
            Self::Exited { code: Some(0), .. } => "Done",
            Self::Exited { .. } => "Failed",
            Self::Lost { .. } => "Lost",
        }
    }
}
