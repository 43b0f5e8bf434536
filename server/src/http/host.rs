//! The machine: programs, health, diagnostics, backups, metrics.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::envelope::{Failure, Success};
use protocol::host::{Backup, Diagnostics, HostHealth};
use protocol::programs::Program;

use super::answer::{Answer, Created, answer};
use super::state::AppState;
use crate::metrics;

/// Coding agents and shells that are installed.
#[utoipa::path(get, path = "/api/programs", tag = "host", responses(
    (status = 200, body = Success<Vec<Program>>),
))]
pub(crate) async fn programs(State(state): State<AppState>) -> Answer<Vec<Program>> {
    Ok(answer(state.ports.host.programs().await?))
}

/// What is wrong with this host right now.
#[utoipa::path(get, path = "/api/health", tag = "host", responses(
    (status = 200, body = Success<HostHealth>),
))]
pub(crate) async fn health(State(state): State<AppState>) -> Answer<HostHealth> {
    Ok(answer(state.ports.host.health().await?))
}

/// Checks of this machine, measures and backups.
#[utoipa::path(get, path = "/api/diagnostics", tag = "host", responses(
    (status = 200, body = Success<Diagnostics>),
))]
pub(crate) async fn diagnostics(State(state): State<AppState>) -> Answer<Diagnostics> {
    Ok(answer(state.ports.host.diagnostics().await?))
}

/// All backups, newest first.
#[utoipa::path(get, path = "/api/backups", tag = "host", responses(
    (status = 200, body = Success<Vec<Backup>>),
))]
pub(crate) async fn backups(State(state): State<AppState>) -> Answer<Vec<Backup>> {
    Ok(answer(state.ports.host.diagnostics().await?.backups))
}

/// Copies the database while it is in use.
#[utoipa::path(post, path = "/api/backups", tag = "host", responses(
    (status = 201, body = Success<Backup>),
    (status = 503, body = Failure, description = "tmux or the disk does not take it, or the program is not installed"),
))]
pub(crate) async fn back_up(State(state): State<AppState>) -> Created<Backup> {
    Ok((StatusCode::CREATED, answer(state.ports.host.back_up().await?)))
}

/// Numbers for Prometheus, in its text format.
#[utoipa::path(get, path = "/metrics", tag = "host", responses(
    (status = 200, description = "Prometheus text"),
))]
pub(crate) async fn numbers(State(state): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, metrics::MEDIA_TYPE)], state.metrics.text())
}

/// Counts every request that passed the gates before it.
pub(crate) async fn count(
    State(state): State<AppState>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map(MatchedPath::as_str);
    state.metrics.count_request(route, response.status().as_u16(), began.elapsed());
    response
}
