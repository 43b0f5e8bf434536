//! Logging in and out: the login page, the swap of a link for a cookie.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::access::Role;
use protocol::envelope::{Failure, Success};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::edge::Edge;
use super::errors::HttpError;
use super::extract::Body;
use super::standalone;
use super::state::AppState;
use crate::access::logins::NewLogin;
use crate::access::principal::Principal;

/// Longest life of a login, as the cookie says it: 30 days in seconds.
const COOKIE_MAX_AGE: i64 = domain::logins::ABSOLUTE_MS / 1000;
const PAGE: &str = include_str!("login.html");
const SCRIPT: &str = include_str!("login.js");
const STYLE: &str =
    concat!(include_str!("../../../style/tokens.css"), include_str!("../../../style/login.css"));

/// A login link's token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    /// The part of the link after `#t=`.
    token: String,
}

/// What the page keeps for its own origin.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoggedIn {
    /// Names the instance that the secret belongs to.
    instance: String,
    /// Proves to this instance that a request comes from the page that logged in.
    secret: String,
    /// What this device may do.
    role: Role,
}

/// The login page: no other file is needed, since files need a login.
#[utoipa::path(get, path = "/login", tag = "login", responses((status = 200, description = "The login page")))]
pub(crate) async fn page(State(state): State<AppState>) -> Response {
    let parts = [("instance", &*state.instance), ("style", STYLE), ("script", SCRIPT)];
    standalone::page(PAGE, &parts)
}

/// Swaps the token of a login link for a cookie and the page's secret. Works once per link.
#[utoipa::path(post, path = "/api/login", tag = "login", request_body = Token, responses(
    (status = 200, body = Success<LoggedIn>),
    (status = 401, body = Failure, description = "The link was used or has expired"),
    (status = 422, body = Failure),
))]
pub(crate) async fn log_in(
    State(state): State<AppState>,
    Extension(edge): Extension<Edge>,
    headers: HeaderMap,
    Body(Token { token }): Body<Token>,
) -> Result<Response, HttpError> {
    let login = state.access.redeem(&token, user_agent(&headers), edge.client).await?;
    let_in(&state, &edge, login)
}

/// What the browser calls itself.
pub(super) fn user_agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The answer to a browser that is let in: its cookie, and the secret for its page.
pub(super) fn let_in(
    state: &AppState,
    edge: &Edge,
    login: NewLogin,
) -> Result<Response, HttpError> {
    let cookie = cookie(state, edge, &login.cookie_token, COOKIE_MAX_AGE)?;
    let body =
        LoggedIn { instance: state.instance.to_string(), secret: login.secret, role: login.role };
    Ok(([(header::SET_COOKIE, cookie)], Json(Success::new(body))).into_response())
}

/// Ends this login and closes its sockets.
#[utoipa::path(post, path = "/api/logout", tag = "login", responses(
    (status = 204, description = "Logged out"),
))]
pub(crate) async fn log_out(
    State(state): State<AppState>,
    Extension(edge): Extension<Edge>,
    Extension(principal): Extension<Principal>,
) -> Result<Response, HttpError> {
    if let Principal::Device(device) = principal {
        state.access.end(&device.id).await?;
    }
    let cookie = cookie(&state, &edge, "", 0)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

fn cookie(
    state: &AppState,
    edge: &Edge,
    token: &str,
    max_age: i64,
) -> Result<HeaderValue, HttpError> {
    let name = state.access.logins.cookie_name(edge.secure);
    let secure = if edge.secure { "; Secure" } else { "" };
    let text =
        format!("{name}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={max_age}{secure}");
    HeaderValue::from_str(&text).map_err(|_never| HttpError(protocol::error::ApiError::internal()))
}
