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
