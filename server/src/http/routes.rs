//! All routes, and the list of them that the access matrix is compared with.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::http::HeaderName;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, get, on};
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use tower::ServiceBuilder;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::agents::{records, sessions, terminals, trash};
use super::state::AppState;
use super::{
    access, assets, audit, devices, headers, health, host, logins, openapi, origin, pages, pairing,
    tokens,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Folders and files of the site that a page may load.
const FILES: [&str; 4] = ["/pkg/{*path}", "/vendor/{*path}", "/fonts/{*path}", "/icon.svg"];

/// Every method and route template that is served, sorted.
pub type Inventory = Vec<(String, String)>;

/// Builds the router and the list of what is in it.
pub fn router(state: AppState) -> (Router, Inventory) {
    let (api, mut document) = OpenApiRouter::with_openapi(openapi::Api::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(logins::page))
        .routes(routes!(logins::log_in))
        .routes(routes!(logins::log_out))
        .routes(routes!(devices::caller))
        .routes(routes!(devices::reach))
        .routes(routes!(devices::list))
        .routes(routes!(devices::rename, devices::revoke))
        .routes(routes!(devices::set_role))
        .routes(routes!(devices::create_link))
        .routes(routes!(devices::reauthenticate))
        .routes(routes!(devices::authority))
        .routes(routes!(pairing::page))
        .routes(routes!(pairing::file))
        .routes(routes!(pairing::scan))
        .routes(routes!(pairing::start))
        .routes(routes!(pairing::finish))
        .routes(routes!(pairing::wait))
        .routes(routes!(pairing::offer, pairing::list))
        .routes(routes!(pairing::confirm))
        .routes(routes!(pairing::refuse))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(audit::page))
        .routes(routes!(audit::verify))
        .routes(routes!(audit::export))
        .routes(routes!(records::list, records::create))
        .routes(routes!(records::create_many))
        .routes(routes!(records::bulk))
        .routes(routes!(records::show, records::edit, trash::trash))
        .routes(routes!(records::duplicate))
        .routes(routes!(records::versions))
        .routes(routes!(records::roll_back))
        .routes(routes!(records::history))
        .routes(routes!(sessions::wake))
        .routes(routes!(sessions::hibernate))
        .routes(routes!(sessions::restart))
        .routes(routes!(terminals::open))
        .routes(routes!(terminals::output))
        .routes(routes!(terminals::start))
        .routes(routes!(terminals::rename, terminals::close))
        .routes(routes!(trash::list))
        .routes(routes!(trash::restore))
        .routes(routes!(trash::purge))
        .routes(routes!(host::programs))
        .routes(routes!(host::health))
        .routes(routes!(host::diagnostics))
        .routes(routes!(host::backups, host::back_up))
        .routes(routes!(host::numbers))
        .routes(routes!(openapi::document))
        .split_for_parts();
    openapi::add_refusals(&mut document);

    let pages = generate_route_list(app::App);
    let mut inventory = documented(&document);
    inventory.extend(pages.iter().map(|page| ("GET".into(), page.path().to_owned())));
    let functions: Vec<_> = server_fn::axum::server_fn_paths().collect();
    inventory.extend(functions.iter().map(|(path, method)| (method.to_string(), (*path).into())));
    inventory.extend(FILES.map(|path| ("GET".into(), path.to_owned())));
    inventory.push(("GET".into(), "/ws".into()));
    inventory.sort();

    let mut router = api.route("/ws", get(crate::ws::upgrade));
    for path in FILES {
        router = router.route(path, get(assets::serve));
    }
    for (path, method) in functions {
        // A method that axum does not know stays without a route: refused, and out of the matrix.
        if let Ok(method) = MethodFilter::try_from(method) {
            router = router.route(path, on(method, pages::server_function));
        }
    }
    let router = router
        .leptos_routes_with_handler(pages, get(pages::page))
        .fallback(pages::page)
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(headers::own_request_id))
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(TraceLayer::new_for_http().make_span_with(span))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(from_fn(headers::secure))
                .layer(from_fn_with_state(state.clone(), origin::gate))
                .layer(from_fn_with_state(state.clone(), access::gate))
                .layer(from_fn_with_state(state.clone(), host::count))
                // The access gate limits bodies, by who sends them.
                .layer(DefaultBodyLimit::disable())
                .layer(Extension(Arc::new(document))),
        )
        .with_state(state);
    (router, inventory)
}

fn documented(document: &utoipa::openapi::OpenApi) -> Inventory {
    let mut operations = Inventory::new();
    for (path, item) in &document.paths.paths {
        let methods = openapi::operations(item);
        for (method, _) in methods.into_iter().filter(|(_, operation)| operation.is_some()) {
            operations.push((method.into(), path.clone()));
        }
    }
    operations
}

/// One span per request. Query strings and headers stay out of the log.
fn span(request: &axum::http::Request<Body>) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or("");
    tracing::info_span!(
        "request",
        request.id = id,
        http.method = %request.method(),
        http.path = request.uri().path(),
    )
}
