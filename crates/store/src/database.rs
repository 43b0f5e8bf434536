//! Opens the database: one connection that writes, a few that read.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::sync::watch;

use crate::agents::Agents;
use crate::audit::Audit;
use crate::change::{self, Change};
use crate::error::StoreError;
use crate::files::{self, Found, beside};
use crate::instance::Instance;
use crate::integrity::{self, Flaw};
use crate::logins::Logins;
use crate::session_tokens::SessionTokens;
use crate::statistics::{Counters, Statistics};
use crate::terminals::Terminals;
use crate::throttle::Throttles;
use crate::tokens::Tokens;
use crate::{backups, creation, migrations};

/// How long a statement waits for another process that holds the lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
/// Bytes that the write-ahead log keeps when it begins anew: 64 MiB.
const WAL_LIMIT: &str = "67108864";

/// The database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    /// One connection, so writers queue here and never meet `SQLITE_BUSY` among themselves.
    pub(crate) write: SqlitePool,
    pub(crate) read: SqlitePool,
    counters: Arc<Counters>,
    /// Absent for a database in memory.
    file: Option<PathBuf>,
}

/// A database that was found whole.
#[derive(Debug)]
pub struct Opened {
    /// The database.
    pub store: Store,
    /// The last write before a crash did not reach the disk whole and is missing, though it may
    /// have been acknowledged. All before it is there.
    pub lost_write: bool,
}

impl Store {
    /// Opens the database at `path`, after a look at all of it, and brings its schema up to date.
    ///
    /// A missing file is made, readable by its owner only; its folder must exist. One process at
    /// a time opens it: that is what the lock of the data folder is for.
    ///
    /// A file that is not Maestro's, comes from a newer version or is damaged in any place is
    /// refused before anything is written. So is a missing or empty one while there are backups
    /// of it. A database that an older version wrote is copied into the backups first. A deleted
    /// write-ahead log cannot be told from one that was never needed.
    ///
    /// The log stays below 64 MiB but for what one transaction or a reader that hangs needs: it is
    /// folded into the file after every 1,000 pages (`SQLite`'s default).
    pub async fn open(path: &Path) -> Result<Opened, StoreError> {
        let found = files::look(path)?;
        let path = &match found {
            Found::Nothing => path.to_owned(),
            _ => fs::canonicalize(path).map_err(|source| unreadable(path, source))?,
        };
        let inspected = match found {
            Found::Nothing | Found::Empty => creation::check(path, found),
            Found::File => integrity::inspect(path).await,
        };
        let whole = match inspected {
            Ok(whole) => whole,
            Err(flaw) => return Err(refusal(path, flaw).await),
        };
        if whole.version == 0 {
            if !backups::list(&backups::folder_of(path))?.is_empty() {
                let flaw = Flaw::Damaged("it has no content, but there are backups of it".into());
                return Err(refusal(path, flaw).await);
            }
            creation::create(path).await?;
        }
        fs::set_permissions(path, Permissions::from_mode(0o600))
            .map_err(|source| unreadable(path, source))?;
        backups::clear_unfinished(&backups::folder_of(path));

        let options = options(path);
        let write = pool(1).connect_with(options.clone()).await?;
        let read = pool(READERS).connect_with(options.read_only(true)).await?;
        let store = Self { write, read, counters: Arc::default(), file: Some(path.clone()) };
        if (1..migrations::newest()).contains(&whole.version) {
            backups::before_migration(&store, path).await?;
            migrations::run(&store.write, &store.counters).await?;
        }
        Ok(Opened { store, lost_write: whole.lost_write })
    }

    /// An empty database in memory, for tests. It lives as long as the store.
    pub async fn memory() -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        let only = pool(1).connect_with(options).await?;
        let counters = Arc::default();
        migrations::run(&only, &counters).await?;
        Ok(Self { write: only.clone(), read: only, counters, file: None })
    }

    /// Begins a write; those who come meanwhile wait.
    pub(crate) async fn change(&self) -> Result<Change, StoreError> {
        Change::begin(&self.write, &self.counters).await
    }

    /// The agents.
    pub fn agents(&self) -> Agents<'_> {
        Agents { store: self }
    }

    /// The terminals that agents have beside their programs' own.
    pub fn terminals(&self) -> Terminals<'_> {
        Terminals { store: self }
    }

    /// Login links and logins.
    pub fn logins(&self) -> Logins<'_> {
        Logins { store: self }
    }

    /// Tokens of scripts.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens { store: self }
    }

    /// Tokens of the sessions in terminals.
    pub fn session_tokens(&self) -> SessionTokens<'_> {
        SessionTokens { store: self }
    }

    /// Counted attempts to get in.
    pub fn throttle(&self) -> Throttles<'_> {
        Throttles { store: self }
    }

    /// Who did what.
    pub fn audit(&self) -> Audit<'_> {
        Audit { store: self }
    }

    /// What identifies this installation.
    pub fn instance(&self) -> Instance<'_> {
        Instance { store: self }
    }

    /// Why the last write failed, as it changes; nothing after one that succeeded.
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.counters.trouble()
    }

    /// What was written since the store was opened, and how large it is.
    pub fn statistics(&self) -> Statistics {
        let bytes = |file: PathBuf| fs::metadata(file).map_or(0, |file| file.len());
        let (file_bytes, wal_bytes) = match &self.file {
            Some(file) => (bytes(file.clone()), bytes(beside(file, "-wal"))),
            None => (0, 0),
        };
        self.counters.statistics(file_bytes, wal_bytes)
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
        // A change that was dropped half-way, because its caller went away, ends here.
        .after_release(|connection, _| {
            Box::pin(async move {
                change::undo(connection).await;
                Ok(true)
            })
        })
}

/// How the database is opened for writing.
pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", WAL_LIMIT)
        // A transaction reaches the log when it commits, never before: one that is rolled back
        // leaves nothing there.
        .pragma("cache_spill", "OFF")
}

pub(crate) fn unreadable(path: &Path, source: io::Error) -> StoreError {
    StoreError::File { path: path.to_owned(), source }
}

/// What is said of a database that is not opened, with a way back where there is one.
async fn refusal(path: &Path, flaw: Flaw) -> StoreError {
    let folder = backups::folder_of(path);
    let problem = match flaw {
        Flaw::Other(error) => return error,
        Flaw::Newer { found } => {
            let known = migrations::newest();
            return StoreError::NewerDatabase { path: path.to_owned(), found, known };
        }
        Flaw::NotADatabase => match backups::list(&folder) {
            Ok(list) if !list.is_empty() => "it is not a Maestro database any more".into(),
            _ => return StoreError::NotADatabase { path: path.to_owned() },
        },
        Flaw::Damaged(problem) => problem,
    };
    let newest_good = backups::newest_good(&folder).await;
    StoreError::Corrupt { path: path.to_owned(), problem, newest_good }
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
            (SELECT timeout FROM pragma_busy_timeout),
            (SELECT journal_size_limit FROM pragma_journal_size_limit))";
        const FULL: &str = "2";

        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("maestro.db")).await.unwrap().store;
        assert_eq!(pragma(&store.write, SETTINGS).await, format!("wal {FULL} 1 5000 {WAL_LIMIT}"));
        assert!(pragma(&store.read, SETTINGS).await.starts_with("wal "));
        let refused = sqlx::query("DELETE FROM agents").execute(&store.read).await.unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
        store.close().await;
    }
}
