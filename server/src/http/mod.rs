//! HTTP: routes, the gates in front of them, and how answers look.
//!
//! Every request passes, in this order: request id and log line, security headers, Host
//! allow-list, Origin check, credential, access matrix, body limit. Then its handler.

mod access;
mod agents;
mod answer;
pub mod assets;
mod audit;
mod devices;
pub mod edge;
mod errors;
mod extract;
mod headers;
mod health;
mod host;
pub mod listen;
mod logins;
mod openapi;
mod origin;
mod pages;
mod pairing;
pub mod routes;
mod standalone;
mod state;
mod tokens;

pub use edge::Edge;
pub use routes::{Inventory, router};
pub use state::AppState;

/// An error as an HTTP answer, for handlers outside this folder.
pub(crate) fn refusal(error: protocol::error::ApiError) -> impl axum::response::IntoResponse {
    errors::HttpError(error)
}
