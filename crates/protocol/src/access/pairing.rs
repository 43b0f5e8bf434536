//! Pairing a device: an offer with a secret and a short code, a proof, the owner's word.

use serde::{Deserialize, Serialize};

use super::Role;

/// An offer to pair one device: two minutes, one use, five tries.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairingOffer {
    /// Names the pairing; opens nothing.
    pub id: String,
    /// Address with the secret in its fragment, for a QR code.
    pub url: String,
    /// The same address as a QR code: one text of `0` and `1` per row.
    pub qr: Vec<String>,
    /// Short code for typing, such as `7KQM-4XTD`.
    pub code: String,
    /// When it ends, milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
}

impl std::fmt::Debug for PairingOffer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PairingOffer").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How far a pairing is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PairingState {
    /// Nobody has used it yet.
    Open {
        /// Wrong codes that are still forgiven.
        tries_left: u8,
    },
    /// A device has proven itself and waits for the owner.
    Waiting {
        /// What the device calls itself.
        name: String,
        /// The same digits stand on the device: groups of four.
        fingerprint: String,
        /// Where it comes from.
        address: String,
        /// What its browser calls itself.
        user_agent: String,
    },
    /// The owner let it in.
    Confirmed,
    /// The owner refused it.
    Refused,
    /// Too many wrong codes, or two minutes passed.
    Over,
}

/// One pairing, as the owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pairing {
    /// The offer's id.
    pub id: String,
    /// How far it is.
    #[serde(flatten)]
    pub state: PairingState,
    /// When it ends, milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
}

/// All pairings that are open or just ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairingList {
    /// Grows with every change.
    pub revision: u64,
    /// Newest first.
    pub pairings: Vec<Pairing>,
}

/// The owner's word about a device that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfirmPairing {
    /// What the device may do.
    pub role: Role,
}
