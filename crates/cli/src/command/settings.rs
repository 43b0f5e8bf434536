//! The settings of an agent as options of `maestro agent create` and `maestro agent edit`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use protocol::agents::Colour;

/// Settings that are given in the same words for a new agent and for a change.
#[derive(Clone, Debug, Args)]
pub struct CharacterArgs {
    /// What people call it, in a few words
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// One emoji that stands for it
    #[arg(long, value_name = "EMOJI")]
    pub avatar: Option<String>,
    /// Who the agent is, in words; given to programs that take such a text at their start
    #[arg(long, value_name = "TEXT")]
    pub persona: Option<String>,
    /// File that holds the persona
    #[arg(long, value_name = "FILE", conflicts_with = "persona")]
    pub persona_file: Option<PathBuf>,
    /// Free text
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Colour of its avatar; “group” is the colour of its first group
    #[arg(long, alias = "color", value_parser = colours())]
    pub colour: Option<Colour>,
    /// Show it first
    #[arg(long)]
    pub favourite: bool,
    /// Start it when the machine has started
    #[arg(long)]
    pub autostart: bool,
    /// Arguments of the program, handed over one by one, never through a shell
    #[arg(last = true)]
    pub args: Vec<String>,
}

/// A new agent.
#[derive(Clone, Debug, Args)]
pub struct CreateArgs {
    /// Name, unique on this host; the first two hyphens group it: team-project-task
    pub name: String,
    /// Program to run: a name on the PATH, or an absolute path
    #[arg(long)]
    pub program: String,
    /// Folder to run it in
    #[arg(long, value_name = "FOLDER")]
    pub dir: PathBuf,
    /// Word to find it by; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Variable of its environment and where its value comes from; may be given several times
    ///
    /// 'NAME=$VARIABLE' takes the value of a variable of Maestro's own environment, NAME=@/path
    /// the content of a file that only you can read. The value is looked up at each start and
    /// never stored. Write the first form in single quotes, so that the shell leaves the “$”.
    #[arg(long, value_name = "NAME=SOURCE")]
    pub env: Vec<String>,
    /// Do not start it yet
    #[arg(long)]
    pub no_start: bool,
    /// The other settings.
    #[command(flatten)]
    pub character: CharacterArgs,
}

/// A change of settings.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that somebody can type")]
pub struct EditArgs {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
    /// Program to run: a name on the PATH, or an absolute path
    #[arg(long)]
    pub program: Option<String>,
    /// Folder to run it in
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
    /// Replace all its tags by this one; may be given several times
    #[arg(long = "tag", value_name = "TAG", conflicts_with_all = ["add_tag", "remove_tag"])]
    pub tags: Vec<String>,
    /// Add a tag; may be given several times
    #[arg(long, value_name = "TAG")]
    pub add_tag: Vec<String>,
    /// Take a tag away; may be given several times
    #[arg(long, value_name = "TAG")]
    pub remove_tag: Vec<String>,
    /// Add a variable of its environment, or replace the one of this name
    ///
    /// 'NAME=$VARIABLE' takes the value of a variable of Maestro's own environment, NAME=@/path
    /// the content of a file that only you can read. The value is looked up at each start and
    /// never stored. Write the first form in single quotes, so that the shell leaves the “$”.
    #[arg(long, value_name = "NAME=SOURCE")]
    pub env: Vec<String>,
    /// Take a variable out of its environment; may be given several times
    #[arg(long, value_name = "NAME")]
    pub remove_env: Vec<String>,
    /// The other settings.
    #[command(flatten)]
    pub character: CharacterArgs,
    /// Remove its label
    #[arg(long, conflicts_with = "label")]
    pub no_label: bool,
    /// Remove its emoji
    #[arg(long, conflicts_with = "avatar")]
    pub no_avatar: bool,
    /// Remove its persona
    #[arg(long, conflicts_with_all = ["persona", "persona_file"])]
    pub no_persona: bool,
    /// Remove its note
    #[arg(long, conflicts_with = "note")]
    pub no_note: bool,
    /// Remove all its tags
    #[arg(long, conflicts_with_all = ["tags", "add_tag", "remove_tag"])]
    pub no_tags: bool,
    /// Remove all variables of its environment
    #[arg(long, conflicts_with_all = ["env", "remove_env"])]
    pub no_env: bool,
    /// Do not show it first any more
    #[arg(long, conflicts_with = "favourite")]
    pub no_favourite: bool,
    /// Do not start it any more when the machine has started
    #[arg(long, conflicts_with = "autostart")]
    pub no_autostart: bool,
    /// Run the program without arguments
    #[arg(long, conflicts_with = "args")]
    pub no_args: bool,
}

fn colours() -> impl TypedValueParser<Value = Colour> {
    PossibleValuesParser::new(Colour::ALL.map(Colour::name))
        .map(|name| Colour::named(&name).unwrap_or_default())
}
