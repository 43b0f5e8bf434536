//! The exchange with a short code: SPAKE2, in which the code itself is never sent.
//!
//! Each side sends one message. Whoever knows the code ends with the same key; whoever guessed
//! wrong ends with another one and has learned only that. The phone then proves its key first,
//! so that the host tells nothing to somebody who only asks.

use std::fmt;

use rand_core::{CryptoRng, RngCore};
use spake2::{Ed25519Group, Identity, Password, Spake2};

use crate::code::Code;
use crate::proof::Shared;

/// Random bytes that one side needs.
pub const ENTROPY_BYTES: usize = 64;
/// Bytes of a message: a letter for the side, and a point on the curve.
pub const MESSAGE_BYTES: usize = 33;

/// The phone's name in the exchange; the host's is its instance.
const PHONE: &[u8] = b"maestro pairing";

/// What the other side sent is no message of this exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("That is not a message of this exchange.")]
pub struct BadMessage;

/// One side between its own message and the other's.
pub struct Half {
    state: Spake2<Ed25519Group>,
    message: Vec<u8>,
}

impl Half {
    /// The phone's side. `entropy` is random and used once.
    pub fn phone(code: &Code, instance: &str, entropy: [u8; ENTROPY_BYTES]) -> Self {
        let (state, message) = Spake2::start_a_with_rng(
            &Password::new(code.password()),
            &Identity::new(PHONE),
            &Identity::new(instance.as_bytes()),
            Drawn::new(entropy),
        );
        Self { state, message }
    }

    /// The host's side. `entropy` is random and used once.
    pub fn host(code: &Code, instance: &str, entropy: [u8; ENTROPY_BYTES]) -> Self {
        let (state, message) = Spake2::start_b_with_rng(
            &Password::new(code.password()),
            &Identity::new(PHONE),
            &Identity::new(instance.as_bytes()),
            Drawn::new(entropy),
        );
        Self { state, message }
    }

    /// What to send to the other side.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// What both sides hold if both knew the code.
    pub fn finish(self, message: &[u8]) -> Result<Shared, BadMessage> {
        let key = self.state.finish(message).map_err(|_malformed| BadMessage)?;
        Ok(Shared::of_exchange(&key))
    }
}

impl fmt::Debug for Half {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Half(…)")
    }
}

/// Hands out random bytes that were drawn before, since this crate makes none itself.
struct Drawn {
    bytes: [u8; ENTROPY_BYTES],
    used: usize,
}

impl Drawn {
    fn new(bytes: [u8; ENTROPY_BYTES]) -> Self {
        Self { bytes, used: 0 }
    }
}

impl CryptoRng for Drawn {}

impl RngCore for Drawn {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// One side of the exchange draws one scalar: exactly the bytes that are here. Were it ever
    /// more, handing out zeros would be far worse than stopping.
    fn fill_bytes(&mut self, target: &mut [u8]) {
        let end = self.used + target.len();
        target.copy_from_slice(&self.bytes[self.used..end]);
        self.used = end;
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(target);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::code::ALPHABET;

    fn entropy() -> impl Strategy<Value = [u8; ENTROPY_BYTES]> {
        prop::collection::vec(any::<u8>(), ENTROPY_BYTES)
            .prop_map(|bytes| bytes.try_into().unwrap())
    }

    fn code() -> impl Strategy<Value = Code> {
        prop::collection::vec(0..ALPHABET.len(), 8).prop_map(|places| {
            let text: String = places.iter().map(|place| char::from(ALPHABET[*place])).collect();
            Code::read(&text).unwrap()
        })
    }

    fn run(phone: Half, host: Half) -> (Shared, Shared) {
        let (to_host, to_phone) = (phone.message().to_vec(), host.message().to_vec());
        assert_eq!((to_host.len(), to_phone.len()), (MESSAGE_BYTES, MESSAGE_BYTES));
        (phone.finish(&to_phone).unwrap(), host.finish(&to_host).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn both_sides_agree_with_the_same_code(code in code(), a in entropy(), b in entropy()) {
            let (phone, host) =
                run(Half::phone(&code, "abcd2345", a), Half::host(&code, "abcd2345", b));
            prop_assert!(phone == host);
        }

        #[test]
        fn wrong_codes_never_agree(
            typed in code(), right in code(), a in entropy(), b in entropy(),
        ) {
            prop_assume!(typed != right);
            let (phone, host) = run(Half::phone(&typed, "i", a), Half::host(&right, "i", b));
            prop_assert!(phone != host);
        }

        #[test]
        fn one_wrong_character_is_a_wrong_code(
            right in code(), place in 0..8_usize, other in 0..ALPHABET.len(),
            a in entropy(), b in entropy(),
        ) {
            let mut text = right.to_string().replace('-', "").into_bytes();
            prop_assume!(text[place] != ALPHABET[other]);
            text[place] = ALPHABET[other];
            let typed = Code::read(std::str::from_utf8(&text).unwrap()).unwrap();
            let (phone, host) = run(Half::phone(&typed, "i", a), Half::host(&right, "i", b));
            prop_assert!(phone != host);
        }

        #[test]
        fn another_instance_never_agrees(code in code(), a in entropy(), b in entropy()) {
            let (phone, host) = run(Half::phone(&code, "one", a), Half::host(&code, "two", b));
            prop_assert!(phone != host);
        }

        #[test]
        fn any_bytes_are_a_message_or_refused(
            code in code(), a in entropy(), bytes in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            // A random point may be one; then the keys differ, as with any wrong code.
            let host = Half::host(&code, "i", a);
            let wrong_shape = bytes.len() != MESSAGE_BYTES || bytes[0] != b'A';
            prop_assert!(host.finish(&bytes).is_err() || !wrong_shape);
        }
    }

    #[test]
    fn a_side_does_not_talk_to_itself() {
        let code = Code::read("7KQM-4XTD").unwrap();
        let host = Half::host(&code, "i", [1; ENTROPY_BYTES]);
        let own = host.message().to_vec();
        assert_eq!(host.finish(&own).err(), Some(BadMessage));
    }
}
