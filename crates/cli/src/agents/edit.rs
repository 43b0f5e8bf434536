//! `maestro agent edit`: from options to the fields that change.

use std::path::Path;

use protocol::agents::{Agent, EditAgent, EnvReference};
use protocol::error::{ApiError, ErrorCode};

use super::{environment, find, paths, persona};
use crate::client::Client;
use crate::command::settings::EditArgs;
use crate::context::Context;
use crate::exit::Refusal;
use crate::output::Report;
use crate::output::agents as say;

/// Changes the settings.
pub(super) fn run(
    mut args: EditArgs,
    client: &Client,
    context: &Context<'_>,
) -> Result<Report, Refusal> {
    let lists = ListChanges {
        add_tags: std::mem::take(&mut args.add_tag),
        remove_tags: std::mem::take(&mut args.remove_tag),
        set_env: environment::references(&args.env, &context.working_folder)?,
        remove_env: std::mem::take(&mut args.remove_env),
    };
    let wanted = std::mem::take(&mut args.agent);
    let mut edit = replaced(args, &context.working_folder)?;
    if edit == EditAgent::default() && lists == ListChanges::default() {
        return Err(Refusal::usage(
            "agent",
            "Nothing to change was named. `maestro agent edit --help` lists what can be changed.",
        ));
    }
    let before = find::agent(client, &wanted)?;
    lists.apply(&before, &mut edit)?;
    let agent = client.edit(&before.id, &edit)?;
    Ok(say::edited(&before, &agent))
}

/// The fields that get a new value whatever the old one is.
fn replaced(args: EditArgs, working_folder: &Path) -> Result<EditAgent, Refusal> {
    let character = args.character;
    let file = character.persona_file.as_deref();
    let persona = persona::persona(character.persona, file, working_folder)?;
    let folder = match &args.dir {
        Some(typed) => Some(paths::absolute(typed, working_folder, "folder")?),
        None => None,
    };
    Ok(EditAgent {
        if_version: None,
        name: None,
        label: character.label.or_else(|| emptied(args.no_label)),
        avatar: character.avatar.or_else(|| emptied(args.no_avatar)),
        persona: persona.or_else(|| emptied(args.no_persona)),
        program: args.program,
        args: filled(character.args).or_else(|| emptied(args.no_args)),
        folder,
        env: emptied(args.no_env),
        note: character.note.or_else(|| emptied(args.no_note)),
        tags: filled(args.tags).or_else(|| emptied(args.no_tags)),
        colour: character.colour,
        favourite: switched(character.favourite, args.no_favourite),
        autostart: switched(character.autostart, args.no_autostart),
    })
}

fn emptied<T: Default>(wanted: bool) -> Option<T> {
    wanted.then(T::default)
}

fn filled<T>(typed: Vec<T>) -> Option<Vec<T>> {
    if typed.is_empty() { None } else { Some(typed) }
}

fn switched(on: bool, off: bool) -> Option<bool> {
    (on || off).then_some(on)
}

/// Changes of lists, which are computed from what the lists hold.
#[derive(Debug, Default, PartialEq, Eq)]
struct ListChanges {
    add_tags: Vec<String>,
    remove_tags: Vec<String>,
    set_env: Vec<EnvReference>,
    remove_env: Vec<String>,
}

impl ListChanges {
    /// Puts the new lists into the edit, which then holds only for the version they come from:
    /// somebody else's change of the same list is not lost.
    fn apply(self, agent: &Agent, edit: &mut EditAgent) -> Result<(), ApiError> {
        if !self.add_tags.is_empty() || !self.remove_tags.is_empty() {
            edit.if_version = Some(agent.version);
            edit.tags = Some(tags(agent, &self.remove_tags, self.add_tags)?);
        }
        if !self.set_env.is_empty() || !self.remove_env.is_empty() {
            edit.if_version = Some(agent.version);
            edit.env = Some(env(agent, &self.remove_env, self.set_env)?);
        }
        Ok(())
    }
}

fn tags(agent: &Agent, remove: &[String], add: Vec<String>) -> Result<Vec<String>, ApiError> {
    let mut tags = agent.settings.tags.clone();
    for tag in remove {
        if !agent.settings.tags.contains(tag) {
            return Err(missing("tags", agent, &format!("the tag “{tag}”")));
        }
        tags.retain(|kept| kept != tag);
    }
    for tag in add {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags)
}

fn env(
    agent: &Agent,
    remove: &[String],
    set: Vec<EnvReference>,
) -> Result<Vec<EnvReference>, ApiError> {
    let mut env = agent.settings.env.clone();
    for name in remove {
        if !agent.settings.env.iter().any(|reference| reference.name == *name) {
            return Err(missing("env", agent, &format!("the variable “{name}”")));
        }
        env.retain(|kept| kept.name != *name);
    }
    for reference in set {
        match env.iter_mut().find(|kept| kept.name == reference.name) {
            Some(kept) => *kept = reference,
            None => env.push(reference),
        }
    }
    Ok(env)
}

fn missing(field: &str, agent: &Agent, what: &str) -> ApiError {
    let name = &agent.settings.name;
    let message = format!(
        "Agent “{name}” does not have {what}. `maestro agent show {}` shows what it has.",
        crate::output::typeable(agent)
    );
    ApiError::new(ErrorCode::NotFound, message).about(field)
}
