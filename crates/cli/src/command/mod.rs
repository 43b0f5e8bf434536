//! What can be typed.

pub mod agents;
pub mod host;
pub mod settings;
pub mod terminals;
pub mod trash;

use clap::{Args, Subcommand};

pub use agents::{AgentAction, AgentCommand};
pub use host::{BackupCommand, ProgramsCommand};
pub use terminals::{TerminalAction, TerminalCommand};
pub use trash::{TrashAction, TrashCommand};

/// The commands that talk to a running Maestro; the binary flattens them into its own.
#[derive(Clone, Debug, Subcommand)]
pub enum ClientCommand {
    /// Create, change, run and look at agents
    Agent(AgentCommand),
    /// List, open, start and close the terminals that an agent has beside its program's
    Terminal(TerminalCommand),
    /// List, restore and delete for good what is in the trash
    Trash(TrashCommand),
    /// List the coding agents and shells that are installed on this machine
    Programs(ProgramsCommand),
    /// Copy the database into a backup now, and print where it lies
    Backup(BackupCommand),
    /// Print a link that logs a browser in: it works once, for ten minutes
    LoginLink(LoginLinkCommand),
}

impl ClientCommand {
    /// Whether the answer is for a program.
    pub fn json(&self) -> bool {
        match self {
            Self::Agent(command) => command.json,
            Self::Terminal(command) => command.json,
            Self::Trash(command) => command.json,
            Self::Programs(command) => command.json,
            Self::Backup(command) => command.json,
            Self::LoginLink(command) => command.json,
        }
    }
}

/// `maestro login-link`
#[derive(Clone, Copy, Debug, Args)]
pub struct LoginLinkCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests;
