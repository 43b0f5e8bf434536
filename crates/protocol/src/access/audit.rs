//! The audit trail: who did what, how, and with what result.

use serde::{Deserialize, Serialize};

/// How an attempt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not allowed.
    Denied,
    /// It was allowed and did not work.
    Failed,
}

impl Outcome {
    /// Its word, as it is written and stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// One line of the trail. Lines are chained: each one's hash covers the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Counts up by one.
    pub seq: i64,
    /// When, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Who: `device ada-phone (01j…)`, `command line`, `token ci (01j…)`, `agent 01j…`,
    /// `nobody`, or `maestro` itself.
    pub who: String,
    /// How it came: `http`, `page`, `socket`, `cli`, and the address it came from.
    pub how: String,
    /// What was attempted, such as `agent.trash` or `POST /api/agents`.
    pub action: String,
    /// To what; empty when the action says it all.
    pub object: String,
    /// How it went.
    pub outcome: Outcome,
    /// A sentence, where there is more to say.
    pub detail: String,
    /// SHA-256 over the hash before and this line, in lower-case hexadecimal.
    pub hash: String,
}

/// Which part of the trail is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
pub struct AuditQuery {
    /// Only entries before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// At most this many, 1 to 1,000; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only those that went this way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// What a check of the whole trail found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditReport {
    /// Entries that were read.
    pub entries: u64,
    /// Hash of the last one, in lower-case hexadecimal; empty when there is none.
    pub head: String,
    /// The first entry that is not as it was written, and why.
    pub broken: Option<BrokenChain>,
}

/// Where the chain breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BrokenChain {
    /// Number of the entry that is wrong or missing.
    pub seq: i64,
    /// What is wrong with it.
    pub problem: String,
}
