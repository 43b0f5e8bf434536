//! The one place where an [`ApiError`] becomes an HTTP answer.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::envelope::Failure;
use protocol::error::{ApiError, ErrorCode};

/// An error on its way out.
#[derive(Debug)]
pub(crate) struct HttpError(pub(crate) ApiError);

impl<E: Into<ApiError>> From<E> for HttpError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// HTTP status of an error.
pub(crate) fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::Unauthenticated | ErrorCode::Stale => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::Misdirected => StatusCode::MISDIRECTED_REQUEST,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let status = status(self.0.code);
        let retry_after = self.0.retry_after_ms.map(|ms| ms.div_ceil(1000));
        let mut response = (status, Json(Failure::new(self.0))).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A body that is not the JSON this route takes.
pub(crate) fn bad_json(rejection: &JsonRejection) -> HttpError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return HttpError(too_large());
    }
    HttpError(ApiError::new(
        ErrorCode::Invalid,
        format!(
            "The request's body cannot be read: {}. Send JSON as /api/openapi.json describes it.",
            rejection.body_text().trim_end_matches('.')
        ),
    ))
}

/// A body over its limit.
pub(crate) fn too_large() -> ApiError {
    ApiError::new(
        ErrorCode::TooLarge,
        "The request is larger than Maestro takes. Send less, or send it in parts.",
    )
}

/// No route of that name.
pub(crate) fn no_route(path: &str) -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        format!("There is nothing at {path}. /api/openapi.json lists what there is."),
    )
}
