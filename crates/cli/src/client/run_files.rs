//! The files in which a running server says where it listens and how to prove who is asking.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use protocol::error::{ApiError, ErrorCode};

use crate::exit::Refusal;

/// Written by the server at its start, readable by its owner only.
const TOKEN_FILE: &str = "run/cli-token";
/// Written by the server at its start, such as `127.0.0.1:23000`.
const ADDRESS_FILE: &str = "run/address";

/// Proves that the owner of the server whose data is in `home` asks; `not_running` is the sentence
/// for no such server.
pub(super) fn token(home: &Path, not_running: &str) -> Result<String, Refusal> {
    read(&home.join(TOKEN_FILE), not_running)
}

/// Where the server whose data is in `home` listens, on loopback.
pub(super) fn address(home: &Path, not_running: &str) -> Result<SocketAddr, Refusal> {
    let file = home.join(ADDRESS_FILE);
    read(&file, not_running)?
        .parse()
        .ok()
        .filter(|address: &SocketAddr| address.ip().is_loopback())
        .ok_or_else(|| {
            Refusal::unreachable(format!(
                "{} does not hold an address of this machine. Restart Maestro.",
                file.display()
            ))
        })
}

/// The file's text; a token that others can read is no secret any more.
fn read(path: &Path, not_running: &str) -> Result<String, Refusal> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Refusal::unreachable(not_running),
        _ => Refusal::from(ApiError::new(
            ErrorCode::Forbidden,
            format!("{} cannot be read: {error}. Run this as Maestro's owner.", path.display()),
        )),
    };
    let shared = fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o077 != 0;
    if shared && path.ends_with(TOKEN_FILE) {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            format!(
                "Others on this machine can read {}. Restart Maestro, which makes a new token.",
                path.display()
            ),
        )
        .into());
    }
    Ok(fs::read_to_string(path).map_err(unreadable)?.trim().to_owned())
}
