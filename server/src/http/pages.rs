//! Renders pages and answers server functions: loads what a page shows, hands it to Leptos.

use app::theme::{THEME_COOKIE, Theme};
use app::{PageRequest, Seed};
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;

use protocol::error::ApiError;
use protocol::limits;

use super::access::{NotAllowed, cookie};
use super::errors::{self, HttpError};
use super::headers::page_policy;
use super::state::AppState;
use crate::access::principal::Principal;

/// Any page of the app, its not-found page included. Somebody who may not see a page gets the one
/// that says so, with the status that goes with it.
pub(crate) async fn page(
    State(state): State<AppState>,
    Extension(principal): Extension<Principal>,
    request: Request,
) -> Response {
    let caller = principal.caller();
    let refused = request.extensions().get::<NotAllowed>().map(|refused| refused.0.code);
    // What may not be seen is not even loaded.
    let path = if refused.is_none() { request.uri().path() } else { "" };
    let seed = Seed::load(&state.ports, path, caller).await;
    let page = PageRequest {
        theme: Theme::named(cookie(request.headers(), THEME_COOKIE).unwrap_or_default()),
        instance: state.instance.to_string(),
        build: state.build.to_string(),
    };
    let options = state.leptos.clone();
    let context = move || {
        state.ports.provide();
        provide_context(page.clone());
        provide_context(seed.clone());
        set_policy();
    };
    let render =
        leptos_axum::render_app_async_with_context(context, move || app::shell(options.clone()));
    let mut response = render(request).await;
    if let Some(code) = refused {
        *response.status_mut() = errors::status(code);
    }
    response
}

/// Any server function.
pub(crate) async fn server_function(
    State(state): State<AppState>,
    Extension(principal): Extension<Principal>,
    request: Request,
) -> Response {
    let caller = principal.caller();
    let context = move || {
        state.ports.provide();
        provide_context(caller.clone());
    };
    let answer = leptos_axum::handle_server_fns_with_context(context, request).await;
    with_its_own_status(answer.into_response()).await
}

/// Leptos answers every error of a server function with 500; the error's code says it better.
async fn with_its_own_status(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, limits::BODY_BEFORE_LOGIN).await else {
        return HttpError(ApiError::internal()).into_response();
    };
    if let Ok(error) = serde_json::from_slice::<ApiError>(&bytes) {
        parts.status = errors::status(error.code);
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// The page's policy names the nonce that Leptos gives its scripts.
fn set_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    if let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
