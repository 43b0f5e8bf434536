//! The database as a file: who may read it, what is refused, what survives.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use store::{Store, StoreError};
use tempfile::TempDir;

use crate::agents::{NASTY, agent};

fn place() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    (folder, path)
}

/// Changes a database behind the store's back.
async fn meddle(path: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The refusal's sentence, after a check that the file still holds the same bytes.
async fn refused(path: &Path) -> String {
    let before = fs::read(path).unwrap();
    let mode = fs::metadata(path).unwrap().permissions().mode();
    let refusal = Store::open(path).await.expect_err("refused");
    assert!(matches!(refusal, StoreError::NotADatabase { .. } | StoreError::NewerDatabase { .. }));
    assert_eq!(fs::read(path).unwrap(), before);
    assert_eq!(fs::metadata(path).unwrap().permissions().mode(), mode);
    refusal.to_string()
}

#[tokio::test]
async fn only_the_owner_can_read_it() {
    let (folder, path) = place();
    let store = Store::open(&path).await.unwrap();
    store.agents().insert(&agent(1, "a")).await.unwrap();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 3, "database, log and its index");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
    store.close().await;

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    Store::open(&path).await.unwrap().close().await;
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let (_folder, path) = place();
    let store = Store::open(&path).await.unwrap();
    let id = store.instance().id_or("abcd2345").await.unwrap();
    for (number, name) in NASTY.iter().enumerate() {
        store.agents().insert(&agent(number, name)).await.unwrap();
    }
    let agents = store.agents().list().await.unwrap();
    store.close().await;

    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.agents().list().await.unwrap(), agents);
    assert_eq!(store.instance().id_or("zzzz2222").await.unwrap(), id);
    store.close().await;
}

#[tokio::test]
async fn what_is_written_is_read_at_once() {
    let (_folder, path) = place();
    let store = Store::open(&path).await.unwrap();
    for number in 0..50 {
        store.agents().insert(&agent(number, &number.to_string())).await.unwrap();
        assert_eq!(store.agents().list().await.unwrap().len(), number + 1);
    }
    store.close().await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_crash() {
    let (folder, path) = place();
    let store = Store::open(&path).await.unwrap();
    store.agents().insert(&agent(1, "a")).await.unwrap();
    // What a killed process leaves: the file, and the log that nobody folded into it.
    let after = folder.path().join("after.db");
    fs::copy(&path, &after).unwrap();
    fs::copy(folder.path().join("maestro.db-wal"), folder.path().join("after.db-wal")).unwrap();

    let revived = Store::open(&after).await.unwrap();
    assert_eq!(revived.agents().list().await.unwrap(), [agent(1, "a")]);
    revived.close().await;
    store.close().await;
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let (_folder, path) = place();
    Store::open(&path).await.unwrap().close().await;
    meddle(&path, "PRAGMA user_version = 99").await;
    assert_eq!(
        refused(&path).await,
        format!(
            "{} was written by a newer Maestro (schema 99, this one knows 1). Install that \
             version again, or name another folder with --home.",
            path.display()
        )
    );
}

#[tokio::test]
async fn other_files_are_refused() {
    let (_folder, path) = place();
    let sentence = format!(
        "{} is not a Maestro database. It was left as it is: move it away, or name another \
         folder with --home.",
        path.display()
    );
    let script = "#!/bin/sh\necho the owner's script\n".repeat(100);
    for text in ["x", "SQLite format", &script[..511], &script[..512], &script] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(refused(&path).await, sentence);
    }
    fs::write(&path, [b"SQLite format 3\0".as_slice(), &[0xee; 4096]].concat()).unwrap();
    assert_eq!(refused(&path).await, sentence);
}

#[tokio::test]
async fn databases_of_other_programs_are_refused() {
    for sql in ["CREATE TABLE agents (id)", "PRAGMA user_version = 1", "PRAGMA application_id = 1"]
    {
        let (_folder, path) = place();
        meddle(&path, sql).await;
        assert!(refused(&path).await.contains("is not a Maestro database"), "{sql}");
    }
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let (folder, _) = place();
    let path = folder.path().join("gone/maestro.db");
    let refusal = Store::open(&path).await.expect_err("refused").to_string();
    assert!(refusal.starts_with(&format!("The database {} cannot be opened: ", path.display())));
    assert!(refusal.ends_with("Check that its folder exists and belongs to you."));
}
