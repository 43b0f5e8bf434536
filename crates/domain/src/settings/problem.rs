//! What can be wrong with settings, in sentences.

use protocol::error::ApiError;
use protocol::limits;

/// What is wrong with an agent's settings, and what to do about it.
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
    /// The name of a terminal is longer than [`limits::LABEL_CHARS`].
    #[error("The name has {chars} characters. Shorten it to {} or fewer.", limits::LABEL_CHARS)]
    TerminalNameTooLong {
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
    /// The label is longer than [`limits::LABEL_CHARS`].
    #[error("The label has {chars} characters. Shorten it to {} or fewer.", limits::LABEL_CHARS)]
    LabelTooLong {
        /// Its length in characters.
        chars: usize,
    },
    /// White space at an end of the label, or a character that is not seen.
    #[error(
        "The label starts or ends with white space, or holds a character that cannot be seen. \
         Remove it."
    )]
    LabelUnseen,
    /// The avatar is something else.
    #[error("The avatar is not one emoji. Give a single emoji, or leave it empty.")]
    AvatarNoEmoji,
    /// The persona is longer than [`limits::PERSONA_BYTES`].
    #[error("The persona has {bytes} bytes. Shorten it to {} or fewer.", limits::PERSONA_BYTES)]
    PersonaTooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A NUL character in the persona.
    #[error("The persona holds a NUL character. Remove it.")]
    PersonaNul,
    /// More tags than [`limits::TAGS`].
    #[error("There are {count} tags. Give {} or fewer.", limits::TAGS)]
    TooManyTags {
        /// How many there are.
        count: usize,
    },
    /// A tag that cannot be read or typed.
    #[error(
        "Tag {position} cannot be used. Give 1 to {} characters that can be seen, without commas \
         and without white space at an end.",
        limits::TAG_CHARS
    )]
    TagUnusable {
        /// Which, counted from 1.
        position: usize,
    },
    /// Two tags differ in nothing but case.
    #[error("The tag “{tag}” is there twice. Remove one of them.")]
    TagTwice {
        /// The second one.
        tag: String,
    },
    /// More references than [`limits::ENV_REFERENCES`].
    #[error("There are {count} environment variables. Give {} or fewer.", limits::ENV_REFERENCES)]
    TooManyVariables {
        /// How many there are.
        count: usize,
    },
    /// No program could find a variable of that name.
    #[error(
        "Environment variable {position} has a name that cannot be used. Use letters, digits and \
         “_”, and no digit first."
    )]
    VariableName {
        /// Which, counted from 1.
        position: usize,
    },
    /// Set by Maestro itself.
    #[error("The environment variable {name} is Maestro's own. Use another name.")]
    VariableReserved {
        /// Its name.
        name: String,
    },
    /// The second would replace the first.
    #[error("The environment variable {name} is there twice. Remove one of them.")]
    VariableTwice {
        /// Its name.
        name: String,
    },
    /// The variable of the server that a value comes from.
    #[error(
        "{name} comes from a variable whose name cannot be used. Name a variable that is set \
         where Maestro runs, such as “ANTHROPIC_API_KEY”."
    )]
    VariableSource {
        /// The agent's variable.
        name: String,
    },
    /// The file that a value comes from.
    #[error(
        "{name} comes from a file whose path cannot be used. Give an absolute path, or one that \
         starts with “~/”, of {} bytes or fewer.",
        limits::PATH_BYTES
    )]
    VariableFile {
        /// The agent's variable.
        name: String,
    },
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
    /// The field of [`protocol::agents::AgentSettings`] that it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::NameEmpty
            | Self::NameTooLong { .. }
            | Self::TerminalNameTooLong { .. }
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
            Self::LabelTooLong { .. } | Self::LabelUnseen => "label",
            Self::AvatarNoEmoji => "avatar",
            Self::PersonaTooLong { .. } | Self::PersonaNul => "persona",
            Self::TooManyTags { .. } | Self::TagUnusable { .. } | Self::TagTwice { .. } => "tags",
            Self::TooManyVariables { .. }
            | Self::VariableName { .. }
            | Self::VariableReserved { .. }
            | Self::VariableTwice { .. }
            | Self::VariableSource { .. }
            | Self::VariableFile { .. } => "env",
            Self::NoteTooLong { .. } | Self::NoteNul => "note",
        }
    }
}

impl From<AgentProblem> for ApiError {
    fn from(problem: AgentProblem) -> Self {
        Self::invalid(problem.field(), problem.to_string())
    }
}

fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}
