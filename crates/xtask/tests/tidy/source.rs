//! The files that the rules look at, and what a rule answers.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Endings of the files that are read; the rest is data.
const READ: [&str; 14] = [
    "css", "html", "js", "json", "md", "mjs", "rs", "sh", "sql", "svg", "toml", "ts", "yaml", "yml",
];
/// Written by tools, not by people.
const GENERATED: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// One text file of the project.
pub(crate) struct Source {
    /// Path from the project's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// A file that exists only in a test.
    #[cfg(test)]
    pub(crate) fn sample(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// What follows the last dot of the name.
    pub(crate) fn kind(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, kind)| kind)
    }

    /// Whether the file is one of these kinds.
    pub(crate) fn is(&self, kinds: &[&str]) -> bool {
        kinds.contains(&self.kind())
    }

    /// Whether the file lies under this folder.
    pub(crate) fn under(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Whether this file is part of these rules: it must spell what it forbids.
    pub(crate) fn is_rule(&self) -> bool {
        self.under("crates/xtask/tests")
    }

    /// The lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The lines that are not comments, with the comment behind the code cut off.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().filter_map(|(number, line)| {
            let code = if line.trim_start().starts_with("//") { "" } else { line };
            let code = code.split_once(" // ").map_or(code, |(code, _)| code);
            (!code.trim().is_empty()).then_some((number, code))
        })
    }

    /// A finding in a line of this file.
    pub(crate) fn finding(&self, line: usize, rule: &'static str, advice: &str) -> Finding {
        Finding { path: self.path.clone(), line, rule, advice: advice.to_owned() }
    }

    /// A finding for each line of code that a test picks.
    pub(crate) fn findings_in_code(
        &self,
        rule: &'static str,
        advice: &str,
        picked: impl Fn(&str) -> bool,
    ) -> Vec<Finding> {
        self.code()
            .filter(|(_, code)| picked(code))
            .map(|(number, _)| self.finding(number, rule, advice))
            .collect()
    }
}

/// A broken rule, with the place and the way out.
#[derive(Debug)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    rule: &'static str,
    advice: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.advice)
    }
}

/// Every text file that git knows or would take in.
pub(crate) fn all() -> Vec<Source> {
    let root = root();
    git_files(&root)
        .into_iter()
        .filter(|path| !GENERATED.iter().any(|name| path.ends_with(name)))
        .filter_map(|path| {
            let source = Source { path, text: String::new() };
            let file = root.join(&source.path);
            // A file can be listed and already deleted: then there is nothing to check.
            let read = source.is(&READ) && file.is_file();
            read.then(|| {
                let text = std::fs::read_to_string(&file);
                Source {
                    text: text.unwrap_or_else(|error| panic!("{}: {error}", source.path)),
                    ..source
                }
            })
        })
        .collect()
}

/// The folder around the checkout, which must not be named in any file.
pub(crate) fn private_folders() -> Vec<String> {
    // These are on every machine, so that naming them tells nothing.
    const PUBLIC: [&str; 8] =
        ["/", "/tmp", "/var/tmp", "/home", "/root", "/opt", "/srv", "/usr/src"];
    let home = std::env::var("HOME").unwrap_or_default();
    let around = root().parent().map(Path::to_path_buf).unwrap_or_default();
    let around = around.to_string_lossy();
    let telling = !PUBLIC.contains(&&*around) && *around != home;
    telling.then(|| format!("{around}/")).into_iter().collect()
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the workspace has a root")
}

#[expect(clippy::disallowed_methods, reason = "an ordinary test without a runtime to block")]
fn git_files(root: &Path) -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .expect("git is needed to list the project's files");
    assert!(output.status.success(), "git ls-files failed: the checkout is not a git repository");
    let text = String::from_utf8(output.stdout).expect("file names are UTF-8");
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// Whether `word` stands in `text` as a word of its own (letters, digits and `_` around it count).
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        let joins = |side: Option<char>| side.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !joins(before) && !joins(after)
    })
}

/// Shorthand of the rules' own tests: how many findings a sample file gives.
#[cfg(test)]
#[track_caller]
pub(crate) fn check_sample(
    rule: impl Fn(&Source) -> Vec<Finding>,
    path: &str,
    text: &str,
    expected: usize,
) {
    let found = rule(&Source::sample(path, text));
    assert_eq!(found.len(), expected, "in {path}: {text:?} gave {found:?}");
}

#[test]
fn words_have_borders() {
    assert!(has_word("use axum::Router", "axum"));
    assert!(!has_word("use leptos_axum::x", "axum"));
    assert!(!has_word("axum_extra", "axum"));
}

#[test]
fn comments_are_not_code() {
    let source = Source::sample("a.rs", "// one\nlet a = 1; // two\n\n    //! three\n");
    assert_eq!(source.code().collect::<Vec<_>>(), [(2, "let a = 1;")]);
}
