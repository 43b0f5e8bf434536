//! What can go wrong in the store, and what the client gets to see of it.

use std::io;
use std::path::{Path, PathBuf};

use domain::logins::LinkExpiry;
use protocol::error::{ApiError, ErrorCode};

use crate::backups;
use crate::seal::BrokenSeal;
use crate::stamp;

/// `SQLite`'s primary result codes: <https://sqlite.org/rescode.html>.
const SQLITE_ERROR: u32 = 1;
const SQLITE_READONLY: u32 = 8;
const SQLITE_IOERR: u32 = 10;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_NOTADB: u32 = 26;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be made or read.
    #[error(
        "The database {} cannot be opened: {source}. Check that its folder exists and belongs \
         to you.", path.display()
    )]
    File {
        /// Database file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder, a socket or the like stands where the database should be.
    #[error(
        "{} is not a file, so it cannot be the database. Move it away, or name another folder \
         with --home.", path.display()
    )]
    NotAFile {
        /// What stands there.
        path: PathBuf,
    },
    /// The file is somebody else's.
    #[error(
        "The database {} belongs to another user. Start Maestro as that user, or name another \
         folder with --home.", path.display()
    )]
    NotOwned {
        /// Database file.
        path: PathBuf,
    },
    /// Nothing can be made in the folder.
    #[error(
        "The folder {} cannot be written to, so nothing could be stored. Make it writable \
         (`chmod u+rwx`), or name another folder with --home.", folder.display()
    )]
    FolderNotWritable {
        /// Folder of the database.
        folder: PathBuf,
    },
    /// Part of the file changed since it was written, or it is gone. Nothing was written.
    #[error(
        "The database {} cannot be used: {problem}. It was left as it is. {}",
        path.display(), offer(path, newest_good.as_deref())
    )]
    Corrupt {
        /// Database file.
        path: PathBuf,
        /// What was found, in words.
        problem: String,
        /// The newest of its backups that is whole.
        newest_good: Option<PathBuf>,
    },
    /// A backup that cannot be gone back to.
    #[error(
        "The backup {} cannot be used: {problem}. Nothing was changed. Name another backup.",
        path.display()
    )]
    BadBackup {
        /// The backup.
        path: PathBuf,
        /// What was found, in words.
        problem: String,
    },
    /// A backup could not be made, removed or put in place.
    #[error("{} could not be written: {source}. Check its folder and its disk.", path.display())]
    Backup {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else. It was not written to.
    #[error(
        "{} is not a Maestro database. It was left as it is: move it away, or name another \
         folder with --home.", path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A newer Maestro wrote the file. It was not written to.
    #[error(
        "{} was written by a newer Maestro (schema {found}, this one knows {known}). Install \
         that version again, or name another folder with --home.", path.display()
    )]
    NewerDatabase {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest schema version of this program.
        known: i64,
    },
    /// Names are unique on a host.
    #[error(
        "An agent called “{name}” exists already. Choose another name, or rename that one first."
    )]
    NameTaken {
        /// The name.
        name: String,
    },
    /// No agent has this id, or it is in the trash.
    #[error("There is no such agent. It may have been deleted: look at the list again.")]
    NoSuchAgent,
    /// Somebody else changed the agent first.
    #[error("The agent “{name}” was changed meanwhile: it is at version {version}. Load it again.")]
    Changed {
        /// The agent's name now.
        name: String,
        /// The version of its settings now.
        version: i64,
    },
    /// The agent never had this version, or it is too old to be kept.
    #[error("There is no version {version} of this agent. Look at the list of versions again.")]
    NoSuchVersion {
        /// Its number.
        version: u32,
    },
    /// Only what is in the trash can come out of it.
    #[error("The agent “{name}” is not in the trash. Look at the list again.")]
    NotInTrash {
        /// The agent's name.
        name: String,
    },
    /// No terminal has this id.
    #[error("There is no such terminal. It may have been closed: look at the agent again.")]
    NoSuchTerminal,
    /// The agent has as many terminals as it can have.
    #[error(
        "An agent can have {} terminals beside that of its program. Close one first.",
        protocol::limits::TERMINALS
    )]
    TooManyTerminals,
    /// No login has this id.
    #[error("There is no such device. It may have been logged out: look at the list again.")]
    NoSuchDevice,
    /// Nobody would be left who decides who may do what.
    #[error(
        "“{name}” is the last device of an owner. Make another one an owner first, or log in on it \
         with a new link from `maestro login-link`."
    )]
    LastOwner {
        /// What people call it.
        name: String,
    },
    /// Names of tokens are unique.
    #[error(
        "A token called “{name}” exists already. Choose another name, or revoke that one first."
    )]
    TokenNameTaken {
        /// The name.
        name: String,
    },
    /// No token has this id.
    #[error("There is no such token. It may have been revoked: look at the list again.")]
    NoSuchToken,
    /// No link has this token, or it was cleaned up since.
    #[error("This login link is not known. Run “maestro login-link” for a new one.")]
    LinkUnknown,
    /// The link was good once.
    #[error("{}", link_sentence(*.0))]
    LinkExpired(LinkExpiry),
    /// No space left to write.
    #[error("The disk with Maestro's data is full. Free some space, then try again.")]
    DiskFull,
    /// The disk did not do what it was told.
    #[error(
        "The disk with Maestro's data is failing: {0}. Nothing of this was stored. Check the disk \
         and its cable or mount, then try again."
    )]
    DiskFailing(sqlx::Error),
    /// The disk takes no writes.
    #[error(
        "The disk with Maestro's data can only be read. Nothing of this was stored. Make it \
         writable, then try again."
    )]
    ReadOnly,
    /// A row that is not as this program wrote it.
    #[error("the database is damaged: {what}. Run `maestro restore latest` to go back to a backup")]
    Damaged {
        /// Which, without user text.
        what: String,
    },
    /// Any other failure of `SQLite`.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}

fn offer(database: &Path, newest_good: Option<&Path>) -> String {
    let made_at = newest_good.and_then(backups::made_at_ms);
    match (newest_good, made_at) {
        (Some(_), Some(made_at_ms)) => format!(
            "Run `maestro restore latest` to go back to the backup of {}.",
            stamp::words(made_at_ms)
        ),
        (Some(backup), None) => {
            format!("Run `maestro restore {}` to go back to that backup.", backup.display())
        }
        (None, _) => format!(
            "There is no good backup in {}: put a copy of your own in its place with `maestro \
             restore FILE`, or move it away to begin anew.",
            backups::folder_of(database).display()
        ),
    }
}

fn link_sentence(expiry: LinkExpiry) -> &'static str {
    match expiry {
        LinkExpiry::Used => {
            "This login link was used already. Run “maestro login-link” for a new one."
        }
        LinkExpiry::Old => "This login link is too old. Run “maestro login-link” for a new one.",
    }
}

/// The primary result code that `SQLite` reported, if it was `SQLite`.
fn result_code(error: &sqlx::Error) -> Option<u32> {
    let extended: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// Whether `SQLite` found something that is no database of any program.
pub(crate) fn is_no_database(error: &sqlx::Error) -> bool {
    result_code(error) == Some(SQLITE_NOTADB)
}

/// Whether the answer to a sound question makes no sense, so that it is the file's fault.
pub(crate) fn is_of_the_file(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. })
        || matches!(result_code(error), Some(SQLITE_ERROR | SQLITE_READONLY | SQLITE_CORRUPT))
}

impl StoreError {
    /// Text, lists and flags that could not be written as JSON, which cannot happen.
    pub(crate) fn unwritable(error: serde_json::Error) -> Self {
        Self::Database(sqlx::Error::Encode(Box::new(error)))
    }

    /// Whether the database or the disk failed; the rest are answers to what was asked.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::NameTaken { .. }
            | Self::NoSuchAgent
            | Self::Changed { .. }
            | Self::NoSuchVersion { .. }
            | Self::NotInTrash { .. }
            | Self::NoSuchTerminal
            | Self::TooManyTerminals
            | Self::NoSuchDevice
            | Self::LastOwner { .. }
            | Self::TokenNameTaken { .. }
            | Self::NoSuchToken
            | Self::LinkUnknown
            | Self::LinkExpired(_) => false,
            Self::File { .. }
            | Self::NotAFile { .. }
            | Self::NotOwned { .. }
            | Self::FolderNotWritable { .. }
            | Self::Corrupt { .. }
            | Self::BadBackup { .. }
            | Self::Backup { .. }
            | Self::NotADatabase { .. }
            | Self::NewerDatabase { .. }
            | Self::DiskFull
            | Self::DiskFailing(_)
            | Self::ReadOnly
            | Self::Damaged { .. }
            | Self::Database(_) => true,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Decode(why) = &error
            && let Some(BrokenSeal(what)) = why.downcast_ref()
        {
            return Self::Damaged { what: what.clone() };
        }
        match result_code(&error) {
            Some(SQLITE_FULL) => Self::DiskFull,
            Some(SQLITE_IOERR) => Self::DiskFailing(error),
            Some(SQLITE_READONLY) => Self::ReadOnly,
            Some(SQLITE_CORRUPT | SQLITE_NOTADB) => Self::Damaged { what: error.to_string() },
            _ => Self::Database(error),
        }
    }
}

impl From<StoreError> for ApiError {
    /// Sentences for what a client can act on; the rest is [`ApiError::internal`] and belongs
    /// into the log.
    fn from(error: StoreError) -> Self {
        let (code, field) = match &error {
            StoreError::NameTaken { .. } | StoreError::TokenNameTaken { .. } => {
                (ErrorCode::Conflict, Some("name"))
            }
            StoreError::NoSuchAgent
            | StoreError::NoSuchVersion { .. }
            | StoreError::NoSuchTerminal
            | StoreError::NoSuchDevice
            | StoreError::NoSuchToken => (ErrorCode::NotFound, None),
            StoreError::Changed { .. }
            | StoreError::NotInTrash { .. }
            | StoreError::LastOwner { .. }
            | StoreError::TooManyTerminals => (ErrorCode::Conflict, None),
            StoreError::LinkUnknown | StoreError::LinkExpired(_) => {
                (ErrorCode::Unauthenticated, None)
            }
            StoreError::DiskFull | StoreError::ReadOnly => (ErrorCode::Unavailable, None),
            StoreError::DiskFailing(_) => {
                // What the system says of it is for the log.
                return Self::new(
                    ErrorCode::Unavailable,
                    "The disk with Maestro's data is failing. Nothing of this was stored. Check \
                     the disk and its cable or mount, then try again.",
                );
            }
            StoreError::File { .. }
            | StoreError::NotAFile { .. }
            | StoreError::NotOwned { .. }
            | StoreError::FolderNotWritable { .. }
            | StoreError::Corrupt { .. }
            | StoreError::BadBackup { .. }
            | StoreError::Backup { .. }
            | StoreError::NotADatabase { .. }
            | StoreError::NewerDatabase { .. }
            | StoreError::Damaged { .. }
            | StoreError::Database(_) => return Self::internal(),
        };
        Self { field: field.map(str::to_owned), ..Self::new(code, error.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions;
    use sqlx::sqlite::SqliteConnectOptions;

    use super::*;
    use crate::Store;

    #[tokio::test]
    async fn a_full_disk_is_told_from_a_fault() {
        let store = Store::memory().await.unwrap();
        sqlx::query("PRAGMA max_page_count = 1").execute(&store.write).await.unwrap();
        let large = sqlx::query("INSERT INTO session_tokens VALUES (hex(zeroblob(9999)), ?, 0, 0)")
            .bind([0; 32].as_slice())
            .execute(&store.write)
            .await;
        let error = ApiError::from(StoreError::from(large.unwrap_err()));
        assert_eq!(error.code, ErrorCode::Unavailable);
        assert_eq!(
            error.message,
            "The disk with Maestro's data is full. Free some space, then try again."
        );
    }

    #[tokio::test]
    async fn a_failing_disk_is_told_from_a_fault() {
        // A file that cannot be read at its start.
        let unreadable = SqliteConnectOptions::new().filename("/proc/self/mem").read_only(true);
        let failed = StoreError::from(unreadable.connect().await.unwrap_err());
        assert!(matches!(failed, StoreError::DiskFailing(_)), "{failed:?}");
        let error = ApiError::from(failed);
        assert_eq!(error.code, ErrorCode::Unavailable);
        assert_eq!(
            error.message,
            "The disk with Maestro's data is failing. Nothing of this was stored. Check the disk \
             and its cable or mount, then try again."
        );
    }

    #[test]
    fn internals_stay_inside() {
        let damaged = StoreError::Damaged { what: "agents 01: its seal is broken".into() };
        assert_eq!(ApiError::from(damaged), ApiError::internal());
    }
}
