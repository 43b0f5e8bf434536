//! What handlers take from a request, with refusals that say what to do.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use bytes::Bytes;
use protocol::error::{ApiError, ErrorCode};
use serde::de::DeserializeOwned;

use super::errors::{HttpError, bad_json};

/// The id in the path: of an agent or of a terminal.
pub(crate) struct Id<T>(pub(crate) T);

impl<T, S> FromRequestParts<S> for Id<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_malformed) => Err(HttpError(ApiError::new(
                ErrorCode::NotFound,
                "That is not an id: an agent id has 26 digits and lower-case letters, a terminal \
                 id may add “-” and a number. List the agents to find it.",
            ))),
        }
    }
}

/// The JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        let body = <Json<T> as FromRequest<S>>::from_request(request, state).await;
        body.map(|Json(body)| Self(body)).map_err(|rejection| bad_json(&rejection))
    }
}

/// The JSON body of a request that may have none: then what the type has by default.
pub(crate) struct BodyOrDefault<T>(pub(crate) T);

impl<T, S> FromRequest<S> for BodyOrDefault<T>
where
    T: DeserializeOwned + Default,
    S: Send + Sync,
{
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        match Bytes::from_request(request, state).await {
            Ok(body) if body.iter().all(u8::is_ascii_whitespace) => Ok(Self(T::default())),
            Ok(body) => match Json::from_bytes(&body) {
                Ok(Json(body)) => Ok(Self(body)),
                Err(rejection) => Err(bad_json(&rejection)),
            },
            Err(rejection) => Err(bad_json(&JsonRejection::BytesRejection(rejection))),
        }
    }
}

/// The query string.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T, S> FromRequestParts<S> for Asked<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(malformed) => Err(HttpError(ApiError::new(
                ErrorCode::Invalid,
                format!(
                    "The query cannot be read: {}. /api/openapi.json describes it.",
                    malformed.body_text().trim_end_matches('.')
                ),
            ))),
        }
    }
}
