//! Tells one emoji from other text.

use protocol::limits;
use unicode_segmentation::UnicodeSegmentation;

/// Makes the character before it be drawn as a picture.
const AS_PICTURE: char = '\u{fe0f}';
/// Puts the character before it into a key: `1️⃣`.
const KEYCAP: char = '\u{20e3}';

/// Whether the text is one grapheme that is drawn as a picture.
///
/// Where a grapheme ends is for `unicode-segmentation`, which is in the tree anyway, to say. The
/// Unicode property “emoji” would need a large table, or a list of names that ages with each
/// Unicode version. The blocks in which all such characters lie do not, and a character of them
/// that is no emoji is still one sign that can be drawn.
pub(super) fn is_one(text: &str) -> bool {
    let mut graphemes = text.graphemes(true);
    let (Some(only), None) = (graphemes.next(), graphemes.next()) else { return false };
    let Some(first) = only.chars().next() else { return false };
    only.len() <= limits::AVATAR_BYTES
        && only.chars().skip(1).all(belongs_to_a_picture)
        && match first {
            // Flags are two of these.
            '\u{1f1e6}'..='\u{1f1ff}' => only.chars().count() == 2,
            '\u{1f000}'..='\u{1faff}' => true,
            '0'..='9' | '#' | '*' => only.ends_with(KEYCAP),
            '\u{a9}'
            | '\u{ae}'
            | '\u{203c}'..='\u{2bff}'
            | '\u{3030}'
            | '\u{303d}'
            | '\u{3297}'
            | '\u{3299}' => is_picture_by_itself(first) || only.contains(AS_PICTURE),
            _ => false,
        }
}

/// What may follow inside one emoji: joiners and selectors, a key, the letters of regional flags,
/// and further pictures. No accent, of which any number would fit onto one sign.
fn belongs_to_a_picture(character: char) -> bool {
    matches!(character,
        '\u{200d}' | AS_PICTURE | KEYCAP
        | '\u{2600}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{e0020}'..='\u{e007f}')
}

/// Signs below the emoji planes that are pictures without being told to be.
fn is_picture_by_itself(sign: char) -> bool {
    matches!(sign,
        '\u{231a}'..='\u{231b}' | '\u{23e9}'..='\u{23f3}' | '\u{25fd}'..='\u{25fe}'
        | '\u{2600}'..='\u{27bf}' | '\u{2b1b}'..='\u{2b1c}' | '\u{2b50}' | '\u{2b55}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_is_told_from_letters_and_from_two() {
        for emoji in [
            "🦊",
            "❤\u{fe0f}",
            "🇩🇪",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "1\u{fe0f}\u{20e3}",
            "👨‍👩‍👧‍👦",
            "❤\u{fe0f}\u{200d}🔥",
            "🧑🏽\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}🧑🏿",
            "👍🏽",
            "⚡",
            "⌚",
            "㊗\u{fe0f}",
        ] {
            assert!(is_one(emoji), "{emoji}");
        }
        for other in [
            "",
            "a",
            "1",
            "#",
            "1\u{fe0f}",
            "a\u{fe0f}",
            "あ\u{fe0f}",
            "🦊🦊",
            "🦊a",
            "🦊\u{301}",
            "🦊\u{202e}",
            "🦊\u{200b}",
            "ab",
            " 🦊",
            "🦊\n",
            "é",
            "ש",
            "—",
            "‼",
            "🇩",
            "🇩🇪🇫🇷",
            "<",
        ] {
            assert!(!is_one(other), "{other:?}");
        }
        let endless = format!("🦊{}", "\u{200d}🦊".repeat(20));
        assert!(!is_one(&endless), "one grapheme without end");
    }
}
