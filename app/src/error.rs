//! The error of server functions: the one `ApiError`, made sendable by them.

use std::fmt;

use leptos::server_fn::Bytes;
use leptos::server_fn::Decodes;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use protocol::envelope::Failure;
use protocol::error::{ApiError, ErrorCode};
use serde::{Deserialize, Serialize};

/// An [`ApiError`] that a server function may return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppError(pub ApiError);

impl fmt::Display for AppError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl std::error::Error for AppError {}

impl From<ApiError> for AppError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as Cause;
        Self(match error {
            Cause::Request(_) => ApiError::new(
                ErrorCode::Unavailable,
                "Maestro did not answer. Check that it runs on its host, then try again.",
            ),
            Cause::Args(_)
            | Cause::MissingArg(_)
            | Cause::Serialization(_)
            | Cause::Deserialization(_)
            | Cause::Response(_)
            | Cause::UnsupportedRequestMethod(_) => ApiError::new(
                ErrorCode::Invalid,
                "This page and its server do not understand each other. Reload the page, then try again.",
            ),
            Cause::Registration(_) | Cause::ServerError(_) | Cause::MiddlewareError(_) => {
                ApiError::internal()
            }
        })
    }

    /// Layers in front of the server functions, such as the login check, answer with the
    /// envelope of the HTTP API; both say the same thing.
    fn de(data: Bytes) -> Self {
        let own: Result<Self, _> = JsonEncoding::decode(data.clone());
        let enveloped = |_| -> Result<Self, serde_json::Error> {
            serde_json::from_slice::<Failure>(&data).map(|failure| Self(failure.error))
        };
        own.or_else(enveloped).unwrap_or_else(|error| {
            Self::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_of_an_error_are_read_and_anything_else_is_a_sentence() {
        let taken = ApiError::new(ErrorCode::Conflict, "The name is taken.").about("name");
        let plain = serde_json::to_vec(&taken).unwrap();
        assert_eq!(AppError::de(plain.into()), AppError(taken.clone()));
        let enveloped = serde_json::to_vec(&Failure::new(taken.clone())).unwrap();
        assert_eq!(AppError::de(enveloped.into()), AppError(taken));
        let html = AppError::de(Bytes::from_static(b"<h1>Bad gateway</h1>"));
        assert_eq!(html.0.code, ErrorCode::Invalid);
        assert!(html.to_string().ends_with("then try again."));
    }
}
