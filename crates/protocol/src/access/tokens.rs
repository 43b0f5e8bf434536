//! Tokens for scripts.

use serde::{Deserialize, Serialize};

use super::Role;

/// A script's token, without its secret part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    /// Names it; opens nothing.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do: never more than an operator.
    pub role: Role,
    /// Its first characters, to find it again in a leak.
    pub prefix: String,
    /// When it was made, milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// When it stops working, if it does.
    pub expires_at_ms: Option<i64>,
    /// When it was last used, to the minute.
    pub last_used_at_ms: Option<i64>,
}

/// Asks for a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateToken {
    /// What people call it, 1 to 60 characters.
    pub name: String,
    /// Viewer or operator.
    pub role: Role,
    /// Days until it stops working, 1 to 3650; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// A token that was just made. Its secret is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewToken {
    /// Its record.
    pub token: Token,
    /// What a script sends as `Authorization: Bearer …`.
    pub secret: String,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("NewToken").field("token", &self.token).finish_non_exhaustive()
    }
}
