//! What can be asked about terminals.

use protocol::agents::{Agent, AgentId};
use protocol::terminals::{NameTerminal, ScreenText, TerminalId};
use ureq::http::Method;

use super::Client;
use crate::exit::Refusal;

impl Client {
    /// The last lines of a terminal's output as plain text.
    pub fn output(&self, id: &TerminalId, lines: u32) -> Result<ScreenText, Refusal> {
        self.get(&format!("/api/terminals/{id}/output?lines={lines}"))
    }

    /// Opens one more terminal.
    pub fn open_terminal(&self, agent: &AgentId, name: &NameTerminal) -> Result<Agent, Refusal> {
        self.send(Method::POST, &format!("/api/agents/{agent}/terminals"), name)
    }

    /// Starts the shell of a terminal.
    pub fn start_terminal(&self, id: &TerminalId) -> Result<Agent, Refusal> {
        self.order(Method::POST, &format!("/api/terminals/{id}/start"))
    }

    /// Gives a terminal another name.
    pub fn rename_terminal(&self, id: &TerminalId, name: &NameTerminal) -> Result<Agent, Refusal> {
        self.send(Method::PATCH, &format!("/api/terminals/{id}"), name)
    }

    /// Ends a terminal's session and removes it.
    pub fn close_terminal(&self, id: &TerminalId) -> Result<Agent, Refusal> {
        self.order(Method::DELETE, &format!("/api/terminals/{id}"))
    }
}
