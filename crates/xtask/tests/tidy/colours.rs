//! The rule that a component names no raw colour: colours have meanings, and themes change them.

use crate::source::{Finding, Source};

/// Functions that make a colour from numbers.
const FUNCTIONS: [&str; 10] =
    ["rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "lch(", "oklab(", "oklch(", "color("];

/// No colour is spelled out in a style sheet or a component; tokens and themes name them all.
pub(crate) fn raw(source: &Source) -> Vec<Finding> {
    let home = source.path == "style/tokens.css" || source.under("style/themes");
    let sheet = source.under("style") && source.kind() == "css" && !home;
    let component = source.under("app/src") && source.kind() == "rs";
    if !sheet && !component {
        return Vec::new();
    }
    let advice = "use a token: `var(--…)`, or `oklch(from var(--…) …)` for a shade of one";
    source
        .lines()
        .filter(|(_, line)| makes_colour(line) || spells_hex(line, sheet))
        .map(|(number, _)| source.finding(number, "raw colour", advice))
        .collect()
}

/// Whether a colour function gets a number where a token could stand.
fn makes_colour(line: &str) -> bool {
    FUNCTIONS.iter().any(|function| {
        line.match_indices(function).any(|(start, _)| {
            let joined = line[..start].ends_with(|c: char| c.is_alphanumeric() || "-_".contains(c));
            let argument = line[start + function.len()..].trim_start();
            !joined && argument.starts_with(|c: char| c.is_ascii_digit() || ".-+".contains(c))
        })
    })
}

/// Whether a `#…` colour stands in the line. In Rust, three digits may be a number: `#118`.
fn spells_hex(line: &str, short: bool) -> bool {
    line.match_indices('#').any(|(start, _)| {
        let joined = line[..start].ends_with(|c: char| c.is_alphanumeric() || "/&".contains(c));
        let rest = &line[start + 1..];
        let digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
        let ends = !rest[digits..].starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c));
        let sized = matches!(digits, 6 | 8) || (short && matches!(digits, 3 | 4));
        !joined && ends && sized
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::check_sample;

    #[test]
    fn raw_colours_are_found() {
        let check = |text, expected| check_sample(raw, "style/button.css", text, expected);
        check("color: #fff;\n", 1);
        check("color: #11223344;\n", 1);
        check("color: rgb(0 0 0);\n", 1);
        check("color: oklch(.93 .008 265);\n", 1);
        check("color: oklch(var(--l) var(--c) var(--h));\n", 0);
        check("color: oklch(from var(--accent) l c h / .35);\n", 0);
        check("color: var(--text);\n", 0);
        check("fill: url(#gradient);\n", 0);
        check("#agent-list { gap: 0; }\n", 0);
    }

    #[test]
    fn tokens_and_themes_may_name_them() {
        check_sample(raw, "style/tokens.css", "--text: #fff;\n", 0);
        check_sample(raw, "style/themes/dark.css", "--text: oklch(1 0 0);\n", 0);
    }

    #[test]
    fn components_are_looked_at_too() {
        check_sample(raw, "app/src/a.rs", "view! { <p style=\"color: #a0b1c2\"/> }\n", 1);
        check_sample(raw, "app/src/a.rs", "\"PAY#118\" \"#118\"\n", 0);
    }
}
