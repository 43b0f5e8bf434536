//! The credential gate: finds out who asks and holds it against the access matrix.

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http_body_util::Limited;
use protocol::error::{ApiError, ErrorCode};
use protocol::limits;

use tracing::Instrument as _;

use super::errors::{HttpError, no_route, too_large};
use super::state::AppState;
use crate::access::matrix::{self, Proof, Row, Who};
use crate::access::principal::{Credential, Principal};
use crate::secrets;
use app::session::SECRET_HEADER;

/// Lets a request through if its row allows it. Handlers find the [`Principal`] as an extension.
pub(crate) async fn gate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let credential = credential(request.headers(), state.logins.cookie_name());
    let principal = match state.logins.principal(credential).await {
        Ok(principal) => principal,
        Err(error) => return HttpError(error).into_response(),
    };
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let row = path.as_deref().and_then(|path| matrix::find(request.method().as_str(), path));
    let known = path.is_some();
    let decision = match row {
        Some(row) => decide(row, &principal, request.headers()),
        None if principal == Principal::Anonymous => Err(unauthenticated()),
        // No route, another method of one, or a route that somebody forgot to list.
        None => Err(no_route(request.uri().path())),
    };
    let limit = match principal {
        Principal::Anonymous => limits::BODY_BEFORE_LOGIN,
        Principal::Browser { .. } | Principal::CommandLine => limits::BODY_AFTER_LOGIN,
    };
    match decision {
        Err(error) if wants_page(&request) && error.code == ErrorCode::Unauthenticated => {
            Redirect::to("/login").into_response()
        }
        Err(_) if wants_page(&request) && !known => {
            // Only the owner comes this far, and gets the page that says so.
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(error) => HttpError(error).into_response(),
        Ok(()) if declared_length(request.headers()) > limit => {
            HttpError(too_large()).into_response()
        }
        Ok(()) => {
            request.extensions_mut().insert(principal);
            finish(limited(request, limit), next).await
        }
    }
}

/// Answers a request. One that changes something is carried out to its end even when whoever
/// asked has left: half a change would be neither the old state nor the new one.
async fn finish(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let span = tracing::Span::current();
    match tokio::spawn(next.run(request).instrument(span)).await {
        Ok(response) => response,
        Err(_panicked) => HttpError(ApiError::internal()).into_response(),
    }
}

/// The first of: a bearer token, the login cookie. Other cookies are not ours.
fn credential<'a>(headers: &'a HeaderMap, cookie_name: &str) -> Credential<'a> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
        return token.map_or(Credential::None, Credential::Bearer);
    }
    cookie(headers, cookie_name).map_or(Credential::None, Credential::Cookie)
}

/// The value of one cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

fn limited(request: Request, limit: usize) -> Request {
    request.map(|body| Body::new(Limited::new(body, limit)))
}

fn declared_length(headers: &HeaderMap) -> usize {
    headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0)
}

fn decide(row: &Row, principal: &Principal, headers: &HeaderMap) -> Result<(), ApiError> {
    match (row.who, principal) {
        (Who::Anonymous, _) | (Who::Owner, Principal::CommandLine) => Ok(()),
        (Who::Owner, Principal::Anonymous) => Err(unauthenticated()),
        (Who::Owner, Principal::Browser { secret_hash, .. }) => {
            if row.proof != Proof::Secret {
                return Ok(());
            }
            let sent = headers.get(SECRET_HEADER).and_then(|value| value.to_str().ok());
            if sent.is_some_and(|sent| secrets::matches(secret_hash, sent)) {
                Ok(())
            } else {
                Err(unauthenticated())
            }
        }
    }
}

fn unauthenticated() -> ApiError {
    ApiError::new(
        ErrorCode::Unauthenticated,
        "You are not logged in here. Run `maestro login-link` and open the link it prints.",
    )
}

fn wants_page(request: &Request) -> bool {
    let html = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"));
    html && *request.method() == Method::GET
}
