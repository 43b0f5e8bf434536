//! The database as a file: who may read it, what is refused, what survives.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use store::{Store, StoreError};
use tempfile::TempDir;

use crate::samples::{CREATED, NASTY, agent, insert};

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
    let store = Store::open(&path).await.unwrap().store;
    insert(&store, &agent(1, "a")).await;
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 3, "database, log and its index");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
    store.close().await;

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    Store::open(&path).await.unwrap().store.close().await;
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let (_folder, path) = place();
    let store = Store::open(&path).await.unwrap().store;
    let id = store.instance().id_or("abcd2345").await.unwrap();
    for (number, name) in NASTY.iter().enumerate() {
        insert(&store, &agent(number, name)).await;
    }
    let agents = store.agents().list().await.unwrap();
    store.close().await;

    let store = Store::open(&path).await.unwrap().store;
    assert_eq!(store.agents().list().await.unwrap(), agents);
    assert_eq!(store.instance().id_or("zzzz2222").await.unwrap(), id);
    store.close().await;
}

#[tokio::test]
async fn what_is_written_is_read_at_once() {
    let (_folder, path) = place();
    let store = Store::open(&path).await.unwrap().store;
    for number in 0..50 {
        insert(&store, &agent(number, &number.to_string())).await;
        assert_eq!(store.agents().list().await.unwrap().len(), number + 1);
    }
    store.close().await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_crash() {
    let (folder, path) = place();
    let store = Store::open(&path).await.unwrap().store;
    insert(&store, &agent(1, "a")).await;
    // What a killed process leaves: the file, and the log that nobody folded into it.
    let after = folder.path().join("after.db");
    fs::copy(&path, &after).unwrap();
    fs::copy(folder.path().join("maestro.db-wal"), folder.path().join("after.db-wal")).unwrap();

    let revived = Store::open(&after).await.unwrap().store;
    assert_eq!(revived.agents().list().await.unwrap(), [agent(1, "a")]);
    revived.close().await;
    store.close().await;
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let (_folder, path) = place();
    Store::open(&path).await.unwrap().store.close().await;
    meddle(&path, "PRAGMA user_version = 99").await;
    assert_eq!(
        refused(&path).await,
        format!(
            "{} was written by a newer Maestro (schema 99, this one knows 3). Install that \
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

#[tokio::test]
async fn what_is_no_file_is_named_and_left_alone() {
    let (folder, path) = place();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("mine"), "x").unwrap();
    let refusal = Store::open(&path).await.expect_err("refused");
    assert!(matches!(refusal, StoreError::NotAFile { .. }));
    assert_eq!(
        refusal.to_string(),
        format!(
            "{} is not a file, so it cannot be the database. Move it away, or name another folder \
             with --home.",
            path.display()
        )
    );
    assert_eq!(fs::read(path.join("mine")).unwrap(), b"x");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_database_of_another_user_is_refused() {
    let (_folder, path) = place();
    Store::open(&path).await.unwrap().store.close().await;
    // Only the superuser can give a file away; others have none to give, but find some.
    let path = match chown(&path, Some(65_534), None) {
        Ok(()) => path,
        Err(_not_root) => "/etc/passwd".into(),
    };
    let before = fs::read(&path).unwrap();
    let refusal = Store::open(&path).await.expect_err("refused");
    assert!(matches!(refusal, StoreError::NotOwned { .. }), "{refusal}");
    assert!(refusal.to_string().ends_with(
        "belongs to another user. Start Maestro as that user, or name another folder with --home."
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_folder_that_takes_no_files_is_named() {
    let (folder, path) = place();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    // The superuser may write wherever the system lets anybody.
    let superuser = fs::write(folder.path().join("probe"), "").is_ok();
    let path = if superuser { "/proc/maestro.db".into() } else { path };
    let said = Store::open(&path).await.expect_err("refused").to_string();
    let expected = if superuser { "cannot be opened: " } else { "cannot be written to, so " };
    assert!(said.contains(expected), "{said}");
    assert!(!path.exists());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn an_empty_file_becomes_a_database_when_there_was_none() {
    let (folder, path) = place();
    fs::write(&path, "").unwrap();
    fs::write(path.with_extension("db-journal"), "of nothing").unwrap();
    let store = Store::open(&path).await.unwrap().store;
    insert(&store, &agent(1, "a")).await;
    store.close().await;
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(left.len(), 1, "{left:?}");

    fs::write(&path, "").unwrap();
    fs::write(path.with_extension("db-wal"), "log").unwrap();
    let refusal = Store::open(&path).await.expect_err("refused").to_string();
    assert!(refusal.contains("it is empty, but its write-ahead log is there"), "{refusal}");
    assert!(refusal.contains("There is no good backup in"), "{refusal}");
}

#[tokio::test]
async fn a_change_of_another_program_that_was_cut_off_is_undone() {
    let (_folder, path) = place();
    let store = Store::open(&path).await.unwrap().store;
    for number in 0..60 {
        insert(&store, &agent(number, &number.to_string())).await;
    }
    store.close().await;
    // A large transaction with a small cache writes to the file before it ends.
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Delete)
        .pragma("cache_size", "1");
    let mut other = options.connect().await.unwrap();
    sqlx::raw_sql("BEGIN; UPDATE agents SET name = name || ' and more'")
        .execute(&mut other)
        .await
        .unwrap();
    let (cut_off, journal) = (path.with_file_name("cut.db"), path.with_extension("db-journal"));
    fs::copy(&path, &cut_off).unwrap();
    fs::copy(journal, cut_off.with_extension("db-journal")).unwrap();
    drop(other);

    let store = Store::open(&cut_off).await.unwrap().store;
    let agents = store.agents().list().await.unwrap();
    assert_eq!(agents.len(), 60);
    assert!(agents.iter().all(|agent| !agent.settings.name.contains("more")));
    store.close().await;
}

#[tokio::test]
async fn writing_is_counted() {
    let (_folder, path) = place();
    let store = Store::open(&path).await.unwrap().store;
    assert_eq!(store.statistics().writes, 0);
    for number in 0..10 {
        insert(&store, &agent(number, &number.to_string())).await;
    }
    let taken = store.agents().insert(&agent(11, "1"), "c", &CREATED).await;
    assert!(taken.is_err());
    let counted = store.statistics();
    assert_eq!((counted.writes, counted.write_errors), (10, 0));
    assert_eq!(counted.write_seconds.count, 10);
    assert!(counted.write_seconds.sum > 0.0);
    assert_eq!(counted.file_bytes, fs::metadata(&path).unwrap().len());
    assert_eq!(counted.wal_bytes, fs::metadata(path.with_extension("db-wal")).unwrap().len());
    assert!(counted.wal_bytes > 0);
    store.close().await;
}
