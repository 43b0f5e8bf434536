//! One write transaction, from its begin to its end.
//!
//! Not `sqlx`'s own: when `SQLite` itself rolls back, as it may on a full or failing disk, that
//! one still believes in its transaction and refuses every later one. Here the end is told to
//! `SQLite` and never counted, so the same connection works again when there is room.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Instant;

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

use crate::error::StoreError;
use crate::statistics::Counters;

/// An open write transaction. Dropped without [`Change::finish`], it is undone when its
/// connection goes back to its pool ([`undo`]).
pub(crate) struct Change {
    connection: PoolConnection<Sqlite>,
    counters: Arc<Counters>,
    began: Instant,
}

impl Change {
    /// Waits for its turn to write, then begins.
    pub(crate) async fn begin(
        pool: &SqlitePool,
        counters: &Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let connection = pool.acquire().await?;
        let mut change = Self { connection, counters: Arc::clone(counters), began: Instant::now() };
        if counters.has_leftovers() {
            change.empty_log().await;
        }
        match sqlx::query("BEGIN IMMEDIATE").execute(&mut *change.connection).await {
            Ok(_) => Ok(change),
            Err(error) => change.finish(Err(error.into())).await,
        }
    }

    /// Ends it: what succeeded is on the disk when this returns, what failed never happened.
    pub(crate) async fn finish<T>(
        mut self,
        outcome: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let outcome = match outcome {
            Ok(value) => match sqlx::query("COMMIT").execute(&mut *self.connection).await {
                Ok(_) => Ok(value),
                Err(error) => {
                    self.counters.set_leftovers(true);
                    Err(error.into())
                }
            },
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            undo(&mut self.connection).await;
        }
        self.counters.count(self.began.elapsed(), outcome.as_ref().err());
        outcome
    }
}

impl Change {
    /// Empties the write-ahead log. What a commit that failed half-way left in it looks, after a
    /// crash, like acknowledged changes that decayed; so nothing may be written behind it.
    async fn empty_log(&mut self) {
        let emptied: Result<(i64, i64, i64), sqlx::Error> =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_one(&mut *self.connection)
                .await;
        // Busy, or the disk still fails: the next change tries again.
        if matches!(emptied, Ok((0, ..))) {
            self.counters.set_leftovers(false);
        }
    }
}

/// Ends whatever transaction is open on this connection.
pub(crate) async fn undo(connection: &mut SqliteConnection) {
    // An error means that there is none, which is what is wanted.
    let _none_open = sqlx::query("ROLLBACK").execute(connection).await;
}

impl Deref for Change {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Change {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use protocol::agents::history::HistoryEvent;
    use protocol::agents::{Agent, AgentSettings};

    use super::*;
    use crate::Store;

    fn agent(number: usize) -> (Agent, String, HistoryEvent) {
        let settings = AgentSettings {
            name: format!("agent {number}"),
            note: "n".repeat(5_000),
            ..Default::default()
        };
        let agent = Agent::new(format!("{number:026}").parse().unwrap(), settings, 5);
        (agent, "conversation".into(), HistoryEvent::Created { from: None })
    }

    async fn pragma(store: &Store, sql: String) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&store.write).await.unwrap()
    }

    async fn open(path: &Path) -> Store {
        Store::open(path).await.unwrap().store
    }

    #[tokio::test]
    async fn on_a_full_disk_a_change_happens_whole_or_not_at_all_and_later_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("maestro.db");
        let store = open(&path).await;
        store.agents().insert_many(&[agent(1)]).await.unwrap();
        let before = store.agents().list().await.unwrap();
        let pages = pragma(&store, "PRAGMA page_count".into()).await;
        let new: Vec<_> = (2..8).map(agent).collect();
        let mut room = 0;
        loop {
            pragma(&store, format!("PRAGMA max_page_count = {}", pages + room)).await;
            match store.agents().insert_many(&new).await {
                Ok(_) => break,
                Err(StoreError::DiskFull) => {}
                Err(other) => panic!("{other}"),
            }
            assert_eq!(store.agents().list().await.unwrap(), before, "{room} pages of room");
            store.agents().record(&agent(1).0.id, &HistoryEvent::Lost, 6).await.unwrap();
            room += 1;
        }
        assert!(room > 10, "failed at {room} places");
        let counted = store.statistics();
        assert_eq!(counted.write_errors, u64::try_from(room).unwrap());
        assert_eq!(store.agents().list().await.unwrap().len(), 7);
        store.close().await;
        assert_eq!(open(&path).await.agents().list().await.unwrap().len(), 7);
    }

    #[tokio::test]
    async fn a_change_that_is_dropped_half_way_never_happened() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("maestro.db")).await;
        let mut change = store.change().await.unwrap();
        sqlx::query("CREATE TABLE half (a)").execute(&mut *change).await.unwrap();
        drop(change);
        store.agents().insert_many(&[agent(1)]).await.unwrap();
        let half: Vec<i64> = sqlx::query_scalar("SELECT 1 FROM sqlite_schema WHERE name = 'half'")
            .fetch_all(&store.write)
            .await
            .unwrap();
        assert!(half.is_empty());
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_written_is_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("maestro.db")).await;
        sqlx::query("PRAGMA query_only = 1").execute(&store.write).await.unwrap();
        let refused = store.agents().insert_many(&[agent(1)]).await.unwrap_err();
        assert!(matches!(refused, StoreError::ReadOnly), "{refused:?}");
        sqlx::query("PRAGMA query_only = 0").execute(&store.write).await.unwrap();
        store.agents().insert_many(&[agent(1)]).await.unwrap();
    }
}
