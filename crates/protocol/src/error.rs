//! The one client-visible error, the same for HTTP, server functions, frames and the CLI.

use serde::{Deserialize, Serialize};

/// What kind of refusal this is. Stable: scripts match on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErrorCode {
    /// A value is malformed; `field` names it.
    Invalid,
    /// No valid credential came with the request.
    Unauthenticated,
    /// The credential is good, the action is not allowed with it.
    Forbidden,
    /// The credential is good, but whoever asks must log in anew for this.
    Stale,
    /// Too many attempts; `retry_after_ms` says when to try again.
    TooMany,
    /// There is nothing of that name.
    NotFound,
    /// The request contradicts what is there, such as a taken name.
    Conflict,
    /// The Host header names a place that this server does not serve.
    Misdirected,
    /// The request is larger than the limit.
    TooLarge,
    /// Something this host needs is missing, such as a program.
    Unavailable,
    /// The server failed; the log has the detail under the request id.
    Internal,
}

/// An error that a person reads: one sentence with what happened and what to do now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiError {
    /// Stable kind.
    pub code: ErrorCode,
    /// One or two sentences for a person.
    pub message: String,
    /// The input field it is about, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// When trying again makes sense, in milliseconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl ApiError {
    /// An error of this kind that no single field caused.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after_ms: None }
    }

    /// A malformed input field.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(ErrorCode::Invalid, message) }
    }

    /// The server's own failure; the message never carries internals.
    pub fn internal() -> Self {
        Self::new(
            ErrorCode::Internal,
            "Maestro failed to do that. The server's log names the cause under this request's id.",
        )
    }

    /// The same error, about this field.
    #[must_use]
    pub fn about(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
}
