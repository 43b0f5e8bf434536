//! What can go wrong in the store, and what the client gets to see of it.

use std::io;
use std::path::PathBuf;

use domain::logins::LinkExpiry;
use protocol::error::{ApiError, ErrorCode};

/// `SQLite`'s result code for a disk without space.
const SQLITE_FULL: &str = "13";
/// `SQLite`'s result code for a file that is damaged beyond reading.
const SQLITE_NOTADB: &str = "26";

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
        "An agent called “{name}” exists already. Choose another name, or delete that one first."
    )]
    NameTaken {
        /// The name.
        name: String,
    },
    /// No agent has this id.
    #[error("There is no such agent. It may have been deleted: look at the list again.")]
    NoSuchAgent,
    /// No link has this token, or it was cleaned up since.
    #[error("This login link is not known. Run “maestro login-link” for a new one.")]
    LinkUnknown,
    /// The link was good once.
    #[error("{}", link_sentence(*.0))]
    LinkExpired(LinkExpiry),
    /// No space left to write.
    #[error("The disk with Maestro's data is full. Free some space, then try again.")]
    DiskFull,
    /// A stored value that this program never writes.
    #[error("the database holds a value that Maestro never writes: {what}")]
    Damaged {
        /// Which, without user text.
        what: &'static str,
    },
    /// Any other failure of `SQLite`.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}

fn link_sentence(expiry: LinkExpiry) -> &'static str {
    match expiry {
        LinkExpiry::Used => {
            "This login link was used already. Run “maestro login-link” for a new one."
        }
        LinkExpiry::Old => "This login link is too old. Run “maestro login-link” for a new one.",
    }
}

/// The result code that `SQLite` reported, if it was `SQLite`.
fn result_code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).map(Into::into)
}

impl StoreError {
    /// A failure while opening `path`, where `SQLite` itself may find that it is no database.
    pub(crate) fn opening(path: &std::path::Path, error: sqlx::Error) -> Self {
        if result_code(&error).as_deref() == Some(SQLITE_NOTADB) {
            return Self::NotADatabase { path: path.to_owned() };
        }
        error.into()
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if result_code(&error).as_deref() == Some(SQLITE_FULL) {
            return Self::DiskFull;
        }
        Self::Database(error)
    }
}

impl From<StoreError> for ApiError {
    /// Sentences for what a client can act on; the rest is [`ApiError::internal`] and belongs
    /// into the log.
    fn from(error: StoreError) -> Self {
        let (code, field) = match &error {
            StoreError::NameTaken { .. } => (ErrorCode::Conflict, Some("name")),
            StoreError::NoSuchAgent => (ErrorCode::NotFound, None),
            StoreError::LinkUnknown | StoreError::LinkExpired(_) => {
                (ErrorCode::Unauthenticated, None)
            }
            StoreError::DiskFull => (ErrorCode::Unavailable, None),
            StoreError::File { .. }
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
    use super::*;
    use crate::Store;

    #[tokio::test]
    async fn a_full_disk_is_told_from_a_fault() {
        let store = Store::memory().await.unwrap();
        sqlx::query("PRAGMA max_page_count = 1").execute(&store.write).await.unwrap();
        let large = sqlx::query("INSERT INTO logins VALUES ('a', ?, ?, 0, 0, hex(zeroblob(9999)))")
            .bind([0; 32].as_slice())
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

    #[test]
    fn internals_stay_inside() {
        let damaged = StoreError::Damaged { what: "agents.state" };
        assert_eq!(ApiError::from(damaged), ApiError::internal());
    }
}
