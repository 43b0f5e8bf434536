//! Whether the process lives and whether it can work: for supervisors, without a credential.

use axum::extract::State;
use axum::http::StatusCode;

use super::state::AppState;

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "Alive")))]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// The server can take work: not while it shuts down.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, description = "Ready"),
    (status = 503, description = "Shutting down or not able to work"),
))]
pub(crate) async fn readyz(State(state): State<AppState>) -> (StatusCode, &'static str) {
    let closing = *state.closing.borrow();
    if !closing && state.ports.host.facts().await.is_ok() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
    }
}
