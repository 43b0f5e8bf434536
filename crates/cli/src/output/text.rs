//! Text of users, made safe to print.

use protocol::agents::Agent;
use protocol::text::is_invisible;

/// The text with every control and invisible character as `\u{…}` or `\n`, `\t`, `\r`.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else if is_invisible(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The text, visible and in quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    format!("“{}”", visible(text))
}

/// How to name the agent in a command that is shown to be typed: by its id where a shell could
/// read its name otherwise.
pub(crate) fn typeable(agent: &Agent) -> &str {
    let name = agent.settings.name.as_str();
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if plain && !name.is_empty() && !name.starts_with('-') { name } else { agent.id.as_str() }
}

/// The texts below each other, each on a line that ends.
pub(super) fn lines(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().fold(String::new(), |mut lines, text| {
        lines.push_str(&text);
        lines.push('\n');
        lines
    })
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    #[test]
    fn nothing_printed_drives_the_terminal() {
        fn check(text: &str, expected: &str) {
            assert_eq!(visible(text), expected);
        }
        check("it's “quoted” \\ שלום 😀", "it's “quoted” \\ שלום 😀");
        check("\u{1b}[2J\u{7}", "\\u{1b}[2J\\u{7}");
        check("a\nb\tc\r", "a\\nb\\tc\\r");
        check("\u{9b}31m", "\\u{9b}31m");
        check("gpj\u{202e}exe", "gpj\\u{202e}exe");
    }

    #[test]
    fn no_command_to_type_holds_what_a_shell_obeys() {
        const ID: &str = "01jd5m0w3v8k2q4r6s8t0v2x4z";
        for (name, expected) in
            [("docs-v1.2_a", "docs-v1.2_a"), ("a b", ID), ("$(x)", ID), ("é", ID), ("", ID)]
        {
            let settings = AgentSettings { name: name.into(), ..Default::default() };
            let agent = Agent::new(ID.parse().unwrap(), settings, 0);
            assert_eq!(typeable(&agent), expected);
        }
    }
}
