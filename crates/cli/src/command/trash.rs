//! `maestro trash …`: what can be typed after it.

use clap::{Args, Subcommand};

/// `maestro trash …`
#[derive(Clone, Debug, Args)]
pub struct TrashCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub action: TrashAction,
}

/// What to do with the trash.
#[derive(Clone, Debug, Subcommand)]
pub enum TrashAction {
    /// List the agents in the trash, last trashed first
    List,
    /// Take an agent out of the trash; it comes back hibernated
    Restore(RestoreArgs),
    /// Delete agents that are in the trash for good
    Purge(PurgeArgs),
    /// Delete everything in the trash for good
    Empty(EmptyArgs),
}

/// The agent to bring back.
#[derive(Clone, Debug, Args)]
pub struct RestoreArgs {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
    /// Another name for it, for when its own was taken meanwhile
    #[arg(long, value_name = "NEW")]
    pub name: Option<String>,
}

/// The agents to delete.
#[derive(Clone, Debug, Args)]
pub struct PurgeArgs {
    /// Names or ids of the agents
    #[arg(value_name = "NAME|ID", required = true)]
    pub agents: Vec<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// Everything.
#[derive(Clone, Copy, Debug, Args)]
pub struct EmptyArgs {
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}
