//! `/api/agents/{id}/…`: starting and ending sessions.

use axum::extract::State;
use protocol::agents::requests::WakeAgent;
use protocol::agents::{Agent, AgentId};
use protocol::envelope::{Failure, Success};

use crate::http::answer::{Answer, answer};
use crate::http::extract::{BodyOrDefault, Id};
use crate::http::state::AppState;

/// Starts its program; a running one is left as it is. The body may be left out.
#[utoipa::path(post, path = "/api/agents/{id}/wake", tag = "agents", request_body = WakeAgent, params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn wake(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
    BodyOrDefault(how): BodyOrDefault<WakeAgent>,
) -> Answer<Agent> {
    Ok(answer(state.ports.agents.wake(&id, how).await?))
}

/// Ends all its sessions; a hibernated one is left as it is.
#[utoipa::path(post, path = "/api/agents/{id}/hibernate", tag = "agents", params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn hibernate(State(state): State<AppState>, Id(id): Id<AgentId>) -> Answer<Agent> {
    Ok(answer(state.ports.agents.hibernate(&id).await?))
}

/// Ends its program's session and starts it again. The body may be left out.
#[utoipa::path(post, path = "/api/agents/{id}/restart", tag = "agents", request_body = WakeAgent, params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn restart(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
    BodyOrDefault(how): BodyOrDefault<WakeAgent>,
) -> Answer<Agent> {
    Ok(answer(state.ports.agents.restart(&id, how).await?))
}
