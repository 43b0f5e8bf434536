//! Brings a database up to date, and tells which ones it must not touch.
//!
//! The schema version is `SQLite`'s own `user_version`; migration `n` ends by setting it to `n`.
//! One transaction runs all that are missing, so a database is at a version or at the one before.

use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool};
use sqlx::{ConnectOptions, Connection};

use crate::change::Change;
use crate::error::StoreError;
use crate::integrity::Flaw;
use crate::statistics::Counters;
use crate::{logins, seal};

/// All migrations, the first one leading to version 1. Released ones never change.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_agents_and_logins.sql"),
    include_str!("../migrations/0002_agents_that_last.sql"),
    include_str!("../migrations/0003_who_may_do_what.sql"),
];

/// The version since which logins have names.
const NAMED_LOGINS: i64 = 3;

/// `application_id` of Maestro's databases: "Maes".
const APPLICATION_ID: i64 = 0x4d61_6573;

/// The newest schema version.
pub(crate) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("a handful of migrations")
}

/// The schema version of a database that this program knows; 0 if it has no content at all.
/// Only reads.
pub(crate) async fn version(connection: &mut SqliteConnection) -> Result<i64, Flaw> {
    let (application, version, objects): (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT application_id FROM pragma_application_id),
                (SELECT user_version FROM pragma_user_version),
                (SELECT count(*) FROM sqlite_schema)",
    )
    .fetch_one(connection)
    .await?;

    if (application, version, objects) == (0, 0, 0) {
        return Ok(0);
    }
    if application != APPLICATION_ID {
        return Err(Flaw::NotADatabase);
    }
    if version > newest() {
        return Err(Flaw::Newer { found: version });
    }
    if version < 1 {
        return Err(Flaw::Damaged(format!("its schema cannot have version {version}")));
    }
    Ok(version)
}

/// Names and definitions of all tables, indexes and triggers.
pub(crate) type Schema = Vec<(String, Option<String>)>;

/// The schema of this database.
pub(crate) async fn schema(connection: &mut SqliteConnection) -> Result<Schema, sqlx::Error> {
    sqlx::query_as("SELECT name, sql FROM sqlite_schema ORDER BY name").fetch_all(connection).await
}

/// The schema that version `version` has when nothing happened to it.
pub(crate) async fn schema_of(version: i64) -> Result<Schema, StoreError> {
    let mut model = SqliteConnectOptions::new().in_memory(true).connect().await?;
    advance(&mut model, version).await?;
    let schema = schema(&mut model).await?;
    model.close().await?;
    Ok(schema)
}

/// Runs the migrations that this database has not seen.
pub(crate) async fn run(write: &SqlitePool, counters: &Arc<Counters>) -> Result<(), StoreError> {
    let mut change = Change::begin(write, counters).await?;
    let outcome = advance(&mut change, newest()).await;
    change.finish(outcome).await
}

/// Brings the schema to version `to`.
async fn advance(connection: &mut SqliteConnection, to: i64) -> Result<(), StoreError> {
    let version: i64 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    let missing = (1..=to).zip(MIGRATIONS).filter(|(number, _)| *number > version);
    let missing: Vec<&'static str> = missing.map(|(_, migration)| *migration).collect();
    for migration in &missing {
        sqlx::raw_sql(*migration).execute(&mut *connection).await?;
    }
    if !missing.is_empty() {
        if (1..NAMED_LOGINS).contains(&version) && to >= NAMED_LOGINS {
            logins::name_all(connection).await?;
        }
        seal::renew(connection).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    async fn version(store: &Store) -> i64 {
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&store.write).await.unwrap()
    }

    #[tokio::test]
    async fn each_migration_reaches_its_own_version() {
        let store = Store::memory().await.unwrap();
        assert_eq!(version(&store).await, newest());
        for (number, migration) in (1..).zip(MIGRATIONS) {
            assert!(migration.trim_end().ends_with(&format!("PRAGMA user_version = {number};")));
        }
    }

    #[tokio::test]
    async fn running_them_again_changes_nothing() {
        async fn schema(store: &Store) -> Schema {
            super::schema(&mut store.read.acquire().await.unwrap()).await.unwrap()
        }
        let store = Store::memory().await.unwrap();
        let before = schema(&store).await;
        run(&store.write, &Arc::default()).await.unwrap();
        assert_eq!(schema(&store).await, before);
        assert_eq!(version(&store).await, newest());
    }
}
