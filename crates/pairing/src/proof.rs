//! What both sides make of what they share: a proof for each, and the digits that people compare.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::code::Secret;
use crate::introduction::Introduction;

/// Bytes of a proof.
pub const PROOF_BYTES: usize = 32;
/// Groups of four digits in a fingerprint: 80 bits, too many to search for a match.
const GROUPS: usize = 6;
const DIGITS: u64 = 10_000;

/// A key that only the two sides of one pairing hold.
pub struct Shared(Hkdf<Sha256>);

impl Shared {
    /// From the secret of a QR code.
    pub fn of_secret(secret: &Secret, instance: &str) -> Self {
        let salt = [b"maestro pairing secret ", instance.as_bytes()].concat();
        Self(Hkdf::new(Some(&salt), secret.bytes()))
    }

    /// From an exchange with a short code; the instance is part of the exchange.
    pub(crate) fn of_exchange(key: &[u8]) -> Self {
        Self(Hkdf::new(Some(b"maestro pairing code"), key))
    }

    /// What the phone sends: that it holds the key, for this device and name alone.
    pub fn phone_proof(&self, device: &Introduction) -> [u8; PROOF_BYTES] {
        self.derive(b"phone", device)
    }

    /// What the host answers, so that the phone knows to whom it talks.
    pub fn host_proof(&self, device: &Introduction) -> [u8; PROOF_BYTES] {
        self.derive(b"host", device)
    }

    /// Whether this is the phone's proof, without telling by time how close it came.
    pub fn is_phone_proof(&self, device: &Introduction, proof: &[u8]) -> bool {
        self.phone_proof(device).ct_eq(proof).into()
    }

    /// Whether this is the host's proof, without telling by time how close it came.
    pub fn is_host_proof(&self, device: &Introduction, proof: &[u8]) -> bool {
        self.host_proof(device).ct_eq(proof).into()
    }

    /// Six groups of four digits that both sides show. Somebody between the two, who shares
    /// another key with each of them, cannot make both show the same.
    pub fn fingerprint(&self, device: &Introduction) -> String {
        let bytes: [u8; GROUPS * 8] = self.derive(b"fingerprint", device);
        let (numbers, _none) = bytes.as_chunks::<8>();
        let groups: Vec<String> = numbers
            .iter()
            .map(|number| format!("{:04}", u64::from_be_bytes(*number) % DIGITS))
            .collect();
        groups.join(" ")
    }

    fn derive<const N: usize>(&self, purpose: &[u8], device: &Introduction) -> [u8; N] {
        let mut bytes = [0; N];
        let name = device.name.as_bytes();
        // The parts before the name have fixed lengths, or end in a byte that they do not hold.
        let info = [b"maestro pairing 1 ", purpose, b"\0", &device.nonce, name];
        self.0.expand_multi_info(&info, &mut bytes).expect("less than 255 hashes are asked for");
        bytes
    }
}

#[cfg(test)]
impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        let device = Introduction { nonce: [0; 16], name: String::new() };
        self.phone_proof(&device) == other.phone_proof(&device)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Shared(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shared(byte: u8, instance: &str) -> Shared {
        Shared::of_secret(&Secret::draw(&mut || byte), instance)
    }

    fn device(nonce: u8, name: &str) -> Introduction {
        Introduction { nonce: [nonce; 16], name: name.to_owned() }
    }

    #[test]
    fn a_proof_holds_for_one_key_side_device_and_name() {
        let (mine, phone) = (shared(1, "i"), device(1, "iPhone"));
        let proof = mine.phone_proof(&phone);
        assert!(mine.is_phone_proof(&phone, &proof));
        assert!(!mine.is_host_proof(&phone, &proof), "one side's proof is not the other's");
        assert!(mine.is_host_proof(&phone, &mine.host_proof(&phone)));
        assert!(!shared(2, "i").is_phone_proof(&phone, &proof));
        assert!(!shared(1, "j").is_phone_proof(&phone, &proof));
        assert!(!mine.is_phone_proof(&device(2, "iPhone"), &proof));
        assert!(!mine.is_phone_proof(&device(1, "iPhone "), &proof));
        for wrong in [&[][..], &proof[..31], &[0; 32], &[0; 64]] {
            assert!(!mine.is_phone_proof(&phone, wrong));
        }
    }

    #[test]
    fn a_fingerprint_is_six_groups_of_four_digits() {
        let text = shared(1, "i").fingerprint(&device(1, "iPhone"));
        let groups: Vec<&str> = text.split(' ').collect();
        assert_eq!(groups.len(), GROUPS, "{text}");
        let digits = |group: &&str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_digit());
        assert!(groups.iter().all(digits), "{text}");
    }

    proptest! {
        #[test]
        fn fingerprints_differ_with_anything_that_went_in(
            one in any::<(u8, u8)>(), two in any::<(u8, u8)>(), names in ("[a-c]{1,3}", "[a-c]{1,3}"),
        ) {
            let text = |(key, nonce), name: &str| shared(key, "i").fingerprint(&device(nonce, name));
            let same = one == two && names.0 == names.1;
            prop_assert_eq!(text(one, &names.0) == text(two, &names.1), same);
        }
    }
}
