//! Quoting for the two languages between Maestro and a process: tmux commands and `sh`.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// One word for tmux's command parser. Inside single quotes it reads nothing, no escape either.
pub(crate) fn tmux_word(word: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for &byte in word {
        match byte {
            b'\'' => quoted.extend_from_slice(br"'\''"),
            _ => quoted.push(byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

/// A path as one word for `sh`, inside a `pipe-pane` command.
///
/// tmux expands that command twice before `sh` sees it, as a format (`#`) and as a time (`%`), and
/// the rules for doubling differ between versions. So an unusual byte is written in octal for
/// `printf`, and nothing is left that any of the three could read.
pub(crate) fn shell_path(path: &Path) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let bytes = path.as_os_str().as_bytes();
    if bytes.iter().all(plain) {
        return path.to_string_lossy().into_owned();
    }
    let octal: String = bytes
        .iter()
        .map(
            |byte| {
                if plain(byte) { char::from(*byte).to_string() } else { format!("\\{byte:03o}") }
            },
        )
        .collect();
    format!("\"$(printf '{octal}')\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmux_words_close_and_reopen_around_a_quote() {
        fn check(word: &str, quoted: &str) {
            assert_eq!(tmux_word(word.as_bytes()), quoted.as_bytes(), "{word}");
        }
        check("plain", "'plain'");
        check("#{pane_id} $HOME ;", "'#{pane_id} $HOME ;'");
        check("it's", r"'it'\''s'");
    }

    #[test]
    fn shell_paths_hold_nothing_that_tmux_or_sh_expands() {
        fn check(path: &str, word: &str) {
            assert_eq!(shell_path(Path::new(path)), word, "{path}");
        }
        check("/usr/bin/maestro", "/usr/bin/maestro");
        check("/a b", r#""$(printf '/a\040b')""#);
        check("/#(x)%H'", r#""$(printf '/\043\050x\051\045H\047')""#);
        check("/é", r#""$(printf '/\303\251')""#);
    }
}
