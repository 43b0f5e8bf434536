//! What can be asked about the machine.

use std::time::Duration;

use protocol::host::Backup;
use protocol::programs::Program;
use ureq::http::Method;

use super::Client;
use crate::exit::Refusal;

/// For what reads the whole disk, or starts every program to ask for its version.
const LONG_PATIENCE: Duration = Duration::from_mins(2);

impl Client {
    /// Coding agents and shells that are installed.
    pub fn programs(&self) -> Result<Vec<Program>, Refusal> {
        self.ask(Method::GET, "/api/programs", (), LONG_PATIENCE)
    }

    /// Copies the database while it is in use.
    pub fn back_up(&self) -> Result<Backup, Refusal> {
        self.ask(Method::POST, "/api/backups", (), LONG_PATIENCE)
    }

    /// All backups, newest first.
    pub fn backups(&self) -> Result<Vec<Backup>, Refusal> {
        self.get("/api/backups")
    }
}
