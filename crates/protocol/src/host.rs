//! Facts about the machine that Maestro runs on.

use serde::{Deserialize, Serialize};

/// Shown in the sidebar and the status strip.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostFacts {
    /// The machine's short name.
    pub name: String,
    /// Maestro's version.
    pub version: String,
    /// tmux's version, such as `3.3a`.
    pub tmux_version: String,
    /// The home folder of the user, to shorten paths to `~/…`.
    pub user_home: String,
    /// The instance's data folder.
    pub maestro_home: String,
}

/// What is wrong with this host right now; empty when all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostHealth {
    /// Grows with every change.
    pub revision: u64,
    /// One entry per thing that is wrong, oldest first.
    pub problems: Vec<Problem>,
}

/// Something that is wrong and that people should know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Which kind.
    pub kind: ProblemKind,
    /// One or two sentences: what happened and what to do now.
    pub message: String,
    /// Since when, milliseconds since the Unix epoch.
    pub since_ms: i64,
}

/// Kinds of problems. Stable: alerts match on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProblemKind {
    /// Changes cannot be stored, because the disk is full or failing.
    Store,
    /// tmux does not answer.
    Tmux,
    /// The last write before a crash is missing from the database.
    LostWrite,
    /// No backup could be made.
    Backup,
    /// The audit trail cannot be stored, or its signed heads cannot be copied.
    Audit,
}

/// One thing that `doctor` and the diagnostics page look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// What was looked at, such as `tmux`.
    pub name: String,
    /// Whether it is good.
    pub ok: bool,
    /// What was found; where it is not good, what to do.
    pub detail: String,
}

/// A number that the diagnostics page shows and `/metrics` exports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Measure {
    /// What is measured, in words.
    pub name: String,
    /// The value with its unit, for people.
    pub value: String,
}

/// What the diagnostics page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Diagnostics {
    /// Checks of this machine and the data folder.
    pub checks: Vec<Check>,
    /// How much of everything there is.
    pub measures: Vec<Measure>,
    /// Backups, newest first.
    pub backups: Vec<Backup>,
}

/// A copy of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backup {
    /// Absolute path.
    pub path: String,
    /// When it was made, milliseconds since the Unix epoch.
    pub made_at_ms: i64,
    /// Its size in bytes.
    pub bytes: u64,
}
