//! Logging in, as far as it crosses the wire.

use serde::{Deserialize, Serialize};

/// A link that logs one browser in, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginLink {
    /// Address with the token in its fragment, which browsers never send to a server.
    pub url: String,
    /// When it stops working, milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
}
