//! Rules about the text of a file, whatever it is about.

use crate::source::{Finding, Source, has_word};

/// Lines of the longest file that one still reads.
const LONGEST: usize = 600;
/// Kinds of files that people write and read as code.
const CODE: [&str; 5] = ["css", "js", "mjs", "rs", "ts"];

/// No file of code is longer than 600 lines.
pub(crate) fn length(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    if !source.is(&CODE) || lines <= LONGEST {
        return Vec::new();
    }
    let advice = format!("{lines} lines are more than {LONGEST}; split the file by subject");
    vec![source.finding(LONGEST + 1, "length", &advice)]
}

/// A Rust file begins with a `//!` sentence, other code with a comment.
pub(crate) fn opening(source: &Source) -> Vec<Finding> {
    if !source.is(&CODE) {
        return Vec::new();
    }
    if source.kind() != "rs" {
        let first = source.text.lines().find(|line| !line.starts_with("#!")).unwrap_or_default();
        let commented = first.starts_with("/*") || first.starts_with("//");
        let advice = "begin with a comment that says what the file is for";
        return (!commented).then(|| source.finding(1, "opening", advice)).into_iter().collect();
    }
    let sentence: Vec<&str> = source
        .text
        .lines()
        .map_while(|line| line.strip_prefix("//! "))
        .take_while(|line| !line.trim().is_empty())
        .collect();
    let ended = sentence.last().is_some_and(|line| line.ends_with(['.', '?', '!', ':']));
    let advice = "begin with a `//!` sentence that says what the file is for";
    (!ended).then(|| source.finding(1, "opening", advice)).into_iter().collect()
}

/// Nothing is postponed, switched off or slept through.
pub(crate) fn unfinished(source: &Source) -> Vec<Finding> {
    if source.is_rule() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (number, line) in source.lines() {
        if ["TODO", "FIXME", "XXX"].iter().any(|word| has_word(line, word)) {
            let advice = "finish it now, or say in the issue tracker what is left";
            found.push(source.finding(number, "unfinished", advice));
        }
        if source.kind() == "rs" && (line.contains("todo!(") || line.contains("unimplemented!(")) {
            found.push(source.finding(number, "unfinished", "write the missing part"));
        }
        if source.kind() == "rs" && line.contains("#[ignore") {
            found.push(source.finding(number, "ignored test", "mend the test or remove it"));
        }
        let playwright = source.under("end2end") && source.is(&["ts", "js", "mjs"]);
        if playwright {
            let off =
                ["test.skip(", "test.only(", "test.fixme(", "describe.skip(", "describe.only("];
            if off.iter().any(|call| line.contains(call)) {
                found.push(source.finding(number, "ignored test", "mend the test or remove it"));
            }
            if line.contains("waitForTimeout(") {
                let advice = "wait for the condition itself: a locator, a response, an event";
                found.push(source.finding(number, "sleeping test", advice));
            }
        }
    }
    found
}

/// No line ends in blanks; in Markdown they mean a line break.
pub(crate) fn trailing_blanks(source: &Source) -> Vec<Finding> {
    source
        .lines()
        .filter(|(_, line)| source.kind() != "md" && line.ends_with([' ', '\t', '\r']))
        .map(|(number, _)| source.finding(number, "trailing blanks", "remove them"))
        .collect()
}

/// No file names the folder that this checkout lies in: it exists on one machine only.
pub(crate) fn private_path(source: &Source, folders: &[String]) -> Vec<Finding> {
    let names = |line: &str| {
        folders.iter().any(|folder| {
            line.match_indices(folder.as_str()).any(|(start, _)| {
                let before = line[..start].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || "._-~/}".contains(c))
            })
        })
    };
    source
        .lines()
        .filter(|(_, line)| names(line))
        .map(|(number, _)| source.finding(number, "private path", "name a path that all have"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::check_sample;

    #[test]
    fn long_files_are_found() {
        check_sample(length, "a.rs", &"x\n".repeat(600), 0);
        check_sample(length, "a.rs", &"x\n".repeat(601), 1);
        check_sample(length, "a.json", &"x\n".repeat(601), 0);
    }

    #[test]
    fn files_without_an_opening_are_found() {
        check_sample(opening, "a.rs", "//! Says it all.\n", 0);
        check_sample(opening, "a.rs", "//! Says it\n//! in two lines.\n//!\n//! And more\n", 0);
        check_sample(opening, "a.rs", "//! Says\nuse x;\n", 1);
        check_sample(opening, "a.rs", "use x;\n", 1);
        check_sample(opening, "a.rs", "", 1);
        check_sample(opening, "a.css", "/* The buttons. */\n", 0);
        check_sample(opening, "a.css", ".button {}\n", 1);
        check_sample(opening, "a.mjs", "#!/usr/bin/env node\n// Starts it.\n", 0);
        check_sample(opening, "a.ts", "import x;\n", 1);
    }

    #[test]
    fn unfinished_work_is_found() {
        check_sample(unfinished, "a.rs", "// TODO: later\n", 1);
        check_sample(unfinished, "a.md", "FIXME\n", 1);
        check_sample(unfinished, "a.rs", "Status::Todo => \"todo\",\n", 0);
        check_sample(unfinished, "a.rs", "todo!()\n", 1);
        check_sample(unfinished, "a.rs", "#[ignore = \"slow\"]\n", 1);
        check_sample(unfinished, "end2end/a.ts", "test.skip('x', f)\n", 1);
        check_sample(unfinished, "end2end/a.ts", "await page.waitForTimeout(10)\n", 1);
        check_sample(unfinished, "end2end/a.ts", "test('x', f)\n", 0);
    }

    #[test]
    fn blanks_at_the_end_are_found() {
        check_sample(trailing_blanks, "a.rs", "a \nb\t\nc\n", 2);
        check_sample(trailing_blanks, "a.md", "a  \n", 0);
    }

    #[test]
    fn private_paths_are_found() {
        let rule = |source: &Source| private_path(source, &["/srv/build/".to_owned()]);
        check_sample(rule, "a.md", "see /srv/build/notes\n", 1);
        check_sample(rule, "a.rs", "\"/srv/build/x\"\n", 1);
        check_sample(rule, "a.rs", "\"/home/ada/srv/build/x\"\n", 0);
    }
}
