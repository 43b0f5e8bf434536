//! `maestro programs` and `maestro backup`: what can be typed after them.

use clap::{Args, Subcommand};

/// `maestro programs`
#[derive(Clone, Copy, Debug, Args)]
pub struct ProgramsCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long)]
    pub json: bool,
}

/// `maestro backup`
#[derive(Clone, Copy, Debug, Args)]
pub struct BackupCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// What else to do.
    #[command(subcommand)]
    pub action: Option<BackupAction>,
}

/// What to do with backups besides making one.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum BackupAction {
    /// List the backups, newest first
    List,
}
