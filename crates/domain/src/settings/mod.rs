//! Checks what a person decided about an agent. What passes is kept exactly as it was typed.
//!
//! Quotes, `$(…)`, backticks, `#{…}`, `;`, emoji and right-to-left letters are ordinary text
//! here: nothing downstream hands them to a shell, a tmux format or SQL.

mod emoji;
mod problem;

use std::collections::BTreeSet;

use protocol::agents::{AgentSettings, EnvReference, EnvSource};
use protocol::limits;
use protocol::text::is_invisible;

pub use problem::AgentProblem;

/// Bytes of a variable's name.
const VARIABLE_BYTES: usize = 128;

/// Checks every part and writes a leading `~` out as `user_home`, an absolute folder. Whether the
/// name is free is for the store to say.
pub fn check(settings: AgentSettings, user_home: &str) -> Result<AgentSettings, AgentProblem> {
    check_name(&settings.name)?;
    check_label(&settings.label)?;
    if !settings.avatar.is_empty() && !emoji::is_one(&settings.avatar) {
        return Err(AgentProblem::AvatarNoEmoji);
    }
    check_persona(&settings.persona)?;
    check_program(&settings.program)?;
    check_args(&settings.args)?;
    let folder = absolute_folder(settings.folder, user_home)?;
    let env = checked_env(settings.env, user_home)?;
    check_note(&settings.note)?;
    check_tags(&settings.tags)?;
    Ok(AgentSettings { folder, env, ..settings })
}

/// Checks the name of a terminal.
pub fn check_terminal_name(name: &str) -> Result<(), AgentProblem> {
    if name.is_empty() {
        return Err(AgentProblem::NameEmpty);
    }
    let chars = name.chars().count();
    if chars > limits::LABEL_CHARS {
        return Err(AgentProblem::TerminalNameTooLong { chars });
    }
    check_name_characters(name)
}

fn check_name(name: &str) -> Result<(), AgentProblem> {
    if name.is_empty() {
        return Err(AgentProblem::NameEmpty);
    }
    let chars = name.chars().count();
    if chars > limits::NAME_CHARS {
        return Err(AgentProblem::NameTooLong { chars });
    }
    check_name_characters(name)?;
    if name.contains('@') {
        return Err(AgentProblem::NameAt);
    }
    if name.starts_with('-') {
        return Err(AgentProblem::NameHyphen);
    }
    Ok(())
}

fn check_name_characters(name: &str) -> Result<(), AgentProblem> {
    if let Some(character) = name.chars().find(|character| character.is_control()) {
        return Err(AgentProblem::NameControl { character });
    }
    if let Some(character) = name.chars().find(|character| is_invisible(*character)) {
        return Err(AgentProblem::NameInvisible { character });
    }
    if name.trim() != name {
        return Err(AgentProblem::NamePadded);
    }
    Ok(())
}

/// Whether a reader sees all of it and can type it again.
fn is_plain(text: &str) -> bool {
    text.trim() == text && !text.chars().any(|char| char.is_control() || is_invisible(char))
}

fn check_label(label: &str) -> Result<(), AgentProblem> {
    let chars = label.chars().count();
    if chars > limits::LABEL_CHARS {
        return Err(AgentProblem::LabelTooLong { chars });
    }
    if is_plain(label) { Ok(()) } else { Err(AgentProblem::LabelUnseen) }
}

fn check_persona(persona: &str) -> Result<(), AgentProblem> {
    if persona.len() > limits::PERSONA_BYTES {
        return Err(AgentProblem::PersonaTooLong { bytes: persona.len() });
    }
    if persona.contains('\0') { Err(AgentProblem::PersonaNul) } else { Ok(()) }
}

fn check_tags(tags: &[String]) -> Result<(), AgentProblem> {
    if tags.len() > limits::TAGS {
        return Err(AgentProblem::TooManyTags { count: tags.len() });
    }
    let mut seen = BTreeSet::new();
    for (position, tag) in (1..).zip(tags) {
        let chars = tag.chars().count();
        if !(1..=limits::TAG_CHARS).contains(&chars) || tag.contains(',') || !is_plain(tag) {
            return Err(AgentProblem::TagUnusable { position });
        }
        if !seen.insert(tag.to_lowercase()) {
            return Err(AgentProblem::TagTwice { tag: tag.clone() });
        }
    }
    Ok(())
}

/// Checks names and sources, and writes a leading `~` of files out.
fn checked_env(env: Vec<EnvReference>, user_home: &str) -> Result<Vec<EnvReference>, AgentProblem> {
    if env.len() > limits::ENV_REFERENCES {
        return Err(AgentProblem::TooManyVariables { count: env.len() });
    }
    let mut seen = BTreeSet::new();
    let mut checked = Vec::with_capacity(env.len());
    for (position, EnvReference { name, source }) in (1..).zip(env) {
        if !is_variable(&name) {
            return Err(AgentProblem::VariableName { position });
        }
        if name.starts_with("MAESTRO_") {
            return Err(AgentProblem::VariableReserved { name });
        }
        if !seen.insert(name.clone()) {
            return Err(AgentProblem::VariableTwice { name });
        }
        let source = match source {
            EnvSource::Variable(variable) if is_variable(&variable) => {
                EnvSource::Variable(variable)
            }
            EnvSource::Variable(_) => return Err(AgentProblem::VariableSource { name }),
            EnvSource::File(file) => match absolute_folder(file, user_home) {
                Ok(file) => EnvSource::File(file),
                Err(_unusable) => return Err(AgentProblem::VariableFile { name }),
            },
        };
        checked.push(EnvReference { name, source });
    }
    Ok(checked)
}

fn is_variable(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty()
        && name.len() <= VARIABLE_BYTES
        && name.bytes().all(word)
        && !name.starts_with(|first: char| first.is_ascii_digit())
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

#[cfg(test)]
mod tests;
