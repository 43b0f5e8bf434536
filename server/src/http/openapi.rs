//! The HTTP API's own description.

use axum::Json;
use axum::extract::Extension;
use std::sync::Arc;
use utoipa::OpenApi;

/// Title and version; the operations come from the routes themselves.
#[derive(OpenApi)]
#[openapi(info(
    title = "Maestro",
    description = "Answers are `{\"success\":true,\"data\":…}` or `{\"success\":false,\"error\":…}`. \
                   Scripts send `Authorization: Bearer` with the token in `run/cli-token` of the \
                   data folder."
))]
pub(crate) struct Api;

/// The OpenAPI document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "api", responses((status = 200, description = "This document")))]
pub(crate) async fn document(
    Extension(document): Extension<Arc<utoipa::openapi::OpenApi>>,
) -> Json<utoipa::openapi::OpenApi> {
    Json((*document).clone())
}
