//! `/api/agents`: making agents, reading and changing their settings.

use axum::extract::State;
use axum::http::StatusCode;
use protocol::agents::history::{HistoryEntry, HistoryQuery};
use protocol::agents::requests::{BulkReport, BulkRequest, CreateAgents, RollBack};
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentId, AgentList, CloneAgent, CreateAgent, EditAgent};
use protocol::envelope::{Failure, Success};

use crate::http::answer::{Answer, Created, answer};
use crate::http::extract::{Asked, Body, Id};
use crate::http::state::AppState;

/// Lists all agents that are not in the trash.
#[utoipa::path(get, path = "/api/agents", tag = "agents", responses(
    (status = 200, body = Success<AgentList>),
))]
pub(crate) async fn list(State(state): State<AppState>) -> Answer<AgentList> {
    Ok(answer(state.ports.agents.list().await?))
}

/// Creates an agent and, unless told otherwise, starts it.
#[utoipa::path(post, path = "/api/agents", tag = "agents", request_body = CreateAgent, responses(
    (status = 201, body = Success<Agent>),
    (status = 409, body = Failure, description = "The name is taken, or the settings changed meanwhile"),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Body(new): Body<CreateAgent>,
) -> Created<Agent> {
    Ok((StatusCode::CREATED, answer(state.ports.agents.create(new).await?)))
}

/// Creates many agents; one that is refused does not hold up the others.
#[utoipa::path(post, path = "/api/agents/batch", tag = "agents", request_body = CreateAgents, responses(
    (status = 200, body = Success<BulkReport>),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 413, body = Failure),
))]
pub(crate) async fn create_many(
    State(state): State<AppState>,
    Body(new): Body<CreateAgents>,
) -> Answer<BulkReport> {
    Ok(answer(state.ports.agents.create_many(new.agents).await?))
}

/// Does the same to many agents; one that fails does not hold up the others.
#[utoipa::path(post, path = "/api/agents/bulk", tag = "agents", request_body = BulkRequest, responses(
    (status = 200, body = Success<BulkReport>),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 413, body = Failure),
))]
pub(crate) async fn bulk(
    State(state): State<AppState>,
    Body(request): Body<BulkRequest>,
) -> Answer<BulkReport> {
    Ok(answer(state.ports.agents.bulk(request).await?))
}

/// Shows one agent.
#[utoipa::path(get, path = "/api/agents/{id}", tag = "agents", params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Agent>),
    (status = 404, body = Failure),
))]
pub(crate) async fn show(State(state): State<AppState>, Id(id): Id<AgentId>) -> Answer<Agent> {
    Ok(answer(state.ports.agents.get(&id).await?))
}

/// Changes settings; fields that are absent stay as they are.
#[utoipa::path(patch, path = "/api/agents/{id}", tag = "agents", request_body = EditAgent, params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 409, body = Failure, description = "The name is taken, or the settings changed meanwhile"),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn edit(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
    Body(edit): Body<EditAgent>,
) -> Answer<Agent> {
    Ok(answer(state.ports.agents.edit(&id, edit).await?))
}

/// Creates an agent with the settings of this one.
#[utoipa::path(post, path = "/api/agents/{id}/clone", tag = "agents", request_body = CloneAgent, params(("id" = AgentId, Path)), responses(
    (status = 201, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 409, body = Failure, description = "The name is taken, or the settings changed meanwhile"),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn duplicate(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
    Body(copy): Body<CloneAgent>,
) -> Created<Agent> {
    Ok((StatusCode::CREATED, answer(state.ports.agents.duplicate(&id, copy).await?)))
}

/// All versions of its settings, newest first.
#[utoipa::path(get, path = "/api/agents/{id}/versions", tag = "agents", params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Vec<AgentVersion>>),
    (status = 404, body = Failure),
))]
pub(crate) async fn versions(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
) -> Answer<Vec<AgentVersion>> {
    Ok(answer(state.ports.agents.versions(&id).await?))
}

/// Gives it the settings of an earlier version, as a new version.
#[utoipa::path(post, path = "/api/agents/{id}/rollback", tag = "agents", request_body = RollBack, params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 409, body = Failure, description = "The name is taken, or the settings changed meanwhile"),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn roll_back(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
    Body(to): Body<RollBack>,
) -> Answer<Agent> {
    Ok(answer(state.ports.agents.roll_back(&id, to.version).await?))
}

/// What happened to it, newest first.
#[utoipa::path(get, path = "/api/agents/{id}/history", tag = "agents", params(("id" = AgentId, Path), HistoryQuery), responses(
    (status = 200, body = Success<Vec<HistoryEntry>>),
    (status = 404, body = Failure),
    (status = 422, body = Failure, description = "A field is malformed"),
))]
pub(crate) async fn history(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
    Asked(part): Asked<HistoryQuery>,
) -> Answer<Vec<HistoryEntry>> {
    Ok(answer(state.ports.agents.history(&id, part).await?))
}
