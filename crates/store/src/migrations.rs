//! Brings a database up to date, and tells which ones it must not touch.
//!
//! The schema version is `SQLite`'s own `user_version`; migration `n` ends by setting it to `n`.
//! One transaction runs all that are missing, so a database is at a version or at the one before.

use std::path::Path;

use sqlx::sqlite::{SqliteConnection, SqlitePool};

use crate::error::StoreError;

/// All migrations, the first one leading to version 1. Released ones never change.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_agents_and_logins.sql")];

/// `application_id` of Maestro's databases: "Maes".
const APPLICATION_ID: i64 = 0x4d61_6573;

/// The newest schema version.
fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("a handful of migrations")
}

/// Refuses a database of another program or of a newer Maestro. Only reads.
pub(crate) async fn check(
    path: &Path,
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    let (application, version, objects): (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT application_id FROM pragma_application_id),
                (SELECT user_version FROM pragma_user_version),
                (SELECT count(*) FROM sqlite_schema)",
    )
    .fetch_one(connection)
    .await
    .map_err(|error| StoreError::opening(path, error))?;

    let untouched = application == 0 && version == 0 && objects == 0;
    if application != APPLICATION_ID && !untouched {
        return Err(StoreError::NotADatabase { path: path.to_owned() });
    }
    if version > newest() {
        return Err(StoreError::NewerDatabase {
            path: path.to_owned(),
            found: version,
            known: newest(),
        });
    }
    Ok(())
}

/// Runs the migrations that this database has not seen.
pub(crate) async fn run(write: &SqlitePool) -> Result<(), StoreError> {
    let mut transaction = write.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    let seen = usize::try_from(version).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(seen) {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
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
        async fn schema(store: &Store) -> Vec<(String, Option<String>)> {
            sqlx::query_as("SELECT name, sql FROM sqlite_schema ORDER BY name")
                .fetch_all(&store.read)
                .await
                .unwrap()
        }
        let store = Store::memory().await.unwrap();
        let before = schema(&store).await;
        run(&store.write).await.unwrap();
        assert_eq!(schema(&store).await, before);
        assert_eq!(version(&store).await, newest());
    }
}
