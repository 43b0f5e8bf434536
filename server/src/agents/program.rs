//! Finds an agent's program on this machine.

use std::env;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use protocol::error::{ApiError, ErrorCode};

/// The program's absolute path: as given, or the first match on `PATH`.
pub(super) async fn find(program: &str) -> Result<PathBuf, ApiError> {
    let given = Path::new(program);
    if given.is_absolute() {
        if is_executable(given).await {
            return Ok(given.to_owned());
        }
        return Err(ApiError::new(
            ErrorCode::Unavailable,
            format!("“{program}” cannot be run on this machine. Check the path and its rights."),
        )
        .about("program"));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    for folder in env::split_paths(&path).filter(|folder| folder.is_absolute()) {
        let candidate = folder.join(program);
        if is_executable(&candidate).await {
            return Ok(candidate);
        }
    }
    Err(ApiError::new(
        ErrorCode::Unavailable,
        format!(
            "“{program}” is not installed on this machine. Install it, or give the program's \
             full path."
        ),
    )
    .about("program"))
}

async fn is_executable(path: &Path) -> bool {
    match tokio::fs::metadata(path).await {
        Ok(facts) => facts.is_file() && facts.permissions().mode() & 0o111 != 0,
        Err(_absent) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn programs_are_found_on_the_path_or_named_in_full() {
        assert!(find("sh").await.unwrap().is_absolute());
        assert_eq!(find("/bin/sh").await.unwrap(), Path::new("/bin/sh"));
        for missing in ["no-such-program-here", "/etc/hostname-not-there", "/etc"] {
            let error = find(missing).await.unwrap_err();
            assert_eq!(
                (error.code, error.field.as_deref()),
                (ErrorCode::Unavailable, Some("program"))
            );
        }
    }
}
