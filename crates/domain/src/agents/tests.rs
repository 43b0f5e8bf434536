//! Pins every sentence, and that what is allowed is kept exactly.

use protocol::error::ErrorCode;

use super::*;

fn request() -> CreateAgent {
    CreateAgent {
        name: "payments-ledger-fix".into(),
        program: "claude".into(),
        args: vec!["--continue".into()],
        folder: "/srv/ledger".into(),
        note: "the owner's words".into(),
        start: true,
    }
}

fn refused(request: CreateAgent, field: &str, sentence: &str) {
    let error = ApiError::from(NewAgent::check(request, "/home/ada").expect_err(sentence));
    assert_eq!(error.message, sentence);
    assert_eq!(error.field.as_deref(), Some(field), "{sentence}");
    assert_eq!(error.code, ErrorCode::Invalid, "{sentence}");
}

#[test]
fn a_good_request_is_taken_over_as_it_is() {
    let checked = NewAgent::check(request(), "/home/ada").unwrap();
    let CreateAgent { name, program, args, folder, note, start } = request();
    assert_eq!(checked, NewAgent { name, program, args, folder, note, start });
}

#[test]
fn names_that_mislead_are_refused() {
    fn check(name: &str, sentence: &str) {
        refused(CreateAgent { name: name.into(), ..request() }, "name", sentence);
    }
    check("", "The name is empty. Give the agent a name.");
    check(&"é".repeat(101), "The name has 101 characters. Shorten it to 100 or fewer.");
    check(" a", "The name starts or ends with white space. Remove it.");
    check("a\u{3000}", "The name starts or ends with white space. Remove it.");
    check(" ", "The name starts or ends with white space. Remove it.");
    check("a\nb", "The name holds the control character U+000A. Remove it.");
    check("\u{1b}[2J", "The name holds the control character U+001B. Remove it.");
    check("a\u{9b}b", "The name holds the control character U+009B. Remove it.");
    check("a\0b", "The name holds the control character U+0000. Remove it.");
    check("a\u{200b}b", "The name holds the invisible character U+200B. Remove it.");
    check("gpj\u{202e}exe", "The name holds the invisible character U+202E. Remove it.");
    check("a\u{2066}b", "The name holds the invisible character U+2066. Remove it.");
    check("\u{feff}a", "The name holds the invisible character U+FEFF. Remove it.");
    check("a\u{e0041}", "The name holds the invisible character U+E0041. Remove it.");
    let at = "The name holds “@”, which separates a name from its host. Use another character.";
    check("a@b", at);
    let hyphen =
        "The name starts with “-”, which reads as an option. Start it with another character.";
    check("-rf", hyphen);
}

#[test]
fn names_that_only_look_dangerous_are_kept_exactly() {
    for name in [
        "a",
        "a b",
        "it's \"quoted\"",
        "$(touch x)",
        "`id`",
        "#{pane_id}#(id)",
        "a; rm -rf ~ #",
        "a/../b\\c",
        "<script>alert(1)</script>",
        "'; DROP TABLE agents; --",
        "%00%s%n",
        "שלום",
        "مرحبا",
        "😀❤\u{fe0f}",
        "e\u{301}",
    ] {
        let checked = NewAgent::check(CreateAgent { name: name.into(), ..request() }, "/h");
        assert_eq!(checked.unwrap().name, name);
    }
    let longest = "é".repeat(limits::NAME_CHARS);
    assert!(check_name(&longest).is_ok());
}

#[test]
fn programs_are_names_or_absolute_paths() {
    fn check(program: &str, sentence: &str) {
        refused(CreateAgent { program: program.into(), ..request() }, "program", sentence);
    }
    let empty =
        "No program is named. Name one on the PATH, such as “bash”, or give its absolute path.";
    check("", empty);
    check("  ", empty);
    let relative =
        "The program is a relative path. Give its name on the PATH, or its absolute path.";
    check("./run", relative);
    check("~/bin/run", relative);
    check("bin/", relative);
    check("sh\0", "The program holds the control character U+0000. Remove it.");
    check("sh\n", "The program holds the control character U+000A. Remove it.");
    check(&"x".repeat(4097), "The program has 4097 bytes. Shorten it to 4096 or fewer.");
    for program in ["sh", "/bin/sh", "my agent", "/opt/it's here/run", "$(id)"] {
        assert_eq!(check_program(program), Ok(()), "{program}");
    }
}

#[test]
fn arguments_have_limits_and_are_otherwise_free() {
    fn check(args: Vec<String>, sentence: &str) {
        refused(CreateAgent { args, ..request() }, "args", sentence);
    }
    check(vec![String::new(); 257], "There are 257 arguments. Give 256 or fewer.");
    check(vec!["a".into(), "b\0".into()], "Argument 2 holds a NUL character. Remove it.");
    check(
        vec!["x".repeat(65_537)],
        "Argument 1 has 65537 bytes. Shorten it to 65536 or fewer, or pass it in a file.",
    );
    let free = vec![String::new(), "\n\t\u{1b}".into(), "$(id)".into(), "--".into()];
    let checked = NewAgent::check(CreateAgent { args: free.clone(), ..request() }, "/h");
    assert_eq!(checked.unwrap().args, free);
}

#[test]
fn folders_become_absolute() {
    fn check(folder: &str, user_home: &str, expected: &str) {
        let checked =
            NewAgent::check(CreateAgent { folder: folder.into(), ..request() }, user_home);
        assert_eq!(checked.unwrap().folder, expected, "{folder}");
    }
    check("/srv/#{x} $(y)", "/home/ada", "/srv/#{x} $(y)");
    check("~", "/home/ada", "/home/ada");
    check("~/", "/home/ada", "/home/ada/");
    check("~/work", "/home/ada", "/home/ada/work");
    check("~/work", "/", "/work");
    check("/", "/home/ada", "/");
}

#[test]
fn folders_that_depend_on_a_place_are_refused() {
    fn check(folder: &str, sentence: &str) {
        refused(CreateAgent { folder: folder.into(), ..request() }, "folder", sentence);
    }
    let relative = "The folder is relative. Give an absolute folder, or one that starts with “~/”.";
    check("work", relative);
    check("./work", relative);
    check("~root/x", relative);
    check("", "No folder is named. Give an absolute folder, or one that starts with “~/”.");
    check("/a\0", "The folder holds a NUL character. Remove it.");
    let long = format!("~/{}", "x".repeat(4090));
    check(&long, "The folder has 4100 bytes. Shorten it to 4096 or fewer.");
}

#[test]
fn notes_have_a_limit() {
    fn check(note: &str, sentence: &str) {
        refused(CreateAgent { note: note.into(), ..request() }, "note", sentence);
    }
    check("a\0", "The note holds a NUL character. Remove it.");
    check(&"x".repeat(65_537), "The note has 65537 bytes. Shorten it to 65536 or fewer.");
    assert_eq!(check_note("two\nlines\tand \u{202e}"), Ok(()));
}
