//! The rule that a claim about security names a test that exists.

use crate::source::Source;

/// Where the claims stand.
const PAGE: &str = "SECURITY.md";

/// Each test that the page names and that no source holds.
pub(crate) fn missing(sources: &[Source]) -> Vec<String> {
    let page = sources.iter().find(|source| source.path == PAGE);
    let Some(page) = page else { return vec![format!("{PAGE} is missing")] };
    let names = named(&page.text);
    if names.is_empty() {
        return vec![format!("{PAGE} names no test: the check sees nothing")];
    }
    names
        .into_iter()
        .filter(|name| !sources.iter().any(|source| holds(source, name)))
        .map(|name| format!("{PAGE} names the test “{name}”, which does not exist"))
        .collect()
}

/// What stands behind `test:` in backticks.
fn named(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let mut names: Vec<&str> = quoted
        .filter_map(|quoted| quoted.strip_prefix("test:"))
        .filter(|n| !n.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A function with `#[test]` above it, or a browser test with this title.
fn holds(source: &Source, name: &str) -> bool {
    if source.under("end2end/tests") && source.kind() == "ts" {
        return ['"', '`']
            .iter()
            .any(|quote| source.text.contains(&format!("test({quote}{name}{quote}")));
    }
    if source.kind() != "rs" {
        return false;
    }
    let head = format!("fn {name}(");
    let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(index, line)| {
        let declared = line.starts_with(&head) || line.starts_with(&format!("async {head}"));
        // Attributes and the words of documentation may stand between the two.
        let above =
            lines[..index].iter().rev().take_while(|line| !line.is_empty() && **line != "}");
        declared && above.take(6).any(|line| line.contains("test") && line.starts_with("#["))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str, path: &str, text: &str, expected: usize) {
        let sources = [Source::sample(PAGE, page), Source::sample(path, text)];
        assert_eq!(missing(&sources).len(), expected, "{page} with {text}");
    }

    #[test]
    fn a_test_that_does_not_exist_is_found() {
        let rust = "#[test]\nfn it_holds() {}\n";
        check("`test:it_holds`", "a.rs", rust, 0);
        check("`test:it_holds` and `test:it_fails`", "a.rs", rust, 1);
        check("`test:it_hold`", "a.rs", rust, 1);
        check("`test:it_holds`", "a.rs", "fn it_holds() {}\n", 1);
        check(
            "`test:it_holds`",
            "a.rs",
            "    #[tokio::test(flavor = \"x\")]\n    async fn it_holds() {\n",
            0,
        );
        check("`test:it_holds`", "a.rs", "#[test]\nfn other() {\n}\n\nfn it_holds() {}\n", 1);
        check("`test:a title`", "end2end/tests/a.spec.ts", "test(\"a title\", f);\n", 0);
        check(
            "`test:a ${host} title`",
            "end2end/tests/a.spec.ts",
            "test(`a ${host} title`, f);\n",
            0,
        );
        check("`test:a title`", "end2end/tests/a.spec.ts", "test(\"another title\", f);\n", 1);
        check("no test at all", "a.rs", rust, 1);
    }
}
