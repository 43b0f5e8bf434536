//! Who may do what: roles, devices, tokens, pairings, the audit trail.

pub mod audit;
pub mod devices;
pub mod pairing;
mod role;
pub mod tokens;

use serde::{Deserialize, Serialize};

pub use self::role::Role;

/// Who asks, as a page may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Caller {
    /// The device, token or terminal; the command line has none.
    pub id: Option<String>,
    /// What it may do.
    pub role: Role,
}

impl Caller {
    /// Somebody of whom nothing is known.
    pub fn nobody() -> Self {
        Self { id: None, role: Role::Viewer }
    }
}
