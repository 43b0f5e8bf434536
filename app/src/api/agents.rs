//! What pages ask of agents.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::agents::history::{HistoryEntry, HistoryQuery};
use protocol::agents::requests::{BulkReport, BulkRequest, RestoreAgent, WakeAgent};
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentId, AgentList, CloneAgent, CreateAgent, EditAgent};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::ports;
use crate::session::PageClient;

/// All agents, for a page whose own data could not be loaded.
#[server(prefix = "/fn", endpoint = "agents/list", input = Json, client = PageClient)]
pub(crate) async fn list() -> Result<AgentList, AppError> {
    Ok(ports::agents()?.list().await?)
}

/// Stores a new agent and, if asked, starts it.
#[server(prefix = "/fn", endpoint = "agents/create", input = Json, client = PageClient)]
pub(crate) async fn create(new: CreateAgent) -> Result<Agent, AppError> {
    Ok(ports::agents()?.create(new).await?)
}

/// Changes settings.
#[server(prefix = "/fn", endpoint = "agents/edit", input = Json, client = PageClient)]
pub(crate) async fn edit(id: AgentId, edit: EditAgent) -> Result<Agent, AppError> {
    Ok(ports::agents()?.edit(&id, edit).await?)
}

/// Stores a new agent with the settings of this one.
#[server(prefix = "/fn", endpoint = "agents/clone", input = Json, client = PageClient)]
pub(crate) async fn duplicate(id: AgentId, copy: CloneAgent) -> Result<Agent, AppError> {
    Ok(ports::agents()?.duplicate(&id, copy).await?)
}

/// Starts an agent's program.
#[server(prefix = "/fn", endpoint = "agents/wake", input = Json, client = PageClient)]
pub(crate) async fn wake(id: AgentId, how: WakeAgent) -> Result<Agent, AppError> {
    Ok(ports::agents()?.wake(&id, how).await?)
}

/// Ends all sessions of an agent.
#[server(prefix = "/fn", endpoint = "agents/hibernate", input = Json, client = PageClient)]
pub(crate) async fn hibernate(id: AgentId) -> Result<Agent, AppError> {
    Ok(ports::agents()?.hibernate(&id).await?)
}

/// Ends its program's session and starts it again.
#[server(prefix = "/fn", endpoint = "agents/restart", input = Json, client = PageClient)]
pub(crate) async fn restart(id: AgentId, how: WakeAgent) -> Result<Agent, AppError> {
    Ok(ports::agents()?.restart(&id, how).await?)
}

/// Moves an agent to the trash.
#[server(prefix = "/fn", endpoint = "agents/trash", input = Json, client = PageClient)]
pub(crate) async fn trash(id: AgentId) -> Result<(), AppError> {
    Ok(ports::agents()?.trash(&id).await?)
}

/// Does the same to many agents.
#[server(prefix = "/fn", endpoint = "agents/bulk", input = Json, client = PageClient)]
pub(crate) async fn bulk(request: BulkRequest) -> Result<BulkReport, AppError> {
    Ok(ports::agents()?.bulk(request).await?)
}

/// All agents in the trash.
#[server(prefix = "/fn", endpoint = "agents/trashed", input = Json, client = PageClient)]
pub(crate) async fn trashed() -> Result<Vec<Agent>, AppError> {
    Ok(ports::agents()?.trashed().await?)
}

/// Takes an agent out of the trash.
#[server(prefix = "/fn", endpoint = "agents/restore", input = Json, client = PageClient)]
pub(crate) async fn restore(id: AgentId, how: RestoreAgent) -> Result<Agent, AppError> {
    Ok(ports::agents()?.restore(&id, how).await?)
}

/// Deletes an agent in the trash for good.
#[server(prefix = "/fn", endpoint = "agents/purge", input = Json, client = PageClient)]
pub(crate) async fn purge(id: AgentId) -> Result<(), AppError> {
    Ok(ports::agents()?.purge(&id).await?)
}

/// All versions of an agent's settings, newest first.
#[server(prefix = "/fn", endpoint = "agents/versions", input = Json, client = PageClient)]
pub(crate) async fn versions(id: AgentId) -> Result<Vec<AgentVersion>, AppError> {
    Ok(ports::agents()?.versions(&id).await?)
}

/// Gives an agent the settings of an earlier version.
#[server(prefix = "/fn", endpoint = "agents/rollback", input = Json, client = PageClient)]
pub(crate) async fn roll_back(id: AgentId, version: u32) -> Result<Agent, AppError> {
    Ok(ports::agents()?.roll_back(&id, version).await?)
}

/// What happened to an agent, newest first.
#[server(prefix = "/fn", endpoint = "agents/history", input = Json, client = PageClient)]
pub(crate) async fn history(
    id: AgentId,
    part: HistoryQuery,
) -> Result<Vec<HistoryEntry>, AppError> {
    Ok(ports::agents()?.history(&id, part).await?)
}
