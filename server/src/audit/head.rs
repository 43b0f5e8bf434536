//! A signed head: proof that the trail once had so many entries and ended with this hash.
//!
//! The chain alone cannot tell that its end was cut off, or that all of it was written anew. A
//! head can, and its copy outside the database still can when the database is replaced.

use domain::audit::Hash;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use store::audit::Head;

use crate::secrets::hex;

/// Keeps a signature from meaning anything but this.
const DOMAIN: &[u8] = b"maestro audit head 1\0";

/// One line of the copy, with all that somebody else needs to check it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    instance: String,
    seq: i64,
    at_ms: i64,
    hash: String,
    signature: String,
    /// The public half of the key.
    key: String,
}

impl Line {
    /// The head that it tells of, if its numbers can be read.
    pub(super) fn head(&self) -> Option<Head> {
        Some(Head {
            seq: self.seq,
            at_ms: self.at_ms,
            hash: unhex(&self.hash)?,
            signature: unhex::<64>(&self.signature)?.to_vec(),
        })
    }
}

/// Signs heads of this instance, and knows its own.
pub(super) struct Notary {
    key: SigningKey,
    public: VerifyingKey,
    instance: String,
}

impl Notary {
    pub(super) fn new(key: SigningKey, instance: &str) -> Self {
        Self { public: key.verifying_key(), key, instance: instance.to_owned() }
    }

    pub(super) fn sign(&self, seq: i64, at_ms: i64, hash: Hash) -> Head {
        let signature = self.key.sign(&self.message(seq, at_ms, &hash)).to_bytes().to_vec();
        Head { seq, at_ms, hash, signature }
    }

    /// Whether this instance signed it.
    pub(super) fn signed(&self, head: &Head) -> bool {
        let message = self.message(head.seq, head.at_ms, &head.hash);
        Signature::from_slice(&head.signature)
            .is_ok_and(|signature| self.public.verify_strict(&message, &signature).is_ok())
    }

    /// The head for the copy.
    pub(super) fn line(&self, head: &Head) -> Line {
        Line {
            instance: self.instance.clone(),
            seq: head.seq,
            at_ms: head.at_ms,
            hash: hex(&head.hash),
            signature: hex(&head.signature),
            key: hex(self.public.as_bytes()),
        }
    }

    /// Lengths make it impossible to read one message as another.
    fn message(&self, seq: i64, at_ms: i64, hash: &Hash) -> Vec<u8> {
        let instance = self.instance.as_bytes();
        let length = u64::try_from(instance.len()).unwrap_or(u64::MAX);
        let mut message = DOMAIN.to_vec();
        message.extend(length.to_be_bytes());
        message.extend(instance);
        message.extend(seq.to_be_bytes());
        message.extend(at_ms.to_be_bytes());
        message.extend(hash);
        message
    }
}

/// Bytes from lower-case hexadecimal, exactly as many.
pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != N * 2 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notary(seed: u8, instance: &str) -> Notary {
        Notary::new(SigningKey::from_bytes(&[seed; 32]), instance)
    }

    #[test]
    fn only_its_own_heads_are_known_and_only_as_they_were_signed() {
        let ours = notary(1, "abc");
        let head = ours.sign(7, 1_000, [9; 32]);
        assert!(ours.signed(&head));
        assert!(!notary(2, "abc").signed(&head), "another key");
        assert!(!notary(1, "abd").signed(&head), "another instance");
        let mut flipped = head.signature.clone();
        flipped[40] ^= 1;
        for changed in [
            Head { seq: 8, ..head.clone() },
            Head { at_ms: 1_001, ..head.clone() },
            Head { hash: [8; 32], ..head.clone() },
            Head { signature: head.signature[..63].to_vec(), ..head.clone() },
            Head { signature: flipped, ..head },
        ] {
            assert!(!ours.signed(&changed), "{changed:?}");
        }
    }

    #[test]
    fn a_line_of_the_copy_gives_the_head_back() {
        let ours = notary(1, "abc");
        let head = ours.sign(7, 1_000, [9; 32]);
        let text = serde_json::to_string(&ours.line(&head)).unwrap();
        let line: Line = serde_json::from_str(&text).unwrap();
        assert_eq!(line.head(), Some(head));
        let line: Line = serde_json::from_str(&text.replace("0909", "xx09")).unwrap();
        assert_eq!(line.head(), None);
    }

    #[test]
    fn hexadecimal_is_read_exactly() {
        assert_eq!(unhex("00ff1a"), Some([0, 255, 26]));
        for text in ["00ff1", "00ff1a0", "00FF1A", "00fg1a", "+0ff1a", "é0ff1"] {
            assert_eq!(unhex::<3>(text), None, "{text}");
        }
    }
}
