//! The one JSON envelope of the HTTP API and of `--json` on the command line.

use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// `{"success":true,"data":…}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Success<T> {
    /// Always `true`.
    pub success: bool,
    /// The answer.
    pub data: T,
}

impl<T> Success<T> {
    /// Wraps an answer.
    pub fn new(data: T) -> Self {
        Self { success: true, data }
    }
}

/// `{"success":false,"error":…}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// Always `false`.
    pub success: bool,
    /// What happened and what to do now.
    pub error: ApiError,
}

impl Failure {
    /// Wraps an error.
    pub fn new(error: ApiError) -> Self {
        Self { success: false, error }
    }
}
