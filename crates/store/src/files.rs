//! The files of a database: where they may lie, and how they are made to last.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use crate::error::StoreError;

/// What `SQLite` keeps beside a database while it is in use.
pub(crate) const SIDE_FILES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What lies where the database should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing.
    Nothing,
    /// A file without content.
    Empty,
    /// A file.
    File,
}

/// Looks at the place without opening anything: closing a file drops all locks that this process
/// has on it.
pub(crate) fn look(path: &Path) -> Result<Found, StoreError> {
    let unreadable = |source| StoreError::File { path: path.to_owned(), source };
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = folder(path);
            fs::metadata(folder).map_err(unreadable)?;
            return writable(folder).map(|()| Found::Nothing);
        }
        Err(error) => return Err(unreadable(error)),
    };
    if !found.is_file() {
        return Err(StoreError::NotAFile { path: path.to_owned() });
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(StoreError::NotOwned { path: path.to_owned() });
    }
    writable(folder(path))?;
    Ok(if found.len() == 0 { Found::Empty } else { Found::File })
}

fn writable(folder: &Path) -> Result<(), StoreError> {
    rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|_refused| StoreError::FolderNotWritable { folder: folder.to_owned() })
}

/// The folder that the file lies in.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// The file of this name but for its ending, such as `maestro.db-wal`.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Whether there is anything in this file.
pub(crate) fn holds_something(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// Makes a file that only its owner can read; `SQLite` gives its side files the same mode.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Removes a file that may be there.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a database that may be there, with all that lies beside it.
pub(crate) fn remove_database(path: &Path) -> io::Result<()> {
    remove(path)?;
    SIDE_FILES.iter().try_for_each(|ending| remove(&beside(path, ending)))
}

/// Returns when the file's content, or the folder's list of names, is on the disk.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
