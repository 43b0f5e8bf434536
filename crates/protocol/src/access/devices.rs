//! Devices: browsers that logged in by a link or were paired.

use serde::{Deserialize, Serialize};

use super::Role;

/// How a device came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Entrance {
    /// By a login link.
    Link,
    /// By pairing, confirmed by the owner.
    Paired,
}

/// A device that may use this host. Its id opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// Names it in addresses and on the command line.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// How it came in.
    pub entrance: Entrance,
    /// When it came in, milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// When it was last used, to the minute.
    pub last_seen_at_ms: i64,
    /// The network address that it came in from.
    pub address: String,
    /// What its browser called itself.
    pub user_agent: String,
    /// Sockets that it holds open now.
    pub sockets: usize,
}

/// All devices, as the page about them shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceList {
    /// Last used first.
    pub devices: Vec<Device>,
    /// The one that asks, if it is one.
    pub current: Option<String>,
}

/// Gives a device another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenameDevice {
    /// 1 to 60 characters.
    pub name: String,
}

/// Gives a device another role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetRole {
    /// What it may do from now on.
    pub role: Role,
}

/// Confirms with a new login link that it is still the same person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reauthenticate {
    /// The part of the link after `#t=`.
    pub token: String,
}

impl std::fmt::Debug for Reauthenticate {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Reauthenticate { token: … }")
    }
}

/// Asks for a login link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewLink {
    /// Role of the browser that uses it; the owner's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// How this host can be reached, and what a device must know to trust it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reach {
    /// Origin on this machine, such as `http://127.0.0.1:23000`.
    pub loopback: String,
    /// Origin for other devices, such as `https://studio.local:23443`; none when the server only
    /// listens on this machine.
    pub public: Option<String>,
    /// The certificate behind it, if the server has one of its own.
    pub certificate: Option<Certificate>,
}

/// The certificate that other devices see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Certificate {
    /// SHA-256 of this instance's certificate authority, or of the certificate itself when that
    /// is from elsewhere: upper-case hexadecimal with colons.
    pub fingerprint: String,
    /// Whether it is from this instance's own authority, which a device must be told to trust.
    pub own_authority: bool,
    /// Names that it is good for.
    pub names: Vec<String>,
    /// When it expires, milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
}
