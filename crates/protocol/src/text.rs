//! Characters that a reader cannot see, and that can make a text look like another one.

/// Whether the character has no shape of its own: soft hyphen, zero-width characters, bidi
/// controls, line separators, tags. Names refuse these; a terminal gets them spelled out.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_characters_without_a_shape_are_invisible() {
        for hidden in ['\u{200b}', '\u{200f}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{e0041}'] {
            assert!(is_invisible(hidden), "U+{:04X}", u32::from(hidden));
        }
        for shown in ['a', ' ', 'é', '\u{301}', 'ש', '😀', '\u{fe0f}', '“', '\u{1f468}'] {
            assert!(!is_invisible(shown), "U+{:04X}", u32::from(shown));
        }
    }
}
