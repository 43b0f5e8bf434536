//! On the server the status goes into the response that is being built.

use leptos::prelude::use_context;
use leptos::server_fn::http_export::StatusCode;
use leptos_axum::ResponseOptions;

use super::PageStatus;

/// Sets the status of the current response, if one is being built.
pub(crate) fn set_status(status: PageStatus) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(match status {
            PageStatus::Forbidden => StatusCode::FORBIDDEN,
            PageStatus::NotFound => StatusCode::NOT_FOUND,
            PageStatus::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        });
    }
}
