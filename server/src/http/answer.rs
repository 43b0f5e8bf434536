//! Answers in the one envelope.

use axum::Json;
use axum::http::StatusCode;
use protocol::envelope::Success;

use super::errors::HttpError;

/// What a handler answers.
pub(crate) type Answer<T> = Result<Json<Success<T>>, HttpError>;
/// What a handler answers that made something: with status 201.
pub(crate) type Created<T> = Result<(StatusCode, Json<Success<T>>), HttpError>;

/// Wraps an answer.
pub(crate) fn answer<T>(data: T) -> Json<Success<T>> {
    Json(Success::new(data))
}
