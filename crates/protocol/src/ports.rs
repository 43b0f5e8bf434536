//! What pages may ask of the server: object-safe traits, implemented there, handed to the
//! pages through Leptos context. Pages can be tested with fakes of these.

use async_trait::async_trait;

use crate::agents::{Agent, AgentId, AgentList, CreateAgent};
use crate::error::ApiError;
use crate::host::HostFacts;
use crate::terminals::ScreenText;

/// The agents of this host.
#[async_trait]
pub trait AgentsPort: Send + Sync {
    /// All agents, ordered by name.
    async fn list(&self) -> Result<AgentList, ApiError>;
    /// One agent; `NotFound` when there is none.
    async fn get(&self, id: &AgentId) -> Result<Agent, ApiError>;
    /// Stores a new agent and, if asked, starts it. Nothing stays behind when it fails.
    async fn create(&self, new: CreateAgent) -> Result<Agent, ApiError>;
    /// Starts its program in a new session; a running agent is returned as it is.
    async fn start(&self, id: &AgentId) -> Result<Agent, ApiError>;
    /// Ends its session; a stopped agent is returned as it is.
    async fn stop(&self, id: &AgentId) -> Result<Agent, ApiError>;
    /// Ends its session and forgets it.
    async fn delete(&self, id: &AgentId) -> Result<(), ApiError>;
}

/// Terminals, as far as a page without a socket needs them.
#[async_trait]
pub trait TerminalsPort: Send + Sync {
    /// The screen now; empty when there is no session.
    async fn screen(&self, id: &AgentId) -> Result<ScreenText, ApiError>;
}

/// The machine.
#[async_trait]
pub trait HostPort: Send + Sync {
    /// Facts for sidebar and strip.
    async fn facts(&self) -> Result<HostFacts, ApiError>;
}
