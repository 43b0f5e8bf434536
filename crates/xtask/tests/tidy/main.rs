//! The project's own rules, checked on every file: each failure says where, which, and what to do.

mod colours;
mod edges;
mod layers;
mod names;
mod proofs;
mod source;
mod text;

use source::{Finding, Source};

/// Runs one rule over all files of the project and fails with everything it found.
#[track_caller]
fn check(rule: impl Fn(&Source) -> Vec<Finding>) {
    let sources = source::all();
    assert!(sources.len() > 20, "only {} files were found: the check sees nothing", sources.len());
    let found: Vec<String> =
        sources.iter().flat_map(rule).map(|finding| finding.to_string()).collect();
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn files_stay_readable() {
    check(text::length);
}

#[test]
fn files_begin_with_what_they_are() {
    check(text::opening);
}

#[test]
fn nothing_is_left_undone() {
    check(text::unfinished);
}

#[test]
fn no_line_ends_in_blanks() {
    check(text::trailing_blanks);
}

#[test]
fn no_file_names_the_folder_it_was_written_in() {
    let private = source::private_folders();
    check(|source| text::private_path(source, &private));
}

#[test]
fn sql_lives_in_the_store() {
    check(layers::sql);
}

#[test]
fn tmux_is_started_in_its_crate() {
    check(layers::tmux);
}

#[test]
fn axum_stays_at_the_edge() {
    check(layers::axum);
}

#[test]
fn browser_interfaces_stay_in_browser_modules() {
    check(layers::browser);
}

#[test]
fn features_choose_modules_not_lines() {
    check(layers::features);
}

#[test]
fn the_domain_is_pure() {
    check(layers::domain);
}

#[test]
fn colours_come_from_tokens() {
    check(colours::raw);
}

#[test]
fn names_say_what_is_inside() {
    check(names::file);
}

#[test]
fn crates_depend_as_the_architecture_says() {
    let found = edges::check(&edges::of_workspace());
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn claims_about_security_name_tests_that_exist() {
    let found = proofs::missing(&source::all());
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}
