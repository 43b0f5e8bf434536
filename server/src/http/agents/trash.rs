//! The trash: `DELETE /api/agents/{id}` and `/api/trash`.

use axum::extract::State;
use protocol::agents::requests::RestoreAgent;
use protocol::agents::{Agent, AgentId};
use protocol::envelope::{Failure, Success};

use crate::http::answer::{Answer, answer};
use crate::http::extract::{BodyOrDefault, Id};
use crate::http::state::AppState;

/// Ends all its sessions and moves it to the trash. The data of the answer is null.
#[utoipa::path(delete, path = "/api/agents/{id}", tag = "trash", params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Option<Agent>>),
    (status = 404, body = Failure),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn trash(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
) -> Answer<Option<Agent>> {
    state.ports.agents.trash(&id).await?;
    Ok(answer(None))
}

/// All agents in the trash, last trashed first.
#[utoipa::path(get, path = "/api/trash", tag = "trash", responses(
    (status = 200, body = Success<Vec<Agent>>),
))]
pub(crate) async fn list(State(state): State<AppState>) -> Answer<Vec<Agent>> {
    Ok(answer(state.ports.agents.trashed().await?))
}

/// Takes an agent out of the trash. The body may be left out.
#[utoipa::path(post, path = "/api/trash/{id}/restore", tag = "trash", request_body = RestoreAgent, params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 409, body = Failure, description = "The name is taken, or the settings changed meanwhile"),
    (status = 422, body = Failure, description = "A field is malformed"),
))]
pub(crate) async fn restore(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
    BodyOrDefault(how): BodyOrDefault<RestoreAgent>,
) -> Answer<Agent> {
    Ok(answer(state.ports.agents.restore(&id, how).await?))
}

/// Deletes an agent in the trash for good. The data of the answer is null.
#[utoipa::path(delete, path = "/api/trash/{id}", tag = "trash", params(("id" = AgentId, Path)), responses(
    (status = 200, body = Success<Option<Agent>>),
    (status = 404, body = Failure),
    (status = 409, body = Failure, description = "It is not in the trash"),
))]
pub(crate) async fn purge(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
) -> Answer<Option<Agent>> {
    state.ports.agents.purge(&id).await?;
    Ok(answer(None))
}
