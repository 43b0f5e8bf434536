//! Who may read a key.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use crate::home::HomeError;

/// A key of ours: nobody else reads it.
pub(super) fn file(path: &Path) -> Result<(), HomeError> {
    // Not through a link: the file itself must be ours.
    let facts = fs::symlink_metadata(path).map_err(|source| io_error(path, source))?;
    if !facts.is_file() || facts.uid() != rustix::process::geteuid().as_raw() {
        return Err(HomeError::NotOurs(path.to_owned()));
    }
    let mode = facts.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(HomeError::Readable { path: path.into(), mode }) }
}

/// A key that somebody else looks after: a group may read it, and it may be behind a link, as
/// certificate tools have it. The world may not.
pub(super) fn not_for_all(path: &Path) -> Result<(), HomeError> {
    let facts = fs::metadata(path).map_err(|source| io_error(path, source))?;
    let mode = facts.permissions().mode() & 0o777;
    if mode & 0o007 == 0 { Ok(()) } else { Err(HomeError::Readable { path: path.into(), mode }) }
}

fn io_error(path: &Path, source: io::Error) -> HomeError {
    HomeError::Io { path: path.to_owned(), source }
}
