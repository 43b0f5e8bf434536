//! `maestro terminal …`: what can be typed after it.

use clap::{Args, Subcommand};

/// `maestro terminal …`
#[derive(Clone, Debug, Args)]
pub struct TerminalCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub action: TerminalAction,
}

/// What to do with an agent's terminals.
#[derive(Clone, Debug, Subcommand)]
pub enum TerminalAction {
    /// List the terminals of an agent; number 0 is that of its program
    List(OwnerArg),
    /// Open one more terminal, with a shell in the agent's folder
    Open(OpenArgs),
    /// Start the shell of a terminal that does not run
    Start(TerminalArg),
    /// Give a terminal another name
    Rename(RenameTerminalArgs),
    /// End a terminal's session and remove it
    Close(TerminalArg),
}

/// The agent whose terminals are meant.
#[derive(Clone, Debug, Args)]
pub struct OwnerArg {
    /// Name or id of the agent
    pub agent: String,
}

/// A new terminal.
#[derive(Clone, Debug, Args)]
pub struct OpenArgs {
    /// Name or id of the agent
    pub agent: String,
    /// Name of the terminal [default: “Shell” and a number]
    #[arg(long)]
    pub name: Option<String>,
}

/// One terminal.
#[derive(Clone, Debug, Args)]
pub struct TerminalArg {
    /// Name or id of the agent
    pub agent: String,
    /// Number or name of the terminal
    #[arg(value_name = "WHICH")]
    pub terminal: String,
}

/// A new name.
#[derive(Clone, Debug, Args)]
pub struct RenameTerminalArgs {
    /// The terminal.
    #[command(flatten)]
    pub which: TerminalArg,
    /// Its new name
    #[arg(value_name = "NEW")]
    pub new: String,
}
