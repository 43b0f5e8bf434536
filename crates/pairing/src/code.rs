//! What the owner hands over: a secret for a camera and a short code for fingers.

use std::fmt;

use crate::hex;

/// The characters of a code: no `0` `O`, `1` `I` `L`, and no `U`, which looks like `V`.
pub const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code.
pub const CODE_CHARS: usize = 8;
/// Bytes of a secret: 128 bits.
pub const SECRET_BYTES: usize = 16;

/// A short code. Its first character is its [place](Code::place), which finds the offer among
/// those that are open; the seven others are 34 bits that nobody learns but by trying.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; CODE_CHARS]);

impl Code {
    /// Draws a code from a source of random bytes. Each character is equally likely.
    pub fn draw(random: &mut dyn FnMut() -> u8) -> Self {
        Self(std::array::from_fn(|_| {
            loop {
                let byte = random();
                // 240 is the largest multiple of 30 that a byte holds.
                if byte < 240 {
                    return ALPHABET[usize::from(byte) % ALPHABET.len()];
                }
            }
        }))
    }

    /// Reads what a person typed: small letters, blanks and dashes do not matter. `None` if it
    /// is no code.
    pub fn read(typed: &str) -> Option<Self> {
        let mut code = [0; CODE_CHARS];
        let mut length = 0;
        for character in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let character = u8::try_from(character.to_ascii_uppercase()).ok()?;
            *code.get_mut(length).filter(|_| ALPHABET.contains(&character))? = character;
            length += 1;
        }
        (length == CODE_CHARS).then_some(Self(code))
    }

    /// Finds the offer; opens nothing. It crosses the wire.
    pub fn place(&self) -> char {
        char::from(self.0[0])
    }

    /// What both sides run the exchange with.
    pub(crate) fn password(&self) -> &[u8] {
        &self.0
    }
}

/// As people read it: `7KQM-4XTD`.
impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if index == CODE_CHARS / 2 {
                out.write_str("-")?;
            }
            write!(out, "{}", char::from(*byte))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Code(…)")
    }
}

/// The secret of a QR code.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; SECRET_BYTES]);

impl Secret {
    /// Draws a secret from a source of random bytes.
    pub fn draw(random: &mut dyn FnMut() -> u8) -> Self {
        Self(std::array::from_fn(|_| random()))
    }

    /// Reads the part of the address behind the dot: 32 hexadecimal digits.
    pub fn read(text: &str) -> Option<Self> {
        hex::read_exactly(text).map(Self)
    }

    /// As it stands in the address.
    pub fn text(&self) -> String {
        hex::write(&self.0)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = Code::read("7KQM-4XTD").unwrap();
        for typed in
            ["7kqm4xtd", " 7KQM 4XTD ", "7-K-Q-M-4-X-T-D", "7kqm–4xtd".replace('–', "-").as_str()]
        {
            assert_eq!(Code::read(typed), Some(code.clone()), "{typed}");
        }
        assert_eq!((code.to_string(), code.place()), ("7KQM-4XTD".to_owned(), '7'));
        for typed in
            ["", "7KQM-4XT", "7KQM-4XTD2", "7KQM-4XT0", "7KQM-4XTÄ", "7KQM_4XTD", "ſKQM4XTD"]
        {
            assert_eq!(Code::read(typed), None, "{typed}");
        }
        assert!(!format!("{code:?}").contains('7'), "a code stays out of logs");
    }

    #[test]
    fn every_character_is_equally_likely() {
        let mut byte = 255_u8;
        let mut every_byte = || {
            byte = byte.wrapping_add(1);
            byte
        };
        let mut seen = [0_u32; 256];
        // 30 codes are 240 characters: each byte below 240 once.
        for _ in 0..30 {
            let code = Code::draw(&mut every_byte);
            code.0.iter().for_each(|character| seen[usize::from(*character)] += 1);
        }
        assert!(ALPHABET.iter().all(|character| seen[usize::from(*character)] == 8), "{seen:?}");
    }

    #[test]
    fn a_secret_is_read_as_it_is_written() {
        let mut next = 0;
        let secret = Secret::draw(&mut || {
            next += 1;
            next
        });
        assert_eq!(secret.text(), "0102030405060708090a0b0c0d0e0f10");
        assert_eq!(Secret::read(&secret.text()), Some(secret.clone()));
        assert_eq!(Secret::read(&secret.text()[1..]), None);
        assert!(!format!("{secret:?}").contains("01"), "a secret stays out of logs");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(typed in ".{0,40}") {
            if let Some(code) = Code::read(&typed) {
                prop_assert_eq!(Code::read(&code.to_string()), Some(code));
            }
        }

        #[test]
        fn a_drawn_code_is_read_back(bytes in prop::collection::vec(0_u8..240, 8)) {
            let mut bytes = bytes.into_iter();
            let code = Code::draw(&mut || bytes.next().unwrap());
            prop_assert_eq!(Code::read(&code.to_string().to_lowercase()), Some(code));
        }
    }
}
