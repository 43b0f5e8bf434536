//! Bytes as lower-case hexadecimal, the form in which they cross the wire.

use std::fmt::Write as _;

/// Lower-case hexadecimal.
pub fn write(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes behind lower-case hexadecimal; `None` for any other text.
pub fn read(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// Exactly `N` bytes from lower-case hexadecimal.
pub fn read_exactly<const N: usize>(text: &str) -> Option<[u8; N]> {
    // Longer texts are refused before anything is made of them.
    if text.len() == N * 2 { read(text)?.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        assert_eq!(write(&[0, 0x7f, 0xff]), "007fff");
        assert_eq!(read("007fff"), Some(vec![0, 0x7f, 0xff]));
        assert_eq!(read_exactly::<3>("007fff"), Some([0, 0x7f, 0xff]));
        for bad in ["0", "0g", "0F", " 00", "00 ", "+1", "é"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read_exactly::<2>("007fff"), None);
        assert_eq!(read_exactly::<4>("007fff"), None);
    }
}
