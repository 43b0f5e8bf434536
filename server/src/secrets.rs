//! Random tokens and how they are compared: only hashes are stored, comparison takes the same
//! time for every guess.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// 256 random bits as 64 hexadecimal characters.
pub(crate) fn random_token() -> String {
    hex(&random_bytes::<32>())
}

/// Random bytes from the operating system.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system provides random bytes");
    bytes
}

/// SHA-256 of a token: what is stored and compared.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Forty random bits as 8 characters of `[a-z2-7]` (RFC 4648 base32): names an instance.
pub(crate) fn instance_id() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    random_bytes::<8>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// Whether a guess is the token behind this hash, without telling by time how close it came.
pub(crate) fn matches(hash_of_truth: &[u8; 32], guess: &str) -> bool {
    let guess = hash(guess);
    let difference = hash_of_truth.iter().zip(guess).fold(0, |sum, (a, b)| sum | (a ^ b));
    difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_matches_its_own_hash_only() {
        let token = random_token();
        assert_eq!(token.len(), 64);
        assert!(matches(&hash(&token), &token));
        for guess in ["", "0", &token[..63], &format!("{token}0"), &random_token()] {
            assert!(!matches(&hash(&token), guess), "{guess}");
        }
    }
}
