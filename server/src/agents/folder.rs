//! Checks an agent's working folder on this machine.

use std::path::{Path, PathBuf};

use protocol::error::ApiError;

/// The folder, if it is there and is one.
pub(super) async fn check(folder: &str) -> Result<PathBuf, ApiError> {
    let path = Path::new(folder);
    match tokio::fs::metadata(path).await {
        Ok(facts) if facts.is_dir() => Ok(path.to_owned()),
        Ok(_) => Err(ApiError::invalid(
            "folder",
            format!("“{folder}” is not a folder. Name the folder that the agent should work in."),
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(ApiError::invalid(
            "folder",
            format!("There is no folder “{folder}”. Create it first, or name another one."),
        )),
        Err(error) => Err(ApiError::invalid(
            "folder",
            format!("The folder “{folder}” cannot be opened: {error}. Name another one."),
        )),
    }
}
