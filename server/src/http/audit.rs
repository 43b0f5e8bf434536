//! The audit trail: a part of it, whether it is whole, and all of it to take away.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use protocol::access::audit::{AuditEntry, AuditQuery, AuditReport};
use protocol::envelope::{Failure, Success};

use super::answer::{Answer, answer};
use super::errors::HttpError;
use super::extract::Asked;
use super::state::AppState;

/// Who did what: a part of the audit trail, newest first.
#[utoipa::path(get, path = "/api/audit", tag = "access", params(AuditQuery), responses(
    (status = 200, body = Success<Vec<AuditEntry>>),
    (status = 422, body = Failure, description = "The query is malformed"),
))]
pub(crate) async fn page(
    State(state): State<AppState>,
    Asked(part): Asked<AuditQuery>,
) -> Answer<Vec<AuditEntry>> {
    Ok(answer(state.ports.access.audit(part).await?))
}

/// Reads the whole audit trail and checks that every entry is as it was written.
#[utoipa::path(get, path = "/api/audit/verify", tag = "access", responses(
    (status = 200, body = Success<AuditReport>),
))]
pub(crate) async fn verify(State(state): State<AppState>) -> Answer<AuditReport> {
    Ok(answer(state.ports.access.verify_audit().await?))
}

/// The whole audit trail, oldest first: one entry as JSON per line.
#[utoipa::path(get, path = "/api/audit/export", tag = "access", responses(
    (status = 200, body = AuditEntry, content_type = "application/x-ndjson"),
))]
pub(crate) async fn export(State(state): State<AppState>) -> Result<impl IntoResponse, HttpError> {
    let lines = state.access.trail.export().await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"maestro-audit.jsonl\""),
    ];
    Ok((headers, Body::from_stream(lines)))
}
