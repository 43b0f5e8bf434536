//! Names that people give to devices and tokens.

use protocol::error::ApiError;
use protocol::limits;
use protocol::text::is_invisible;

/// The name without blanks around it, if it can be shown.
pub fn check(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > limits::DEVICE_NAME_CHARS {
        let sentence = format!("A name has 1 to {} characters.", limits::DEVICE_NAME_CHARS);
        return Err(ApiError::invalid("name", sentence));
    }
    if name.chars().any(|char| char.is_control() || is_invisible(char)) {
        let sentence = "The name holds characters that cannot be seen. Leave them out.";
        return Err(ApiError::invalid("name", sentence));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_can_be_seen() {
        assert_eq!(check("  Ada’s phone ").unwrap(), "Ada’s phone");
        let long = "x".repeat(limits::DEVICE_NAME_CHARS);
        assert_eq!(check(&long).unwrap(), long);
        for bad in ["", "   ", &format!("{long}x"), "a\nb", "a\u{202e}b", "a\u{0}", "\u{200b}x"] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }
}
