//! What a program gets at a start beside what its owner wrote: its conversation and its persona.
//!
//! Only programs that take up exactly this agent's conversation are helped: “the last one in this
//! folder”, which most of them offer, may be another agent's. What was tried:
//!
//! | program | begins a conversation of a given name | takes it up |
//! |---|---|---|
//! | Claude Code 2.1.197 | `--session-id ID`, refused when there is a record | `--resume ID`, refused when there is none |
//! | Copilot CLI 1.0.102 | `--session-id ID` | the same |
//!
//! Codex, OpenCode and Cursor CLI take up a conversation by a name that only they choose; Aider
//! and Droid offer no name for a new one. Gemini CLI offers `--session-id` and `--resume`, but
//! that was not tried. They start as their owner wrote it.
//!
//! A prompt among the owner's arguments is part of every start, also of one that takes up the
//! conversation. The conversation is the one that the first start named: one that is begun inside
//! the program (`/clear`) has another name.

use protocol::agents::AgentSettings;
use protocol::programs::ProgramKind;

/// The conversation of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversation<'a> {
    /// A UUID of the agent's own.
    pub id: &'a str,
    /// Whether the program has a record of it.
    pub recorded: bool,
}

/// How a program is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// All arguments.
    pub args: Vec<String>,
    /// Whether it takes up its conversation.
    pub resumed: bool,
}

/// How a program is told of its conversation and persona.
struct Dialect {
    /// Option that begins a conversation.
    begin: &'static str,
    /// Option that takes it up.
    resume: &'static str,
    /// Option for a persona, if there is one.
    persona: Option<&'static str>,
    /// Options of the owner that decide about the conversation, or that there is none.
    decide: &'static [&'static str],
    /// Those of them that are one letter, which may have its value or other letters behind it.
    letters: &'static [char],
    /// Options of the owner for a persona.
    personas: &'static [&'static str],
    /// Commands that are no conversation.
    commands: &'static [&'static str],
}

const CLAUDE: Dialect = Dialect {
    begin: "--session-id",
    resume: "--resume",
    persona: Some("--append-system-prompt"),
    decide: &[
        "--resume",
        "--continue",
        "--session-id",
        "--print",
        "--from-pr",
        "--background",
        "--bg",
    ],
    letters: &['r', 'c', 'p'],
    personas: &[
        "--append-system-prompt",
        "--append-system-prompt-file",
        "--system-prompt",
        "--system-prompt-file",
    ],
    commands: &[
        "agents",
        "auth",
        "auto-mode",
        "config",
        "doctor",
        "gateway",
        "install",
        "mcp",
        "plugin",
        "plugins",
        "project",
        "setup-token",
        "ultrareview",
        "update",
        "upgrade",
    ],
};

const COPILOT: Dialect = Dialect {
    begin: "--session-id",
    resume: "--session-id",
    persona: None,
    decide: &["--resume", "--continue", "--session-id", "--connect", "--prompt", "--acp"],
    letters: &['r', 'p'],
    personas: &[],
    commands: &[
        "app",
        "completion",
        "config",
        "help",
        "init",
        "instruction",
        "login",
        "lsp",
        "mcp",
        "memories",
        "plugin",
        "sandbox",
        "sessions",
        "skill",
        "update",
        "version",
        "workflow",
    ],
};

/// The arguments of a start. Ours come first, so that a prompt at the end stays at the end.
pub fn plan(kind: ProgramKind, settings: &AgentSettings, conversation: Conversation<'_>) -> Plan {
    let own = &settings.args;
    let unhelped = || Plan { args: own.clone(), resumed: false };
    let dialect = match kind {
        ProgramKind::Claude => &CLAUDE,
        ProgramKind::Copilot => &COPILOT,
        _ => return unhelped(),
    };
    if own.first().is_some_and(|first| dialect.commands.contains(&first.as_str())) {
        return unhelped();
    }
    let mut args = Vec::new();
    let decided = gives(own, dialect.decide, dialect.letters);
    if !decided {
        let option = if conversation.recorded { dialect.resume } else { dialect.begin };
        args.extend([option.to_owned(), conversation.id.to_owned()]);
    }
    if let Some(option) = dialect.persona
        && !settings.persona.is_empty()
        && !gives(own, dialect.personas, &[])
    {
        args.extend([option.to_owned(), settings.persona.clone()]);
    }
    args.extend(own.iter().cloned());
    Plan { args, resumed: conversation.recorded && !decided }
}

/// Whether one of the options is among the arguments: `--option`, `--option=value`, `-o`,
/// `-ovalue`. What only looks like one (it is the value of another) counts too: then the owner's
/// arguments stay alone, which is never wrong.
fn gives(args: &[String], options: &[&str], letters: &[char]) -> bool {
    let before_end = args.iter().take_while(|arg| *arg != "--");
    before_end.into_iter().any(|arg| {
        let name = arg.split_once('=').map_or(arg.as_str(), |(name, _)| name);
        options.contains(&name)
            || arg.strip_prefix('-').is_some_and(|short| short.starts_with(letters))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7b0e1e6c-9a3b-4f5d-8c1e-2f3a4b5c6d7e";

    fn planned(kind: ProgramKind, args: &[&str], persona: &str, recorded: bool) -> (String, bool) {
        let settings = AgentSettings {
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
            persona: persona.into(),
            ..AgentSettings::default()
        };
        let plan = plan(kind, &settings, Conversation { id: ID, recorded });
        (plan.args.join(" ").replace(ID, "ID"), plan.resumed)
    }

    #[test]
    fn claude_begins_its_conversation_and_then_resumes_it() {
        fn check(args: &[&str], recorded: bool, expected: &str, resumed: bool) {
            let found = planned(ProgramKind::Claude, args, "", recorded);
            assert_eq!(found, (expected.to_owned(), resumed), "{args:?}");
        }
        check(&[], false, "--session-id ID", false);
        check(&[], true, "--resume ID", true);
        check(&["--model", "opus", "a prompt"], true, "--resume ID --model opus a prompt", true);
        check(&["--", "-c"], true, "--resume ID -- -c", true);
        check(&["-d", "--resumed"], true, "--resume ID -d --resumed", true);
        check(&["resume"], true, "--resume ID resume", true);
        check(&["hunt the bug in mcp"], true, "--resume ID hunt the bug in mcp", true);
        for own in [
            &["-c"][..],
            &["--continue"],
            &["-r"],
            &["-rx"],
            &["--resume"],
            &["--resume=x"],
            &["-p", "hi"],
            &["-pc"],
            &["--print"],
            &["--session-id", "x"],
            &["--session-id=x"],
            &["--model", "opus", "--bg"],
            &["mcp", "serve"],
            &["config"],
            &["update"],
            &["doctor"],
        ] {
            for recorded in [false, true] {
                check(own, recorded, &own.join(" "), false);
            }
        }
    }

    #[test]
    fn copilot_names_its_conversation_at_every_start() {
        fn check(args: &[&str], recorded: bool, expected: &str, resumed: bool) {
            let found = planned(ProgramKind::Copilot, args, "Be kind.", recorded);
            assert_eq!(found, (expected.to_owned(), resumed), "{args:?}");
        }
        check(&[], false, "--session-id ID", false);
        check(&["-i", "hi"], true, "--session-id ID -i hi", true);
        for own in [&["--continue"][..], &["-r"], &["-p", "hi"], &["--connect=x"], &["mcp"]] {
            check(own, true, &own.join(" "), false);
        }
    }

    #[test]
    fn the_persona_goes_to_programs_that_take_one() {
        let found = planned(ProgramKind::Claude, &["-v"], "Be kind.", false).0;
        assert_eq!(found, "--session-id ID --append-system-prompt Be kind. -v");
        let printed = planned(ProgramKind::Claude, &["-p", "hi"], "Be kind.", true).0;
        assert_eq!(printed, "--append-system-prompt Be kind. -p hi");
        for own in ["--system-prompt=x", "--append-system-prompt", "--append-system-prompt-file"] {
            let found = planned(ProgramKind::Claude, &[own], "Be kind.", false).0;
            assert_eq!(found, format!("--session-id ID {own}"));
        }
        let command = planned(ProgramKind::Claude, &["mcp"], "Be kind.", false).0;
        assert_eq!(command, "mcp");
    }

    #[test]
    fn other_programs_start_as_their_owner_wrote_it() {
        let helped = [ProgramKind::Claude, ProgramKind::Copilot];
        let others = ProgramKind::AGENTS.into_iter().filter(|kind| !helped.contains(kind));
        for kind in others.chain([ProgramKind::Shell, ProgramKind::Other]) {
            let found = planned(kind, &["-x"], "Be kind.", true);
            assert_eq!(found, ("-x".to_owned(), false), "{kind:?}");
        }
    }
}
