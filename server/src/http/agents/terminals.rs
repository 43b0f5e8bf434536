//! `/api/terminals`: the terminals of agents.

use axum::extract::State;
use axum::http::StatusCode;
use protocol::agents::{Agent, AgentId};
use protocol::envelope::{Failure, Success};
use protocol::terminals::{NameTerminal, OutputQuery, ScreenText, TerminalId};

use crate::http::answer::{Answer, Created, answer};
use crate::http::extract::{Asked, Body, BodyOrDefault, Id};
use crate::http::state::AppState;

/// Opens one more terminal with a shell. The body may be left out.
#[utoipa::path(post, path = "/api/agents/{id}/terminals", tag = "terminals", request_body = NameTerminal, params(("id" = AgentId, Path)), responses(
    (status = 201, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 409, body = Failure, description = "It has as many terminals as it may"),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn open(
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
    BodyOrDefault(name): BodyOrDefault<NameTerminal>,
) -> Created<Agent> {
    Ok((StatusCode::CREATED, answer(state.ports.terminals.open(&id, name).await?)))
}

/// The last lines of a terminal as plain text, history included.
#[utoipa::path(get, path = "/api/terminals/{id}/output", tag = "terminals", params(("id" = String, Path, description = "An agent id, or one with “-” and a number"), OutputQuery), responses(
    (status = 200, body = Success<ScreenText>),
    (status = 404, body = Failure),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn output(
    State(state): State<AppState>,
    Id(id): Id<TerminalId>,
    Asked(part): Asked<OutputQuery>,
) -> Answer<ScreenText> {
    Ok(answer(state.ports.terminals.output(&id, part).await?))
}

/// Starts the shell of a terminal; a running one is left as it is.
#[utoipa::path(post, path = "/api/terminals/{id}/start", tag = "terminals", params(("id" = String, Path, description = "An agent id, or one with “-” and a number")), responses(
    (status = 200, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
    (status = 409, body = Failure, description = "It is that of the agent's own program"),
))]
pub(crate) async fn start(State(state): State<AppState>, Id(id): Id<TerminalId>) -> Answer<Agent> {
    Ok(answer(state.ports.terminals.start(&id).await?))
}

/// Gives a terminal another name.
#[utoipa::path(patch, path = "/api/terminals/{id}", tag = "terminals", request_body = NameTerminal, params(("id" = String, Path, description = "An agent id, or one with “-” and a number")), responses(
    (status = 200, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 409, body = Failure, description = "It is that of the agent's own program"),
))]
pub(crate) async fn rename(
    State(state): State<AppState>,
    Id(id): Id<TerminalId>,
    Body(name): Body<NameTerminal>,
) -> Answer<Agent> {
    Ok(answer(state.ports.terminals.rename(&id, name).await?))
}

/// Ends a terminal's session and removes it.
#[utoipa::path(delete, path = "/api/terminals/{id}", tag = "terminals", params(("id" = String, Path, description = "An agent id, or one with “-” and a number")), responses(
    (status = 200, body = Success<Agent>),
    (status = 404, body = Failure),
    (status = 409, body = Failure, description = "It is that of the agent's own program"),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn close(State(state): State<AppState>, Id(id): Id<TerminalId>) -> Answer<Agent> {
    Ok(answer(state.ports.terminals.close(&id).await?))
}
