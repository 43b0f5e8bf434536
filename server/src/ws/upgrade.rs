//! The way in: subprotocol, credential, a free slot.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use protocol::error::{ApiError, ErrorCode};
use protocol::frame::SUBPROTOCOL;
use protocol::limits;

use super::connection;
use crate::access::principal::Principal;
use crate::http::{AppState, Edge};

/// Upgrades a request that already passed the Host, Origin and credential gates.
pub(crate) async fn upgrade(
    State(state): State<AppState>,
    Extension(principal): Extension<Principal>,
    Extension(edge): Extension<Edge>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([SUBPROTOCOL]),
        Err(_rejection) => {
            return refuse(ErrorCode::Invalid, "/ws is a WebSocket; open it as one.");
        }
    };
    if upgrade.selected_protocol().is_none() {
        let sentence = format!("/ws speaks the subprotocol {SUBPROTOCOL}. Reload the page.");
        return refuse(ErrorCode::Invalid, &sentence);
    }
    upgrade
        .max_message_size(limits::SOCKET_MESSAGE)
        .max_frame_size(limits::SOCKET_MESSAGE)
        .write_buffer_size(0)
        .on_upgrade(move |socket| connection::serve(socket, state, principal, edge.client))
}

fn refuse(code: ErrorCode, sentence: &str) -> Response {
    crate::http::refusal(ApiError::new(code, sentence)).into_response()
}
