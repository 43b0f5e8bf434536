//! Programs that agents can run, as far as Maestro knows them.

use serde::{Deserialize, Serialize};

/// A coding agent that Maestro knows, a shell, or anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "the names are the programs")]
pub enum ProgramKind {
    Claude,
    Codex,
    Opencode,
    Gemini,
    Aider,
    Copilot,
    Droid,
    Cursor,
    /// bash, zsh, fish, sh.
    Shell,
    /// Any other program.
    Other,
}

impl ProgramKind {
    /// The coding agents, in the order that lists show them.
    pub const AGENTS: [Self; 8] = [
        Self::Claude,
        Self::Codex,
        Self::Opencode,
        Self::Gemini,
        Self::Aider,
        Self::Copilot,
        Self::Droid,
        Self::Cursor,
    ];

    /// The name that people know it by.
    pub fn label(self) -> &'static str {
        match self {
            Self::Claude => "Claude Code",
            Self::Codex => "Codex",
            Self::Opencode => "OpenCode",
            Self::Gemini => "Gemini CLI",
            Self::Aider => "Aider",
            Self::Copilot => "Copilot CLI",
            Self::Droid => "Droid",
            Self::Cursor => "Cursor CLI",
            Self::Shell => "Shell",
            Self::Other => "Program",
        }
    }

    /// File names of the program, the usual one first.
    pub fn binaries(self) -> &'static [&'static str] {
        match self {
            Self::Claude => &["claude"],
            Self::Codex => &["codex"],
            Self::Opencode => &["opencode"],
            Self::Gemini => &["gemini"],
            Self::Aider => &["aider"],
            Self::Copilot => &["copilot"],
            Self::Droid => &["droid"],
            Self::Cursor => &["cursor-agent"],
            Self::Shell => &["bash", "zsh", "fish", "sh", "dash", "ksh"],
            Self::Other => &[],
        }
    }

    /// What a program is, by the last part of its path.
    pub fn of(program: &str) -> Self {
        let name = program.rsplit('/').next().unwrap_or(program);
        Self::AGENTS
            .into_iter()
            .chain([Self::Shell])
            .find(|kind| kind.binaries().contains(&name))
            .unwrap_or(Self::Other)
    }
}

/// A program that was found on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Program {
    /// Which.
    pub kind: ProgramKind,
    /// What to type to run it.
    pub name: String,
    /// Where it lies.
    pub path: String,
    /// What it says of its version; absent when it did not say one in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_their_file_name() {
        assert_eq!(ProgramKind::of("claude"), ProgramKind::Claude);
        assert_eq!(ProgramKind::of("/opt/bin/cursor-agent"), ProgramKind::Cursor);
        assert_eq!(ProgramKind::of("/bin/zsh"), ProgramKind::Shell);
        assert_eq!(ProgramKind::of("./claude.sh"), ProgramKind::Other);
        assert_eq!(ProgramKind::of(""), ProgramKind::Other);
    }
}
