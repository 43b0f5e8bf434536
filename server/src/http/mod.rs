//! HTTP: routes, the gates in front of them, and how answers look.
//!
//! Every request passes, in this order: request id and log line, security headers, Host
//! allow-list, Origin check, credential, access matrix, body limit. Then its handler.

mod access;
mod agents;
mod answer;
pub mod assets;
mod errors;
mod extract;
mod headers;
mod health;
mod host;
pub(crate) mod listen;
mod logins;
mod openapi;
mod origin;
mod pages;
pub mod routes;
mod state;

pub(crate) use listen::{accept, listen};
pub use routes::{Inventory, router};
pub use state::AppState;

/// An error as an HTTP answer, for handlers outside this folder.
pub(crate) fn refusal(error: protocol::error::ApiError) -> impl axum::response::IntoResponse {
    errors::HttpError(error)
}
