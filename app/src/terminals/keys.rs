//! The keys of the phone's bar.

/// A key of the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Escape,
    Tab,
    BackTab,
    Enter,
    Left,
    Down,
    Up,
    Right,
    Character(char),
}

/// What Ctrl and this character send together, if there is such a thing.
pub(super) fn control_character(character: char) -> Option<char> {
    match character {
        ' ' | '@' => Some('\0'),
        'a'..='z' | 'A'..='Z' | '['..='_' => Some(char::from(character as u8 & 0x1f)),
        '/' => Some('\x1f'),
        '?' => Some('\x7f'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_folds_letters_of_both_cases() {
        assert_eq!(control_character('c'), Some('\x03'));
        assert_eq!(control_character('C'), Some('\x03'));
        assert_eq!(control_character('['), Some('\x1b'));
        assert_eq!(control_character('é'), None);
        assert_eq!(control_character('1'), None);
    }
}
