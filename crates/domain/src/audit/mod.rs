//! The audit trail as a chain: each entry's hash covers its content and the hash before it, so
//! that whoever changes, removes, inserts or swaps entries has to write all later hashes anew,
//! and the last of them is signed and kept elsewhere.
//!
//! The hash of an entry is SHA-256 over the 32 bytes of the hash before (zeros for the first one)
//! and the entry's canonical bytes ([`canonical`]). Entries are numbered from 1 without a gap.

mod verify;

use protocol::access::audit::{AuditEntry, Outcome};
use sha2::{Digest, Sha256};

pub use self::verify::{BadEntry, Verifier, Wrong, verify};

/// SHA-256.
pub type Hash = [u8; 32];

/// What the first entry has before it.
pub const BEGIN: Hash = [0; 32];

/// Begins the canonical bytes of every entry. Another form would get another number.
const FORM: &[u8] = b"maestro audit 1\n";

/// Characters that are kept of each text; what is longer ends in “…”.
pub const TEXT_CHARS: usize = 1_000;

/// Something that was attempted. Texts are those of [`AuditEntry`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Who attempted it.
    pub who: String,
    /// How it came, with the address.
    pub how: String,
    /// What was attempted.
    pub action: String,
    /// To what; may be empty.
    pub object: String,
    /// How it went.
    pub outcome: Outcome,
    /// A sentence; may be empty.
    pub detail: String,
}

/// An event with its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counts up by one, from 1.
    pub seq: i64,
    /// What happened.
    pub event: Event,
    /// Covers this entry and all before it.
    pub hash: Hash,
}

impl Event {
    /// With texts of at most [`TEXT_CHARS`] characters: what comes from outside may be long.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        for text in
            [&mut self.who, &mut self.how, &mut self.action, &mut self.object, &mut self.detail]
        {
            if let Some((end, _)) = text.char_indices().nth(TEXT_CHARS) {
                let last = text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
                text.truncate(last);
                text.push('…');
            }
        }
        self
    }
}

impl Entry {
    /// The entry of this event, after the one with the hash `previous`.
    pub fn chained(previous: &Hash, seq: i64, event: Event) -> Self {
        let hash = hash(previous, seq, &event);
        Self { seq, event, hash }
    }
}

impl From<Entry> for AuditEntry {
    fn from(entry: Entry) -> Self {
        let Event { at_ms, who, how, action, object, outcome, detail } = entry.event;
        let hash = hex(&entry.hash);
        Self { seq: entry.seq, at_ms, who, how, action, object, outcome, detail, hash }
    }
}

/// The outcome with this word, if there is one.
pub fn outcome(word: &str) -> Option<Outcome> {
    [Outcome::Done, Outcome::Denied, Outcome::Failed].into_iter().find(|one| one.word() == word)
}

/// Lower-case hexadecimal, as the trail is shown and exported.
pub fn hex(hash: &Hash) -> String {
    hash.iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// The bytes of an entry that its hash covers: `maestro audit 1` and a line feed; `seq` and
/// `at_ms` as 8 bytes each, big-endian; then who, how, action, object, the word of the outcome
/// and detail, each as its length in bytes (8 bytes, big-endian) and its UTF-8. With lengths in
/// front no two entries have the same bytes.
pub fn canonical(seq: i64, event: &Event) -> Vec<u8> {
    let Event { at_ms, who, how, action, object, outcome, detail } = event;
    let mut bytes = FORM.to_vec();
    bytes.extend(seq.to_be_bytes());
    bytes.extend(at_ms.to_be_bytes());
    for text in [who, how, action, object, outcome.word(), detail] {
        // No text is longer than 64 bits can count.
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// The hash of an entry that follows the one with the hash `previous`.
pub fn hash(previous: &Hash, seq: i64, event: &Event) -> Hash {
    Sha256::new().chain_update(previous).chain_update(canonical(seq, event)).finalize().into()
}

#[cfg(test)]
mod tests;
