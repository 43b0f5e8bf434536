//! New agents, from options or from a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use protocol::agents::{AgentSettings, CreateAgent};
use protocol::error::ApiError;

use super::{entries, environment, paths, persona};
use crate::client::Client;
use crate::command::agents::CreateManyArgs;
use crate::command::settings::CreateArgs;
use crate::context::Context;
use crate::exit::Refusal;
use crate::output::agents::{self as say, Deed};
use crate::output::{Report, many as say_many};

/// Largest file of new agents, in bytes: 1 000 of them with long notes and personas.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Creates one.
pub(super) fn one(
    args: CreateArgs,
    client: &Client,
    context: &Context<'_>,
) -> Result<Report, Refusal> {
    let new = request(args, &context.working_folder)?;
    client.create(&new).map(|agent| say::done(Deed::Created, &agent))
}

fn request(args: CreateArgs, working_folder: &Path) -> Result<CreateAgent, Refusal> {
    let character = args.character;
    let file = character.persona_file.as_deref();
    let settings = AgentSettings {
        name: args.name,
        label: character.label.unwrap_or_default(),
        avatar: character.avatar.unwrap_or_default(),
        persona: persona::persona(character.persona, file, working_folder)?.unwrap_or_default(),
        program: args.program,
        args: character.args,
        folder: paths::absolute(&args.dir, working_folder, "folder")?,
        env: environment::references(&args.env, working_folder)?,
        note: character.note.unwrap_or_default(),
        tags: args.tags,
        colour: character.colour.unwrap_or_default(),
        favourite: character.favourite,
        autostart: character.autostart,
    };
    Ok(CreateAgent { settings, start: !args.no_start })
}

/// Creates all that a file holds. Nothing is asked for when one of them cannot be read.
pub(super) fn many(
    args: &CreateManyArgs,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    let standard_input = args.file == Path::new("-");
    let source = if standard_input { "Standard input".into() } else { args.file.to_string_lossy() };
    let wrong = |why: String| {
        ApiError::invalid(
            "agents",
            format!(
                "{source} {why} Nothing was created. `maestro agent create-many --help` shows an \
                 example."
            ),
        )
    };
    let text = if standard_input {
        read(&mut context.input)
    } else {
        File::open(context.working_folder.join(&args.file)).and_then(read)
    };
    let text = text.map_err(|error| wrong(format!("cannot be read: {error}.")))?;
    if text.len() as u64 > FILE_BYTES {
        let megabytes = FILE_BYTES / (1024 * 1024);
        return Err(wrong(format!("is larger than {megabytes} MB. Split it.")).into());
    }
    let new = entries::read(&text).map_err(|why| wrong(why.to_string()))?;
    let outcomes = client.create_many(&new)?;
    Ok(say_many::outcomes(Deed::Created, &outcomes))
}

/// The text, or somewhat more of it than is allowed.
fn read(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(FILE_BYTES + 1).read_to_string(&mut text)?;
    Ok(text)
}
