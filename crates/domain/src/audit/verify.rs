//! Reads a chain from its begin and names the first entry that is not as it was written.

use super::{BEGIN, Entry, Hash, hash};

/// The first entry that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Entry {seq} {wrong}.")]
pub struct BadEntry {
    /// Its number; that of the missing one when one is missing.
    pub seq: i64,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The next one there has a higher number, or there is none though there was.
    #[error("is missing")]
    Missing,
    /// Its number was there before.
    #[error("stands where another one belongs")]
    Misplaced,
    /// Its content, or that of one before it, is not what its hash says.
    #[error("was changed, or one before it was replaced: its hash does not fit")]
    Changed,
    /// A value that Maestro never writes.
    #[error("holds a value that makes no sense")]
    Senseless,
    /// The chain fits, but it is another one than the one that was signed.
    #[error("is not the one that was signed: the trail was written anew")]
    NotSigned,
}

/// Checks a chain entry by entry, in constant memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verifier {
    last: i64,
    head: Hash,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { last: 0, head: BEGIN }
    }
}

impl Verifier {
    /// Takes the next entry. After an error the chain says nothing any more.
    pub fn check(&mut self, entry: &Entry) -> Result<(), BadEntry> {
        let expected = self.last.saturating_add(1);
        if entry.seq > expected {
            return Err(BadEntry { seq: expected, wrong: Wrong::Missing });
        }
        if entry.seq < expected {
            return Err(BadEntry { seq: entry.seq, wrong: Wrong::Misplaced });
        }
        if hash(&self.head, entry.seq, &entry.event) != entry.hash {
            return Err(BadEntry { seq: entry.seq, wrong: Wrong::Changed });
        }
        *self = Self { last: entry.seq, head: entry.hash };
        Ok(())
    }

    /// Number of the last good entry; 0 before the first one.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// Hash of the last good entry; [`BEGIN`] before the first one.
    pub fn head(&self) -> Hash {
        self.head
    }
}

/// Checks a whole chain; returns the hash of its last entry, or [`BEGIN`] if it has none. That it
/// was cut at its end shows only in comparison with a hash that was kept elsewhere.
pub fn verify<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Result<Hash, BadEntry> {
    let mut verifier = Verifier::default();
    entries.into_iter().try_for_each(|entry| verifier.check(entry))?;
    Ok(verifier.head())
}
