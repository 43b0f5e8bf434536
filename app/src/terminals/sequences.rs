//! What a terminal sends for the keys of the bar.

use super::keys::{Key, control_character};

/// The bytes of a key. `application` is the cursor keys' other form, which full-screen programs
/// ask for.
pub(super) fn sequence(key: Key, control: bool, application: bool) -> String {
    match key {
        Key::Escape => "\x1b".to_owned(),
        Key::Tab => "\t".to_owned(),
        Key::BackTab => "\x1b[Z".to_owned(),
        Key::Enter => "\r".to_owned(),
        Key::Left => arrow('D', control, application),
        Key::Down => arrow('B', control, application),
        Key::Up => arrow('A', control, application),
        Key::Right => arrow('C', control, application),
        Key::Character(character) if control => {
            control_character(character).unwrap_or(character).to_string()
        }
        Key::Character(character) => character.to_string(),
    }
}

fn arrow(letter: char, control: bool, application: bool) -> String {
    match (control, application) {
        (true, _) => format!("\x1b[1;5{letter}"),
        (false, true) => format!("\x1bO{letter}"),
        (false, false) => format!("\x1b[{letter}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_send_what_a_keyboard_sends() {
        fn check(key: Key, control: bool, application: bool, bytes: &str) {
            assert_eq!(sequence(key, control, application), bytes, "{key:?}");
        }
        check(Key::Escape, false, false, "\x1b");
        check(Key::Tab, true, false, "\t");
        check(Key::BackTab, false, false, "\x1b[Z");
        check(Key::Enter, false, false, "\r");
        check(Key::Up, false, false, "\x1b[A");
        check(Key::Up, false, true, "\x1bOA");
        check(Key::Right, true, true, "\x1b[1;5C");
        check(Key::Character('|'), false, false, "|");
        check(Key::Character('|'), true, false, "|");
        check(Key::Character('/'), true, false, "\x1f");
    }
}
