//! The credential gate: finds out who asks and holds it against the access matrix.

use app::session::SECRET_HEADER;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::throttle::Kind;
use http_body_util::Limited;
use protocol::error::{ApiError, ErrorCode};
use protocol::limits;
use tracing::Instrument as _;

use super::edge::Edge;
use super::errors::{HttpError, no_route, too_large};
use super::listen::Welcome;
use super::state::AppState;
use crate::access::about;
use crate::access::attempt::Attempt;
use crate::access::decision::{Asked, decide, unauthenticated};
use crate::access::matrix::{self, Proof, Row};
use crate::access::principal::{Credential, Principal};
use crate::clock::now_ms;

/// Lets a request through if its row allows it. Handlers find the [`Principal`] as an extension.
pub(crate) async fn gate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(edge) = request.extensions().get::<Edge>().cloned() else {
        // Every listener says how a request came in.
        return HttpError(ApiError::internal()).into_response();
    };
    let principal = match identify(&state, request.headers(), &edge).await {
        Ok(principal) => principal,
        Err(error) => {
            let nobody =
                Attempt::new(&Principal::Anonymous, request.uri().path(), None, edge.client);
            state.access.trail.remark(nobody.denied(&error));
            return HttpError(error).into_response();
        }
    };
    if principal != Principal::Anonymous
        && let Some(welcome) = request.extensions().get::<Welcome>()
    {
        welcome.known();
    }
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let row = path.as_deref().and_then(|path| matrix::find(request.method().as_str(), path));
    let known = path.is_some();
    let decision = match row {
        Some(row) => decide(row, &principal, asked(&request)),
        None if principal == Principal::Anonymous => Err(unauthenticated()),
        // No route, another method of one, or a route that somebody forgot to list.
        None => Err(no_route(request.uri().path())),
    };
    let attempt = Attempt::new(&principal, request.uri().path(), row, edge.client);
    if let Err(error) = &decision
        && row.is_some()
    {
        state.access.trail.remark(attempt.denied(error));
    }
    let limit = match principal {
        Principal::Anonymous => limits::BODY_BEFORE_LOGIN,
        _ => limits::BODY_AFTER_LOGIN,
    };
    match decision {
        Err(error) if wants_page(&request) && error.code == ErrorCode::Unauthenticated => {
            Redirect::to("/login").into_response()
        }
        // Whoever is known gets the page that says so, in place of a page and of nothing else.
        Err(error) if is_page(row, known) && wants_page(&request) && principal.role().is_some() => {
            if known {
                request.extensions_mut().insert(NotAllowed(error));
            }
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(error) => HttpError(error).into_response(),
        Ok(()) if declared_length(request.headers()) > limit => {
            HttpError(too_large()).into_response()
        }
        Ok(()) => {
            request.extensions_mut().insert(principal);
            let noted = row.is_some_and(|row| row.noted).then_some(attempt);
            finish(state, limited(request, limit), next, noted).await
        }
    }
}

/// Whether the page handler answers this: pages, and what is nothing. A route that somebody
/// forgot to list is neither.
fn is_page(row: Option<&Row>, known: bool) -> bool {
    row.map_or(!known, |row| row.method == "GET" && row.proof == Proof::Cookie)
}

/// A page that may not be shown, for the reason inside.
#[derive(Clone, Debug)]
pub(super) struct NotAllowed(pub(super) ApiError);

async fn identify(
    state: &AppState,
    headers: &HeaderMap,
    edge: &Edge,
) -> Result<Principal, ApiError> {
    let cookie = state.access.logins.cookie_name(edge.secure);
    let credential = credential(headers, &cookie);
    if let Credential::Bearer(token) = credential
        && !edge.loopback
        && state.access.is_command_line(token)
    {
        // It is for this machine: whoever has it elsewhere has it from a leak.
        state.access.gatekeeper.wrong(Kind::Bearer, edge.client)?;
        return Ok(Principal::Anonymous);
    }
    state.access.principal(credential, edge.client).await
}

fn asked(request: &Request) -> Asked<'_> {
    let secret = request.headers().get(SECRET_HEADER).and_then(|value| value.to_str().ok());
    Asked { path: request.uri().path(), secret, now_ms: now_ms() }
}

/// Answers a request. One that changes something is carried out to its end even when whoever
/// asked has left: half a change would be neither the old state nor the new one. What is noted in
/// the audit trail is stored before the answer leaves.
async fn finish(state: AppState, request: Request, next: Next, noted: Option<Attempt>) -> Response {
    if noted.is_none() && matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let carried_out = async move {
        let Some(attempt) = noted else { return next.run(request).await };
        let (response, object) = about::noticing(next.run(request)).await;
        state.access.trail.note(attempt.answered(response.status().as_u16(), object)).await;
        response
    };
    let span = tracing::Span::current();
    match tokio::spawn(carried_out.instrument(span)).await {
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

fn wants_page(request: &Request) -> bool {
    let html = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"));
    html && *request.method() == Method::GET
}
