//! What is understood, and what is a usage error.

use clap::{CommandFactory, Parser};

use super::*;

#[derive(Debug, Parser)]
struct Maestro {
    #[command(subcommand)]
    command: ClientCommand,
}

fn typed(line: &str) -> ClientCommand {
    Maestro::try_parse_from(line.split(' '))
        .unwrap_or_else(|error| panic!("{line}: {error}"))
        .command
}

#[test]
fn the_definition_is_sound() {
    Maestro::command().debug_assert();
}

#[test]
fn arguments_after_two_hyphens_belong_to_the_program() {
    let command = typed("maestro agent create a --program sh --dir . -- -c --json --program");
    assert!(!command.json());
    let ClientCommand::Agent(AgentCommand { action: AgentAction::Create(create), .. }) = command
    else {
        panic!("a create command");
    };
    assert_eq!(create.character.args, ["-c", "--json", "--program"]);
    assert_eq!(create.program, "sh");
}

#[test]
fn every_command_answers_in_json() {
    for line in [
        "maestro agent --json list",
        "maestro agent list --json",
        "maestro agent create-many - --json",
        "maestro agent compare a 1 --json",
        "maestro terminal list a --json",
        "maestro trash empty --json",
        "maestro programs --json",
        "maestro backup --json",
        "maestro backup list --json",
        "maestro login-link --json",
        "maestro login-link --role viewer --json",
        "maestro whoami --json",
        "maestro access list --json",
        "maestro access pair --json",
        "maestro token create ci --json",
        "maestro audit verify --json",
    ] {
        assert!(typed(line).json(), "{line}");
    }
}

#[test]
fn earlier_words_are_understood() {
    for (line, action) in [
        ("maestro agent start a b", "Wake"),
        ("maestro agent stop a", "Hibernate"),
        ("maestro agent delete a", "Trash"),
        ("maestro agent rm a", "Trash"),
    ] {
        let ClientCommand::Agent(command) = typed(line) else { panic!("{line}") };
        assert!(format!("{:?}", command.action).starts_with(action), "{line}");
    }
}

#[test]
fn what_is_missing_or_contradicts_is_a_usage_error() {
    for line in [
        "maestro agent",
        "maestro agent create a",
        "maestro agent create a --program sh --dir . --colour pink",
        "maestro agent create a --program sh --dir . --persona x --persona-file y",
        "maestro agent create-many",
        "maestro agent edit a --tag x --add-tag y",
        "maestro agent edit a --favourite --no-favourite",
        "maestro agent edit a --no-args -- x",
        "maestro agent show",
        "maestro agent wake",
        "maestro agent wake a --all",
        "maestro agent restart --tag x --all",
        "maestro agent trash",
        "maestro agent trash --all",
        "maestro agent list --state asleep",
        "maestro agent history a --limit 0",
        "maestro agent output a --lines 5001",
        "maestro agent rollback a two",
        "maestro terminal close a",
        "maestro trash purge",
        "maestro login-link --role admin",
        "maestro access",
        "maestro access role phone",
        "maestro access role phone Owner",
        "maestro access revoke",
        "maestro token create",
        "maestro token create ci --role owner",
        "maestro token create ci --days 0",
        "maestro token create ci --days 3651",
        "maestro audit show --limit 0",
        "maestro audit show --before 0",
        "maestro audit show --outcome good",
    ] {
        let error = Maestro::try_parse_from(line.split(' ')).expect_err(line);
        assert_eq!(error.exit_code(), i32::from(crate::Exit::Usage as u8), "{line}");
    }
}
