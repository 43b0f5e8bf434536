//! What can be asked about the machine, and who may look at it in a browser.

use std::time::Duration;

use protocol::host::{Backup, Diagnostics};
use protocol::logins::LoginLink;
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

    /// What the server finds out about its machine and itself.
    pub fn diagnostics(&self) -> Result<Diagnostics, Refusal> {
        self.get("/api/diagnostics")
    }

    /// Makes a login link.
    pub fn login_link(&self) -> Result<LoginLink, Refusal> {
        self.order(Method::POST, "/api/login-links")
    }
}
