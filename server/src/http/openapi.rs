//! The HTTP API's own description.

use axum::Json;
use axum::extract::Extension;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, PathItem, Ref, RefOr, ResponseBuilder};

use crate::access::matrix::{self, Who};

/// Title and version; the operations come from the routes themselves.
#[derive(OpenApi)]
#[openapi(info(
    title = "Maestro",
    description = "Answers are `{\"success\":true,\"data\":…}` or `{\"success\":false,\"error\":…}`. \
                   Scripts send `Authorization: Bearer` with a token that `maestro token create` \
                   made."
))]
pub(crate) struct Api;

/// Every operation of the document with its method.
pub(super) fn operations(item: &PathItem) -> [(&'static str, &Option<Operation>); 5] {
    [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ]
}

/// Describes what the gates in front of all handlers answer, as the access matrix has it.
pub(super) fn add_refusals(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("GET", &mut item.get),
            ("POST", &mut item.post),
            ("PUT", &mut item.put),
            ("PATCH", &mut item.patch),
            ("DELETE", &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            let row = matrix::find(method, path);
            let mut add = |status: &str, what: &str| {
                let responses = &mut operation.responses.responses;
                responses.entry(status.to_owned()).or_insert_with(|| refusal(what));
            };
            if row.is_none_or(|row| row.who != Who::Anonymous) {
                add("401", "Nobody that is known, or not lately confirmed");
                add("403", "Known, and may not");
            }
            add("413", "The request is too large");
            add("421", "Asked under a name that this server does not have");
            add("429", "Too many wrong attempts");
        }
    }
}

fn refusal(what: &str) -> RefOr<utoipa::openapi::Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Failure"))).build();
    ResponseBuilder::new().description(what).content("application/json", content).build().into()
}

/// The OpenAPI document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "api", responses((status = 200, description = "This document")))]
pub(crate) async fn document(
    Extension(document): Extension<Arc<utoipa::openapi::OpenApi>>,
) -> Json<utoipa::openapi::OpenApi> {
    Json((*document).clone())
}
