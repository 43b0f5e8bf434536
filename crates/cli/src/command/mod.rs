//! What can be typed.

pub mod access;
pub mod agents;
pub mod audit;
pub mod host;
pub mod settings;
pub mod terminals;
pub mod tokens;
pub mod trash;

use clap::Subcommand;

pub use access::{AccessAction, AccessCommand, LoginLinkCommand, WhoamiCommand};
pub use agents::{AgentAction, AgentCommand};
pub use audit::{AuditAction, AuditCommand};
pub use host::{BackupCommand, ProgramsCommand};
pub use terminals::{TerminalAction, TerminalCommand};
pub use tokens::{TokenAction, TokenCommand};
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
    /// See and decide which devices may use this Maestro, and let new ones in
    Access(AccessCommand),
    /// Make, list and end tokens with which scripts may use this Maestro
    Token(TokenCommand),
    /// Show, check and export the trail of who did what
    Audit(AuditCommand),
    /// Say as whom this command line speaks to Maestro, and what that may do
    Whoami(WhoamiCommand),
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
            Self::Access(command) => command.json,
            Self::Token(command) => command.json,
            Self::Audit(command) => command.json,
            Self::Whoami(command) => command.json,
        }
    }
}

#[cfg(test)]
mod tests;
