//! Whether a database is whole. Only reads, and leaves the files as they are, byte by byte.
//!
//! From the outside in: the write-ahead log, whose database it is, its schema, the structure of
//! the file, what belongs to what, and the seal of each row.

use std::fs;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::error::{self, StoreError};
use crate::files::{self, SIDE_FILES, beside};
use crate::wal::{self, Log};
use crate::{migrations, seal};

/// No database is smaller, except the empty one. `SQLite` would take a shorter file for that.
const SMALLEST_BYTES: u64 = 512;

/// A database without a flaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    /// Its schema version; 0 for one without any content.
    pub(crate) version: i64,
    /// See [`crate::Opened::lost_write`].
    pub(crate) lost_write: bool,
}

/// What is wrong with a database.
#[derive(Debug)]
pub(crate) enum Flaw {
    /// It is something else.
    NotADatabase,
    /// A newer Maestro wrote it.
    Newer {
        /// Its schema version.
        found: i64,
    },
    /// Part of it changed since it was written. In words, as in “because …”.
    Damaged(String),
    /// It could not be looked at.
    Other(StoreError),
}

impl From<sqlx::Error> for Flaw {
    fn from(error: sqlx::Error) -> Self {
        if error::is_no_database(&error) {
            return Self::NotADatabase;
        }
        // What is asked here is right, so it is the file that cannot answer it.
        if error::is_of_the_file(&error) {
            return Self::Damaged(error.to_string());
        }
        match StoreError::from(error) {
            StoreError::Damaged { what } => Self::Damaged(what),
            other => Self::Other(other),
        }
    }
}

/// Looks at the whole database at `path`, in its canonical form.
pub(crate) async fn inspect(path: &Path) -> Result<Whole, Flaw> {
    let unreadable = |source| Flaw::Other(StoreError::File { path: path.to_owned(), source });
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if (1..SMALLEST_BYTES).contains(&bytes) {
        return Err(Flaw::NotADatabase);
    }
    let log = wal::look(&beside(path, "-wal")).map_err(unreadable)?;
    if log == Log::Damaged {
        let hidden = "its write-ahead log is damaged, and changes that were stored would vanish";
        return Err(Flaw::Damaged(hidden.into()));
    }
    let version = if files::holds_something(&beside(path, "-journal")) {
        inspect_copy(path).await?
    } else if files::holds_something(&beside(path, "-wal")) {
        let index = beside(path, "-shm");
        let had_index = index.exists();
        let version = look(at(path).read_only(true)).await;
        if !had_index {
            files::remove(&index).map_err(unreadable)?;
        }
        version?
    } else {
        // Nothing beside it counts, so nothing beside it need be made.
        look(at(path).immutable(true)).await?
    };
    Ok(Whole { version, lost_write: log == Log::Torn })
}

/// Looks at a copy, where `SQLite` may undo what another program left half done.
async fn inspect_copy(path: &Path) -> Result<i64, Flaw> {
    let unreadable = |source| Flaw::Other(StoreError::File { path: path.to_owned(), source });
    let copy = beside(path, ".inspected");
    files::remove_database(&copy).map_err(unreadable)?;
    for ending in ["", SIDE_FILES[0], SIDE_FILES[2]] {
        let from = beside(path, ending);
        if from.exists() {
            fs::copy(from, beside(&copy, ending)).map_err(unreadable)?;
        }
    }
    let version = look(at(&copy)).await;
    files::remove_database(&copy).map_err(unreadable)?;
    version
}

fn at(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).create_if_missing(false).row_buffer_size(1_000)
}

async fn look(options: SqliteConnectOptions) -> Result<i64, Flaw> {
    let mut connection = options.connect().await?;
    let version = check(&mut connection).await;
    connection.close().await?;
    version
}

async fn check(connection: &mut SqliteConnection) -> Result<i64, Flaw> {
    let version = migrations::version(connection).await?;
    if version == 0 {
        return Ok(0);
    }
    check_schema(connection, version).await?;
    let problems: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check(3)").fetch_all(&mut *connection).await?;
    if problems != ["ok"] {
        return Err(Flaw::Damaged(problems.join("; ")));
    }
    let orphan: Option<(String,)> =
        sqlx::query_as("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1")
            .fetch_optional(&mut *connection)
            .await?;
    if let Some((table,)) = orphan {
        return Err(Flaw::Damaged(format!("a row of {table} belongs to nothing")));
    }
    match seal::check(connection).await {
        Ok(()) => Ok(version),
        Err(StoreError::Damaged { what }) => Err(Flaw::Damaged(what)),
        Err(other) => Err(Flaw::Other(other)),
    }
}

/// The schema is text in the file, and seals do not cover it. What others added is no harm.
async fn check_schema(connection: &mut SqliteConnection, version: i64) -> Result<(), Flaw> {
    let expected = migrations::schema_of(version).await.map_err(Flaw::Other)?;
    let found = migrations::schema(connection).await?;
    match expected.iter().find(|object| !found.contains(object)) {
        None => Ok(()),
        Some((name, _)) => Err(Flaw::Damaged(format!(
            "its schema is not the one of version {version}: {name} is missing or differs"
        ))),
    }
}
