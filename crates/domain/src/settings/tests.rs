//! Pins every sentence, and that what is allowed is kept exactly.

use protocol::error::{ApiError, ErrorCode};

use super::*;

fn settings() -> AgentSettings {
    AgentSettings {
        name: "payments-ledger-fix".into(),
        program: "claude".into(),
        args: vec!["--continue".into()],
        folder: "/srv/ledger".into(),
        note: "the owner's words".into(),
        ..AgentSettings::default()
    }
}

fn refused(settings: AgentSettings, field: &str, sentence: &str) {
    let error = ApiError::from(check(settings, "/home/ada").expect_err(sentence));
    assert_eq!(error.message, sentence);
    assert_eq!(error.field.as_deref(), Some(field), "{sentence}");
    assert_eq!(error.code, ErrorCode::Invalid, "{sentence}");
}

#[test]
fn good_settings_are_taken_over_as_they_are() {
    let full = AgentSettings {
        label: "Ledger 🦊".into(),
        avatar: "🦊".into(),
        persona: "You keep\nthe books.".into(),
        env: vec![EnvReference { name: "KEY".into(), source: EnvSource::File("/k".into()) }],
        tags: vec!["night".into(), "שלום".into()],
        favourite: true,
        ..settings()
    };
    assert_eq!(check(full.clone(), "/home/ada"), Ok(full));
}

#[test]
fn names_that_mislead_are_refused() {
    fn check(name: &str, sentence: &str) {
        refused(AgentSettings { name: name.into(), ..settings() }, "name", sentence);
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
        let checked = super::check(AgentSettings { name: name.into(), ..settings() }, "/h");
        assert_eq!(checked.unwrap().name, name);
    }
    let longest = "é".repeat(limits::NAME_CHARS);
    assert!(check_name(&longest).is_ok());
}

#[test]
fn programs_are_names_or_absolute_paths() {
    fn check(program: &str, sentence: &str) {
        refused(AgentSettings { program: program.into(), ..settings() }, "program", sentence);
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
        refused(AgentSettings { args, ..settings() }, "args", sentence);
    }
    check(vec![String::new(); 257], "There are 257 arguments. Give 256 or fewer.");
    check(vec!["a".into(), "b\0".into()], "Argument 2 holds a NUL character. Remove it.");
    check(
        vec!["x".repeat(65_537)],
        "Argument 1 has 65537 bytes. Shorten it to 65536 or fewer, or pass it in a file.",
    );
    let free = vec![String::new(), "\n\t\u{1b}".into(), "$(id)".into(), "--".into()];
    let checked = super::check(AgentSettings { args: free.clone(), ..settings() }, "/h");
    assert_eq!(checked.unwrap().args, free);
}

#[test]
fn folders_become_absolute() {
    fn check(folder: &str, user_home: &str, expected: &str) {
        let checked =
            super::check(AgentSettings { folder: folder.into(), ..settings() }, user_home);
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
        refused(AgentSettings { folder: folder.into(), ..settings() }, "folder", sentence);
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
        refused(AgentSettings { note: note.into(), ..settings() }, "note", sentence);
    }
    check("a\0", "The note holds a NUL character. Remove it.");
    check(&"x".repeat(65_537), "The note has 65537 bytes. Shorten it to 65536 or fewer.");
    assert_eq!(check_note("two\nlines\tand \u{202e}"), Ok(()));
}

#[test]
fn labels_personas_and_tags_have_their_rules() {
    let label = |label: &str, sentence: &str| {
        refused(AgentSettings { label: label.into(), ..settings() }, "label", sentence);
    };
    label(&"é".repeat(81), "The label has 81 characters. Shorten it to 80 or fewer.");
    let unseen = "The label starts or ends with white space, or holds a character that cannot be \
                  seen. Remove it.";
    for text in [" a", "a\nb", "a\u{202e}b"] {
        label(text, unseen);
    }
    let avatar = AgentSettings { avatar: "ab".into(), ..settings() };
    let no_emoji = "The avatar is not one emoji. Give a single emoji, or leave it empty.";
    refused(avatar, "avatar", no_emoji);
    let persona = AgentSettings { persona: "a\0".into(), ..settings() };
    refused(persona, "persona", "The persona holds a NUL character. Remove it.");
    let persona = AgentSettings { persona: "x".repeat(16_385), ..settings() };
    let too_long = "The persona has 16385 bytes. Shorten it to 16384 or fewer.";
    refused(persona, "persona", too_long);

    let tags = |tags: &[&str], sentence: &str| {
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        refused(AgentSettings { tags, ..settings() }, "tags", sentence);
    };
    let unusable = "Tag 2 cannot be used. Give 1 to 40 characters that can be seen, without \
                    commas and without white space at an end.";
    for bad in ["", "a,b", " a", "a\u{200b}b", &"x".repeat(41)] {
        tags(&["ok", bad], unusable);
    }
    tags(&["Night", "night"], "The tag “night” is there twice. Remove one of them.");
    tags(&["x"; 33], "There are 33 tags. Give 32 or fewer.");
}

#[test]
fn environment_references_name_good_variables_and_files() {
    let refuse = |name: &str, source: EnvSource, sentence: &str| {
        let env = vec![EnvReference { name: name.into(), source }];
        refused(AgentSettings { env, ..settings() }, "env", sentence);
    };
    let variable = |name: &str| EnvSource::Variable(name.into());
    let name = "Environment variable 1 has a name that cannot be used. Use letters, digits and \
                “_”, and no digit first.";
    for bad in ["", "1A", "A B", "A=B", "Ä", "A\0", &"A".repeat(129)] {
        refuse(bad, variable("B"), name);
    }
    let many =
        (0..65).map(|number| EnvReference { name: format!("A{number}"), source: variable("B") });
    refused(
        AgentSettings { env: many.collect(), ..settings() },
        "env",
        "There are 65 environment variables. Give 64 or fewer.",
    );
    refuse(
        "MAESTRO_AGENT_ID",
        variable("B"),
        "The environment variable MAESTRO_AGENT_ID is Maestro's own. Use another name.",
    );
    refuse(
        "A",
        variable("sk-ant-0123"),
        "A comes from a variable whose name cannot be used. Name a variable that is set where \
         Maestro runs, such as “ANTHROPIC_API_KEY”.",
    );
    let file = "A comes from a file whose path cannot be used. Give an absolute path, or one that \
                starts with “~/”, of 4096 bytes or fewer.";
    for bad in ["", "key", "./key", "/a\0"] {
        refuse("A", EnvSource::File(bad.into()), file);
    }
    let twice = vec![EnvReference { name: "A".into(), source: variable("B") }; 2];
    let sentence = "The environment variable A is there twice. Remove one of them.";
    refused(AgentSettings { env: twice, ..settings() }, "env", sentence);
    let env = vec![EnvReference { name: "A".into(), source: EnvSource::File("~/k".into()) }];
    let checked = check(AgentSettings { env, ..settings() }, "/home/ada").unwrap();
    assert_eq!(checked.env[0].source, EnvSource::File("/home/ada/k".into()));
}

#[test]
fn a_terminals_name_is_seen_whole() {
    assert_eq!(check_terminal_name("server log"), Ok(()));
    for bad in ["", " a", "a\nb", &"x".repeat(81)] {
        assert!(check_terminal_name(bad).is_err(), "{bad:?}");
    }
}
