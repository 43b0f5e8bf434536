//! `maestro agent …`: what can be typed after it.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::settings::{CreateArgs, EditArgs};

/// Words for the states that a list can be narrowed to, as its column shows them.
const STATES: [&str; 5] = ["hibernated", "running", "done", "failed", "lost"];

/// `maestro agent …`
#[derive(Clone, Debug, Args)]
pub struct AgentCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub action: AgentAction,
}

/// What to do with agents.
#[derive(Clone, Debug, Subcommand)]
pub enum AgentAction {
    /// Create an agent and start it
    Create(Box<CreateArgs>),
    /// Create many agents from a file
    CreateMany(CreateManyArgs),
    /// Change settings of an agent; what is not named stays as it is
    ///
    /// Each change makes a new version, which `maestro agent versions` lists and `maestro agent
    /// rollback` takes back. A running program goes on with the old settings until it is
    /// restarted.
    Edit(Box<EditArgs>),
    /// Give an agent another name
    Rename(RenameArgs),
    /// Create an agent with the settings of another one
    Clone(CloneArgs),
    /// List all agents, or some of them
    List(ListArgs),
    /// Show one agent: its settings, its state, its terminals
    Show(AgentArg),
    /// Start agents that do not run; a coding agent takes up its last conversation
    #[command(visible_alias = "start")]
    Wake(StartArgs),
    /// End the sessions of agents; they keep their place in the list
    #[command(visible_alias = "stop")]
    Hibernate(HibernateArgs),
    /// End the sessions of agents and start them again
    Restart(StartArgs),
    /// End the sessions of agents and move them to the trash, from where they can be restored
    #[command(visible_aliases = ["delete", "rm"])]
    Trash(TrashArgs),
    /// List the versions of an agent's settings
    Versions(AgentArg),
    /// Show how two versions of an agent's settings differ
    Compare(CompareArgs),
    /// Give an agent the settings of an earlier version
    Rollback(RollbackArgs),
    /// Show what happened to an agent, newest first
    History(HistoryArgs),
    /// Print the last lines of an agent's terminal as plain text
    Output(OutputArgs),
}

/// The agent that is meant.
#[derive(Clone, Debug, Args)]
pub struct AgentArg {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
}

/// Many new agents.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Each agent is the JSON object that POST /api/agents takes, for example:\n  \
    {\"name\": \"docs-site\", \"program\": \"claude\", \"folder\": \"~/docs\", \"tags\": [\"docs\"],\n   \
    \"env\": [{\"name\": \"API_KEY\", \"variable\": \"DOCS_KEY\"}], \"start\": false}\n\
    The file holds an array of them, or one after the other. Nothing is created when one of\n\
    them cannot be read; one that is refused does not hold up the others."
)]
pub struct CreateManyArgs {
    /// File of JSON objects; “-” reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// A new name.
#[derive(Clone, Debug, Args)]
pub struct RenameArgs {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
    /// Its new name
    #[arg(value_name = "NEW")]
    pub new: String,
}

/// A copy.
#[derive(Clone, Debug, Args)]
pub struct CloneArgs {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
    /// Name of the copy
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Start the copy at once
    #[arg(long)]
    pub start: bool,
}

/// Which agents to list.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    /// Only those with this tag
    #[arg(long)]
    pub tag: Option<String>,
    /// Only those in this state
    #[arg(long, value_parser = PossibleValuesParser::new(STATES))]
    pub state: Option<String>,
}

/// Agents that are chosen by name, by a tag, or all.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ChosenOrAll {
    /// Names or ids of the agents
    #[arg(value_name = "NAME|ID")]
    pub agents: Vec<String>,
    /// All agents with this tag
    #[arg(long)]
    pub tag: Option<String>,
    /// All agents; asks first
    #[arg(long)]
    pub all: bool,
}

/// Agents to start.
#[derive(Clone, Debug, Args)]
pub struct StartArgs {
    /// Which.
    #[command(flatten)]
    pub chosen: ChosenOrAll,
    /// Do not ask whether all agents are meant
    #[arg(long)]
    pub yes: bool,
    /// Begin a new conversation instead of taking up the last one
    #[arg(long)]
    pub fresh: bool,
}

/// Agents to hibernate.
#[derive(Clone, Debug, Args)]
pub struct HibernateArgs {
    /// Which.
    #[command(flatten)]
    pub chosen: ChosenOrAll,
    /// Do not ask whether all agents are meant
    #[arg(long)]
    pub yes: bool,
}

/// Agents to move to the trash.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct TrashArgs {
    /// Names or ids of the agents
    #[arg(value_name = "NAME|ID")]
    pub agents: Vec<String>,
    /// All agents with this tag
    #[arg(long)]
    pub tag: Option<String>,
}

/// Two versions.
#[derive(Clone, Debug, Args)]
pub struct CompareArgs {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
    /// Number of the earlier version
    #[arg(value_name = "A")]
    pub before: u32,
    /// Number of the later version [default: the current one]
    #[arg(value_name = "B")]
    pub after: Option<u32>,
}

/// The version to go back to.
#[derive(Clone, Debug, Args)]
pub struct RollbackArgs {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
    /// Number of the version, as `maestro agent versions` lists it
    #[arg(value_name = "VERSION")]
    pub version: u32,
}

/// How much of a history to show.
#[derive(Clone, Debug, Args)]
pub struct HistoryArgs {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
    /// At most this many entries, up to 10000
    #[arg(long, value_name = "N", default_value_t = 50,
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
}

/// Which terminal's output, and how much of it.
#[derive(Clone, Debug, Args)]
pub struct OutputArgs {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
    /// Number or name of the terminal; 0 is that of the agent's program
    #[arg(long, value_name = "N|NAME", default_value = "0")]
    pub terminal: String,
    /// At most this many lines, up to 5000
    #[arg(long, value_name = "N", default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(protocol::limits::HISTORY_LINES)))]
    pub lines: u32,
}
