//! One offer, from the moment it is made until what became of it is forgotten.

use std::fmt;

use protocol::access::pairing::PairingState;
use subtle::ConstantTimeEq as _;

use super::{Opened, Origin, Standing, TRIES, Visitor};
use crate::code::{Code, Secret};
use crate::introduction::Introduction;
use crate::proof::Shared;

/// One offer.
pub(super) struct Entry {
    pub(super) id: String,
    /// The owner's device that made it.
    pub(super) owner: String,
    pub(super) secret: Secret,
    pub(super) code: Code,
    pub(super) expires_at_ms: i64,
    pub(super) tries_left: u8,
    /// Never more than there were tries.
    pub(super) exchanges: Vec<Exchange>,
    pub(super) stage: Stage,
    /// Set once it ended.
    pub(super) forgotten_at_ms: Option<i64>,
}

/// An exchange between its two halves.
pub(super) struct Exchange {
    pub(super) id: String,
    pub(super) shared: Shared,
    pub(super) ends_at_ms: i64,
}

/// A device that has proven itself.
#[derive(Clone)]
pub(super) struct Waiting {
    visitor: Visitor,
    fingerprint: String,
    ticket: String,
}

/// How far an offer is.
pub(super) enum Stage {
    Open,
    Waiting(Waiting),
    Confirmed(Waiting),
    Refused(Waiting),
    Over,
}

impl Stage {
    /// Whether it still may lead to a device that is let in.
    pub(super) fn is_live(&self) -> bool {
        matches!(self, Self::Open | Self::Waiting(_))
    }
}

impl Entry {
    pub(super) fn new(owner: &str, offer: &Opened) -> Self {
        Self {
            id: offer.id.clone(),
            owner: owner.to_owned(),
            secret: offer.secret.clone(),
            code: offer.code.clone(),
            expires_at_ms: offer.expires_at_ms,
            tries_left: TRIES,
            exchanges: Vec::new(),
            stage: Stage::Open,
            forgotten_at_ms: None,
        }
    }

    /// Whether somebody may still try.
    pub(super) fn takes_tries(&self) -> bool {
        matches!(self.stage, Stage::Open) && self.tries_left > 0
    }

    /// Whether every try was taken and none of them can still be right.
    pub(super) fn is_used_up(&self) -> bool {
        matches!(self.stage, Stage::Open) && self.tries_left == 0 && self.exchanges.is_empty()
    }

    /// A device proved itself: the offer is used.
    pub(super) fn welcome(
        &mut self,
        device: &Introduction,
        fingerprint: String,
        origin: Origin,
        ticket: &str,
    ) {
        self.exchanges.clear();
        let visitor = Visitor { name: device.name.clone(), origin };
        self.stage = Stage::Waiting(Waiting { visitor, fingerprint, ticket: ticket.to_owned() });
    }

    /// Whether this is the ticket of the device that proved itself, without telling by time how
    /// close it came.
    pub(super) fn holds(&self, ticket: &str) -> bool {
        match &self.stage {
            Stage::Waiting(device) | Stage::Confirmed(device) | Stage::Refused(device) => {
                device.ticket.as_bytes().ct_eq(ticket.as_bytes()).into()
            }
            Stage::Open | Stage::Over => false,
        }
    }

    /// The device that waits, if one does.
    pub(super) fn visitor(&self) -> Option<Visitor> {
        match &self.stage {
            Stage::Waiting(device) => Some(device.visitor.clone()),
            _ => None,
        }
    }

    pub(super) fn standing(&self) -> Standing {
        match &self.stage {
            Stage::Open | Stage::Waiting(_) => Standing::Pending,
            Stage::Confirmed(_) => Standing::Confirmed,
            Stage::Refused(_) => Standing::Refused,
            Stage::Over => Standing::Over,
        }
    }

    pub(super) fn state(&self) -> PairingState {
        match &self.stage {
            // An exchange that is not finished may still turn out right.
            Stage::Open => {
                let pending = u8::try_from(self.exchanges.len()).unwrap_or(TRIES);
                PairingState::Open { tries_left: self.tries_left.saturating_add(pending) }
            }
            Stage::Waiting(Waiting { visitor, fingerprint, .. }) => PairingState::Waiting {
                name: visitor.name.clone(),
                fingerprint: fingerprint.clone(),
                address: visitor.origin.address.clone(),
                user_agent: visitor.origin.user_agent.clone(),
            },
            Stage::Confirmed(_) => PairingState::Confirmed,
            Stage::Refused(_) => PairingState::Refused,
            Stage::Over => PairingState::Over,
        }
    }

    /// Moments at which time alone changes something.
    pub(super) fn moments(&self) -> impl Iterator<Item = i64> {
        let ends = self.stage.is_live().then_some(self.expires_at_ms);
        let exchanges = self.exchanges.iter().map(|exchange| exchange.ends_at_ms);
        ends.into_iter().chain(self.forgotten_at_ms).chain(exchanges)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Entry").field("id", &self.id).finish_non_exhaustive()
    }
}
