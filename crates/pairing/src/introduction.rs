//! What a device says about itself.

use protocol::error::ApiError;
use protocol::limits::DEVICE_NAME_CHARS;
use protocol::text::is_invisible;

/// Bytes that a device draws for one pairing.
pub const NONCE_BYTES: usize = 16;

/// A device by its own words. The proof covers all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// Random, drawn by the device for this pairing.
    pub nonce: [u8; NONCE_BYTES],
    /// What the device calls itself, as a person left it in the field.
    pub name: String,
}

impl Introduction {
    /// Checks the name: 1 to 60 characters, none of them a control or invisible, no blank at
    /// either end.
    pub fn new(nonce: [u8; NONCE_BYTES], name: String) -> Result<Self, ApiError> {
        let length = name.chars().count();
        let hidden = name.chars().any(|c| c.is_control() || is_invisible(c));
        if length == 0 || length > DEVICE_NAME_CHARS || name.trim() != name {
            return Err(ApiError::invalid(
                "name",
                "A device's name has 1 to 60 characters, and no blank at either end.",
            ));
        }
        if hidden {
            return Err(ApiError::invalid(
                "name",
                "The name holds a character that nobody sees. Type the name anew.",
            ));
        }
        Ok(Self { nonce, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_people_can_read() {
        let longest = "x".repeat(60);
        for name in ["iPhone", "Ada’s phone", "电话", "📱", "a b", "<b>", longest.as_str()] {
            assert!(Introduction::new([0; 16], name.to_owned()).is_ok(), "{name}");
        }
        let long = "x".repeat(61);
        for name in
            ["", " ", " a", "a ", "a\nb", "a\0", "a\u{202e}b", "\u{200b}", "a\u{1b}[m", &long]
        {
            let error = Introduction::new([0; 16], name.to_owned()).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("name"), "{name:?}");
        }
    }
}
