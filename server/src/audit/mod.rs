//! The audit trail: who did what, which way, and with what result, kept so that nobody can change
//! a line unseen.
//!
//! [`Trail`] takes entries; a writer stores them, many in one transaction, and signs every hour
//! where the trail stands. What a check of it can and cannot find: entries that were changed,
//! removed, inserted or swapped, and an end that was cut off behind a signed head. Not found is
//! what was cut off after the last head, and not what somebody writes anew who can read the key
//! and replace the copy.

mod actor;
mod anchor;
mod check;
mod copy;
mod entry;
mod export;
mod flood;
mod head;
mod key;
mod trail;
mod troubles;
mod writer;

pub use self::actor::{Actor, Carrier, Way};
pub use self::entry::NewEntry;
pub use self::key::KeyError;
pub use self::trail::Trail;

#[cfg(test)]
mod tests;
