//! Opens the database: one connection that writes, a few that read.

use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};

use crate::agents::Agents;
use crate::error::StoreError;
use crate::instance::Instance;
use crate::logins::Logins;
use crate::migrations;

/// No database is smaller, except the empty one.
const SMALLEST_BYTES: u64 = 512;
/// How long a statement waits for another process that holds the lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 4;

/// The database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    /// One connection, so writers queue here and never meet `SQLITE_BUSY` among themselves.
    pub(crate) write: SqlitePool,
    pub(crate) read: SqlitePool,
}

impl Store {
    /// Opens the database at `path` and brings its schema up to date.
    ///
    /// A missing file is made, readable by its owner only; its folder must exist. A file that is
    /// not Maestro's or comes from a newer version is refused before anything is written to it.
    /// One process at a time opens it: that is what the lock of the data folder is for.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let unreadable = |source| StoreError::File { path: path.to_owned(), source };
        create_if_missing(path).map_err(unreadable)?;
        // `SQLite` would take a shorter file for an empty database. It is not opened here to look
        // inside: closing a file drops all locks that this process has on it.
        if (1..SMALLEST_BYTES).contains(&fs::metadata(path).map_err(unreadable)?.len()) {
            return Err(StoreError::NotADatabase { path: path.to_owned() });
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);

        let mut inspection = options
            .clone()
            .read_only(true)
            .connect()
            .await
            .map_err(|error| StoreError::opening(path, error))?;
        let checked = migrations::check(path, &mut inspection).await;
        inspection.close().await?;
        checked?;
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(unreadable)?;

        let write = pool(1)
            .connect_with(
                options
                    .clone()
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full),
            )
            .await
            .map_err(|error| StoreError::opening(path, error))?;
        migrations::run(&write).await?;
        let read = pool(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { write, read })
    }

    /// An empty database in memory, for tests. It lives as long as the store.
    pub async fn memory() -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        let only = pool(1).connect_with(options).await?;
        migrations::run(&only).await?;
        Ok(Self { write: only.clone(), read: only })
    }

    /// The agents.
    pub fn agents(&self) -> Agents<'_> {
        Agents { store: self }
    }

    /// Login links and logins.
    pub fn logins(&self) -> Logins<'_> {
        Logins { store: self }
    }

    /// What identifies this installation.
    pub fn instance(&self) -> Instance<'_> {
        Instance { store: self }
    }

    /// Finishes what runs and closes the file. Later calls on any clone fail.
    pub async fn close(self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Connections stay open: a database in memory ends with its connection.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Makes the file if it is missing; `SQLite` gives its side files the same permissions.
fn create_if_missing(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_empty) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_are_set_up_for_what_they_do() {
        async fn pragma(pool: &SqlitePool, sql: &'static str) -> String {
            sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
        }
        const SETTINGS: &str = "SELECT concat_ws(' ',
            (SELECT journal_mode FROM pragma_journal_mode),
            (SELECT synchronous FROM pragma_synchronous),
            (SELECT foreign_keys FROM pragma_foreign_keys),
            (SELECT timeout FROM pragma_busy_timeout))";
        const FULL: &str = "2";

        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("maestro.db")).await.unwrap();
        assert_eq!(pragma(&store.write, SETTINGS).await, format!("wal {FULL} 1 5000"));
        assert!(pragma(&store.read, SETTINGS).await.starts_with("wal "));
        let refused = sqlx::query("DELETE FROM agents").execute(&store.read).await.unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
        store.close().await;
    }
}
