//! What a refused attempt hears: never more than it has a right to.

use protocol::error::{ApiError, ErrorCode};

/// Why a device did not prove itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// There is no such pairing, or it is over: used, expired, or out of tries.
    Over,
    /// The code or the secret is wrong.
    Wrong {
        /// Tries that are left.
        left: u8,
    },
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Over => Self::new(
                ErrorCode::Unauthenticated,
                "This pairing is over. Ask for a new code on the computer.",
            ),
            Refusal::Wrong { left: 1 } => {
                Self::new(ErrorCode::Unauthenticated, "That code is not right, 1 try is left.")
                    .about("code")
            }
            Refusal::Wrong { left } => Self::new(
                ErrorCode::Unauthenticated,
                format!("That code is not right, {left} tries are left."),
            )
            .about("code"),
        }
    }
}

/// As many offers as may be are open, and none of them is this device's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl From<Full> for ApiError {
    fn from(_full: Full) -> Self {
        Self::new(
            ErrorCode::Conflict,
            "Three pairings are open already, from other devices. Wait until one is over, two \
             minutes at most.",
        )
    }
}

/// There is no device that waits for the owner's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl From<Closed> for ApiError {
    fn from(_closed: Closed) -> Self {
        Self::new(
            ErrorCode::Conflict,
            "This device no longer waits: the pairing is over. Pair it again.",
        )
    }
}
