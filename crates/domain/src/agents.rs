//! Checks what a person typed for a new agent. What passes is kept exactly as it was typed.
//!
//! Quotes, `$(…)`, backticks, `#{…}`, `;`, emoji and right-to-left letters are ordinary text
//! here: nothing downstream hands them to a shell, a tmux format or SQL.

use protocol::agents::CreateAgent;
use protocol::error::ApiError;
use protocol::limits;
use protocol::text::is_invisible;

/// A new agent whose parts have been checked; the folder is absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAgent {
    /// Name; whether it is free is for the store to say.
    pub name: String,
    /// Name on `PATH`, or absolute path.
    pub program: String,
    /// Arguments, one by one.
    pub args: Vec<String>,
    /// Absolute folder.
    pub folder: String,
    /// Free text.
    pub note: String,
    /// Whether to start it at once.
    pub start: bool,
}

/// What is wrong with a new agent, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentProblem {
    /// The name has no character.
    #[error("The name is empty. Give the agent a name.")]
    NameEmpty,
    /// The name is longer than [`limits::NAME_CHARS`].
    #[error("The name has {chars} characters. Shorten it to {} or fewer.", limits::NAME_CHARS)]
    NameTooLong {
        /// Its length in characters.
        chars: usize,
    },
    /// White space at an end, which nobody sees.
    #[error("The name starts or ends with white space. Remove it.")]
    NamePadded,
    /// A control character such as a line break.
    #[error("The name holds the control character {}. Remove it.", code_point(*character))]
    NameControl {
        /// The first one.
        character: char,
    },
    /// A character without a shape, which makes two names look the same.
    #[error("The name holds the invisible character {}. Remove it.", code_point(*character))]
    NameInvisible {
        /// The first one.
        character: char,
    },
    /// `name@host` addresses agents of other hosts.
    #[error("The name holds “@”, which separates a name from its host. Use another character.")]
    NameAt,
    /// The command line would read it as an option.
    #[error("The name starts with “-”, which reads as an option. Start it with another character.")]
    NameHyphen,
    /// No program.
    #[error(
        "No program is named. Name one on the PATH, such as “bash”, or give its absolute path."
    )]
    ProgramEmpty,
    /// The program is longer than [`limits::PATH_BYTES`].
    #[error("The program has {bytes} bytes. Shorten it to {} or fewer.", limits::PATH_BYTES)]
    ProgramTooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A control character in the program.
    #[error("The program holds the control character {}. Remove it.", code_point(*character))]
    ProgramControl {
        /// The first one.
        character: char,
    },
    /// `./x` and `a/b` depend on where Maestro was started.
    #[error("The program is a relative path. Give its name on the PATH, or its absolute path.")]
    ProgramRelative,
    /// More than [`limits::ARGS`].
    #[error("There are {count} arguments. Give {} or fewer.", limits::ARGS)]
    TooManyArgs {
        /// How many there are.
        count: usize,
    },
    /// One argument is longer than [`limits::ARG_BYTES`].
    #[error(
        "Argument {position} has {bytes} bytes. Shorten it to {} or fewer, or pass it in a file.",
        limits::ARG_BYTES
    )]
    ArgTooLong {
        /// Which, counted from 1.
        position: usize,
        /// Its length in bytes.
        bytes: usize,
    },
    /// No program can receive this character in an argument.
    #[error("Argument {position} holds a NUL character. Remove it.")]
    ArgNul {
        /// Which, counted from 1.
        position: usize,
    },
    /// No folder.
    #[error("No folder is named. Give an absolute folder, or one that starts with “~/”.")]
    FolderEmpty,
    /// The folder depends on where somebody is.
    #[error("The folder is relative. Give an absolute folder, or one that starts with “~/”.")]
    FolderRelative,
    /// The folder is longer than [`limits::PATH_BYTES`], with `~` written out.
    #[error("The folder has {bytes} bytes. Shorten it to {} or fewer.", limits::PATH_BYTES)]
    FolderTooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// No path holds this character.
    #[error("The folder holds a NUL character. Remove it.")]
    FolderNul,
    /// The note is longer than [`limits::NOTE_BYTES`].
    #[error("The note has {bytes} bytes. Shorten it to {} or fewer.", limits::NOTE_BYTES)]
    NoteTooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A NUL character in the note.
    #[error("The note holds a NUL character. Remove it.")]
    NoteNul,
}

impl AgentProblem {
    /// The field of [`CreateAgent`] that it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::NameEmpty
            | Self::NameTooLong { .. }
            | Self::NamePadded
            | Self::NameControl { .. }
            | Self::NameInvisible { .. }
            | Self::NameAt
            | Self::NameHyphen => "name",
            Self::ProgramEmpty
            | Self::ProgramTooLong { .. }
            | Self::ProgramControl { .. }
            | Self::ProgramRelative => "program",
            Self::TooManyArgs { .. } | Self::ArgTooLong { .. } | Self::ArgNul { .. } => "args",
            Self::FolderEmpty
            | Self::FolderRelative
            | Self::FolderTooLong { .. }
            | Self::FolderNul => "folder",
            Self::NoteTooLong { .. } | Self::NoteNul => "note",
        }
    }
}

impl From<AgentProblem> for ApiError {
    fn from(problem: AgentProblem) -> Self {
        Self::invalid(problem.field(), problem.to_string())
    }
}

impl NewAgent {
    /// Checks every part and writes a leading `~` out as `user_home`, an absolute folder.
    pub fn check(request: CreateAgent, user_home: &str) -> Result<Self, AgentProblem> {
        let CreateAgent { name, program, args, folder, note, start } = request;
        check_name(&name)?;
        check_program(&program)?;
        check_args(&args)?;
        let folder = absolute_folder(folder, user_home)?;
        check_note(&note)?;
        Ok(Self { name, program, args, folder, note, start })
    }
}

fn check_name(name: &str) -> Result<(), AgentProblem> {
    if name.is_empty() {
        return Err(AgentProblem::NameEmpty);
    }
    let chars = name.chars().count();
    if chars > limits::NAME_CHARS {
        return Err(AgentProblem::NameTooLong { chars });
    }
    if let Some(character) = name.chars().find(|character| character.is_control()) {
        return Err(AgentProblem::NameControl { character });
    }
    if let Some(character) = name.chars().find(|character| is_invisible(*character)) {
        return Err(AgentProblem::NameInvisible { character });
    }
    if name.trim() != name {
        return Err(AgentProblem::NamePadded);
    }
    if name.contains('@') {
        return Err(AgentProblem::NameAt);
    }
    if name.starts_with('-') {
        return Err(AgentProblem::NameHyphen);
    }
    Ok(())
}

fn check_program(program: &str) -> Result<(), AgentProblem> {
    if program.trim().is_empty() {
        return Err(AgentProblem::ProgramEmpty);
    }
    if program.len() > limits::PATH_BYTES {
        return Err(AgentProblem::ProgramTooLong { bytes: program.len() });
    }
    if let Some(character) = program.chars().find(|character| character.is_control()) {
        return Err(AgentProblem::ProgramControl { character });
    }
    if program.contains('/') && !program.starts_with('/') {
        return Err(AgentProblem::ProgramRelative);
    }
    Ok(())
}

fn check_args(args: &[String]) -> Result<(), AgentProblem> {
    if args.len() > limits::ARGS {
        return Err(AgentProblem::TooManyArgs { count: args.len() });
    }
    for (position, arg) in (1..).zip(args) {
        if arg.len() > limits::ARG_BYTES {
            return Err(AgentProblem::ArgTooLong { position, bytes: arg.len() });
        }
        if arg.contains('\0') {
            return Err(AgentProblem::ArgNul { position });
        }
    }
    Ok(())
}

fn absolute_folder(folder: String, user_home: &str) -> Result<String, AgentProblem> {
    if folder.is_empty() {
        return Err(AgentProblem::FolderEmpty);
    }
    if folder.contains('\0') {
        return Err(AgentProblem::FolderNul);
    }
    let folder = match folder.strip_prefix('~') {
        Some("") => user_home.to_owned(),
        Some(rest) if rest.starts_with('/') => {
            format!("{}{rest}", user_home.trim_end_matches('/'))
        }
        _ if folder.starts_with('/') => folder,
        _ => return Err(AgentProblem::FolderRelative),
    };
    if folder.len() > limits::PATH_BYTES {
        return Err(AgentProblem::FolderTooLong { bytes: folder.len() });
    }
    Ok(folder)
}

fn check_note(note: &str) -> Result<(), AgentProblem> {
    if note.len() > limits::NOTE_BYTES {
        return Err(AgentProblem::NoteTooLong { bytes: note.len() });
    }
    if note.contains('\0') {
        return Err(AgentProblem::NoteNul);
    }
    Ok(())
}

fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

#[cfg(test)]
mod tests;
