//! What can be asked about the trash.

use protocol::agents::requests::RestoreAgent;
use protocol::agents::{Agent, AgentId};
use ureq::http::Method;

use super::Client;
use crate::exit::Refusal;

impl Client {
    /// All agents in the trash, last trashed first.
    pub fn trashed(&self) -> Result<Vec<Agent>, Refusal> {
        self.get("/api/trash")
    }

    /// Takes an agent out of the trash.
    pub fn restore(&self, id: &AgentId, how: &RestoreAgent) -> Result<Agent, Refusal> {
        self.send(Method::POST, &format!("/api/trash/{id}/restore"), how)
    }

    /// Deletes an agent that is in the trash for good.
    pub fn purge(&self, id: &AgentId) -> Result<(), Refusal> {
        self.order(Method::DELETE, &format!("/api/trash/{id}"))
    }
}
