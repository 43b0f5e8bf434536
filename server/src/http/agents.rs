//! `/api/agents`: agents for scripts and the command line.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::agents::{Agent, AgentId, AgentList, CreateAgent};
use protocol::envelope::{Failure, Success};

use super::errors::{HttpError, bad_json, bad_path};
use super::state::AppState;

type Answer<T> = Result<Json<Success<T>>, HttpError>;

fn answer<T>(data: T) -> Json<Success<T>> {
    Json(Success::new(data))
}

/// Lists all agents.
#[utoipa::path(get, path = "/api/agents", tag = "agents", responses(
    (status = 200, body = Success<AgentList>),
    (status = 401, body = Failure),
))]
pub(crate) async fn list(State(state): State<AppState>) -> Answer<AgentList> {
    Ok(answer(state.ports.agents.list().await?))
}

/// Creates an agent and, unless told otherwise, starts it.
#[utoipa::path(post, path = "/api/agents", tag = "agents", request_body = CreateAgent, responses(
    (status = 201, body = Success<Agent>),
    (status = 401, body = Failure),
    (status = 409, body = Failure, description = "The name is taken"),
    (status = 422, body = Failure, description = "A field is malformed, or the folder is missing"),
    (status = 503, body = Failure, description = "The program is not installed"),
))]
pub(crate) async fn create(
    State(state): State<AppState>,
    body: Result<Json<CreateAgent>, JsonRejection>,
) -> Result<(StatusCode, Json<Success<Agent>>), HttpError> {
    let Json(new) = body.map_err(|rejection| bad_json(&rejection))?;
    Ok((StatusCode::CREATED, answer(state.ports.agents.create(new).await?)))
}

/// Shows one agent.
#[utoipa::path(get, path = "/api/agents/{id}", tag = "agents", params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Agent>),
    (status = 401, body = Failure),
    (status = 404, body = Failure),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    id: Result<Path<AgentId>, PathRejection>,
) -> Answer<Agent> {
    let Path(id) = id.map_err(|rejection| bad_path(&rejection))?;
    Ok(answer(state.ports.agents.get(&id).await?))
}

/// Ends an agent's session and forgets it.
#[utoipa::path(delete, path = "/api/agents/{id}", tag = "agents", params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Option<Agent>>, description = "Deleted; data is null"),
    (status = 401, body = Failure),
    (status = 404, body = Failure),
))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    id: Result<Path<AgentId>, PathRejection>,
) -> Answer<Option<Agent>> {
    let Path(id) = id.map_err(|rejection| bad_path(&rejection))?;
    state.ports.agents.delete(&id).await?;
    Ok(answer(None))
}

/// Starts an agent's program; a running one is left as it is.
#[utoipa::path(post, path = "/api/agents/{id}/start", tag = "agents", params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Agent>),
    (status = 401, body = Failure),
    (status = 404, body = Failure),
    (status = 503, body = Failure, description = "The program is not installed"),
))]
pub(crate) async fn start(
    State(state): State<AppState>,
    id: Result<Path<AgentId>, PathRejection>,
) -> Answer<Agent> {
    let Path(id) = id.map_err(|rejection| bad_path(&rejection))?;
    Ok(answer(state.ports.agents.start(&id).await?))
}

/// Ends an agent's session; a stopped one is left as it is.
#[utoipa::path(post, path = "/api/agents/{id}/stop", tag = "agents", params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Agent>),
    (status = 401, body = Failure),
    (status = 404, body = Failure),
))]
pub(crate) async fn stop(
    State(state): State<AppState>,
    id: Result<Path<AgentId>, PathRejection>,
) -> Answer<Agent> {
    let Path(id) = id.map_err(|rejection| bad_path(&rejection))?;
    Ok(answer(state.ports.agents.stop(&id).await?))
}
