//! Server functions, named by verb: `api::create`. Each calls a port; rules live behind it.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::agents::{Agent, AgentId, AgentList, CreateAgent};
use protocol::host::HostFacts;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::ports;
use crate::session::PageClient;

/// All agents, for a page whose own data could not be loaded.
#[server(prefix = "/fn", endpoint = "agents/list", input = Json, client = PageClient)]
pub(super) async fn list() -> Result<AgentList, AppError> {
    Ok(ports::agents()?.list().await?)
}

/// The machine, for a page whose own data could not be loaded.
#[server(prefix = "/fn", endpoint = "host/facts", input = Json, client = PageClient)]
pub(super) async fn host() -> Result<HostFacts, AppError> {
    Ok(ports::host()?.facts().await?)
}

/// Stores a new agent and, if asked, starts it.
#[server(prefix = "/fn", endpoint = "agents/create", input = Json, client = PageClient)]
pub(super) async fn create(new: CreateAgent) -> Result<Agent, AppError> {
    Ok(ports::agents()?.create(new).await?)
}

/// Starts an agent's program.
#[server(prefix = "/fn", endpoint = "agents/start", input = Json, client = PageClient)]
pub(super) async fn start(id: AgentId) -> Result<Agent, AppError> {
    Ok(ports::agents()?.start(&id).await?)
}

/// Ends an agent's session.
#[server(prefix = "/fn", endpoint = "agents/stop", input = Json, client = PageClient)]
pub(super) async fn stop(id: AgentId) -> Result<Agent, AppError> {
    Ok(ports::agents()?.stop(&id).await?)
}

/// Ends an agent's session and forgets the agent.
#[server(prefix = "/fn", endpoint = "agents/delete", input = Json, client = PageClient)]
pub(super) async fn delete(id: AgentId) -> Result<(), AppError> {
    Ok(ports::agents()?.delete(&id).await?)
}
