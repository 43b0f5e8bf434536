//! Backups are made while the database is in use, and bring it back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use domain::audit::Entry;
use domain::throttle::Throttle;
use protocol::access::Role;
use protocol::agents::history::HistoryEvent;
use protocol::host::Backup;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use store::audit::Head;
use store::{Store, StoreError, backups};
use tempfile::TempDir;

use crate::samples::{T, agent, content, event, id, insert, link, login, terminal, token};

const MADE: i64 = 1_795_261_832_000;

async fn place() -> (TempDir, PathBuf, Store) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    let store = Store::open(&path).await.unwrap().store;
    (folder, path, store)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_is_complete_private_and_named_after_its_moment() {
    let (_folder, path, store) = place().await;
    insert(&store, &agent(1, "a")).await;
    let folder = backups::folder_of(&path);
    let first = store.back_up(&folder, MADE).await.unwrap();
    let second = store.back_up(&folder, MADE + 999).await.unwrap();
    let third = store.back_up(&folder, MADE + 1_000).await.unwrap();
    assert_eq!(
        names(&folder),
        [
            "maestro-20261121T115032Z-2.db",
            "maestro-20261121T115032Z.db",
            "maestro-20261121T115033Z.db"
        ]
    );
    for file in names(&folder) {
        let file = folder.join(file);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        backups::verify(&file).await.unwrap();
    }
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(first.bytes, fs::metadata(&first.path).unwrap().len());

    let listed = backups::list(&folder).unwrap();
    let order: Vec<_> = listed.iter().map(|backup| backup.path.as_str()).collect();
    assert_eq!(order, [&*third.path, &*second.path, &*first.path]);
    assert_eq!(listed[2].made_at_ms, MADE);
    assert_eq!(backups::newest_good(&folder).await, Some(third.path.into()));
    assert!(backups::list(&folder.join("none")).unwrap().is_empty());
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_under_load_and_loses_nothing_that_was_acknowledged_before() {
    let (_folder, path, store) = place().await;
    insert(&store, &agent(0, "0")).await;
    let folder = backups::folder_of(&path);
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for number in 1..200 {
                insert(&store, &agent(number, &number.to_string())).await;
            }
        }
    });
    let mut last = 0;
    while !writer.is_finished() {
        let acknowledged = store.agents().list().await.unwrap().len();
        let backup = store.back_up(&folder, MADE + last).await.unwrap();
        last += 1_000;
        let copy = path.with_file_name("copy.db");
        backups::restore(&copy, Path::new(&backup.path), MADE).await.unwrap();
        // Elsewhere, so that the backups are not taken for those of the copy.
        let alone = TempDir::new().unwrap();
        let moved = alone.path().join("copy.db");
        fs::rename(&copy, &moved).unwrap();
        let restored = Store::open(&moved).await.unwrap().store;
        assert!(restored.agents().list().await.unwrap().len() >= acknowledged);
        restored.close().await;
    }
    writer.await.unwrap();
    assert!(last > 1_000);
    store.close().await;
}

#[tokio::test]
async fn a_backup_is_put_in_place_and_the_old_database_set_aside() {
    let (folder, path, store) = place().await;
    insert(&store, &agent(1, "a")).await;
    let then = content(&store).await.unwrap();
    let backup = store.back_up(&backups::folder_of(&path), MADE).await.unwrap();
    store.agents().record(&id(1), &HistoryEvent::Rejoined, T).await.unwrap();
    let now = content(&store).await.unwrap();
    store.close().await;
    let old = fs::read(&path).unwrap();
    fs::write(path.with_extension("db-wal"), "its log").unwrap();

    let restored = backups::restore(&path, Path::new(&backup.path), MADE).await.unwrap();
    let aside = restored.aside.unwrap();
    assert_eq!(aside, path.with_file_name("maestro.db.replaced-20261121T115032Z"));
    assert_eq!(fs::read(&aside).unwrap(), old);
    let log = aside.with_file_name("maestro.db.replaced-20261121T115032Z-wal");
    assert_eq!(fs::read(log).unwrap(), b"its log");
    assert_eq!(
        names(folder.path()),
        [
            "backups",
            "maestro.db",
            "maestro.db.replaced-20261121T115032Z",
            "maestro.db.replaced-20261121T115032Z-wal"
        ]
    );
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let store = Store::open(&path).await.unwrap().store;
    assert_eq!(content(&store).await.unwrap(), then);
    store.close().await;

    // And back again, by the way of the copy that was set aside; its name is not taken twice.
    fs::remove_file(aside.with_file_name("maestro.db.replaced-20261121T115032Z-wal")).unwrap();
    let again = backups::restore(&path, &aside, MADE).await.unwrap().aside.unwrap();
    assert_eq!(again, path.with_file_name("maestro.db.replaced-20261121T115032Z-2"));
    let store = Store::open(&path).await.unwrap().store;
    assert_eq!(content(&store).await.unwrap(), now);
    store.close().await;
}

#[tokio::test]
async fn a_broken_backup_is_refused_and_nothing_is_touched() {
    let (folder, path, store) = place().await;
    insert(&store, &agent(1, "a")).await;
    let backup = store.back_up(&backups::folder_of(&path), MADE).await.unwrap();
    store.close().await;
    let good = fs::read(&backup.path).unwrap();
    let mut flipped = good.clone();
    let name = good.windows(10).position(|bytes| bytes == b"Sees to it").unwrap();
    flipped[name] ^= 0x20;
    let before = (fs::read(&path).unwrap(), names(folder.path()));
    for (bad, problem) in [
        (&b""[..], "it is empty"),
        (b"#!/bin/sh", "it is not a Maestro database"),
        (&good[..good.len() / 2], ""),
        (&flipped, "its seal is broken"),
    ] {
        fs::write(&backup.path, bad).unwrap();
        let refused = backups::restore(&path, Path::new(&backup.path), MADE).await.unwrap_err();
        let said = refused.to_string();
        assert!(said.starts_with(&format!("The backup {} cannot be used: ", backup.path)));
        assert!(said.ends_with("Nothing was changed. Name another backup."), "{said}");
        assert!(said.contains(problem), "{said}");
        assert_eq!((fs::read(&path).unwrap(), names(folder.path())), before);
    }
    let missing = backups::restore(&path, &path.with_file_name("gone"), MADE).await.unwrap_err();
    assert!(matches!(missing, StoreError::BadBackup { .. }));
}

#[tokio::test]
async fn a_restore_that_was_cut_off_is_not_taken_for_a_new_beginning() {
    let (folder, path, store) = place().await;
    let elsewhere = TempDir::new().unwrap();
    let backup = store.back_up(elsewhere.path(), MADE).await.unwrap();
    store.close().await;
    // All that had moved, but for the last step.
    fs::copy(&backup.path, folder.path().join("maestro.db.restoring")).unwrap();
    fs::rename(&path, folder.path().join("maestro.db.replaced-20261121T115032Z")).unwrap();
    let said = Store::open(&path).await.expect_err("refused").to_string();
    assert!(said.contains("it is missing, because going back to a backup was cut off"), "{said}");
    // Or with its log still there.
    fs::remove_file(folder.path().join("maestro.db.restoring")).unwrap();
    fs::write(path.with_extension("db-wal"), "log").unwrap();
    let said = Store::open(&path).await.expect_err("refused").to_string();
    assert!(said.contains("it is missing, but its write-ahead log is there"), "{said}");
    // Once more from the start.
    backups::restore(&path, Path::new(&backup.path), MADE + 1).await.unwrap();
    Store::open(&path).await.unwrap().store.close().await;
}

#[tokio::test]
async fn what_is_not_needed_any_more_is_removed_and_nothing_else() {
    const DAY: i64 = 24 * 3_600_000;
    let (_folder, path, store) = place().await;
    let folder = backups::folder_of(&path);
    for days in 0..40 {
        store.back_up(&folder, MADE - days * DAY).await.unwrap();
    }
    store.close().await;
    let others = ["maestro-20200101T000000Z-before-schema-2.db", "maestro.db", "notes.txt"];
    for other in others {
        fs::write(folder.join(other), "x").unwrap();
    }
    let unfinished = folder.join("maestro-20261121T115032Z.db.unfinished");
    fs::write(&unfinished, "half").unwrap();

    let before = backups::list(&folder).unwrap();
    let removed = backups::remove_expired(&folder, MADE).unwrap();
    let made_at: Vec<_> = before[..40].iter().map(|backup| backup.made_at_ms).collect();
    let expected = domain::retention::expired(&made_at, MADE);
    assert!(!expected.is_empty());
    let expected: Vec<_> = expected.into_iter().map(|index| before[index].path.clone()).collect();
    let removed: Vec<_> = removed.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    assert_eq!(removed, expected);
    for other in others {
        assert!(folder.join(other).exists(), "{other}");
    }
    assert!(backups::remove_expired(&folder, MADE).unwrap().is_empty());

    Store::open(&path).await.unwrap().store.close().await;
    assert!(!unfinished.exists());
}

#[tokio::test]
async fn going_back_to_what_was_set_aside_brings_its_log_along_and_logs_everybody_out() {
    let (folder, database, store) = place().await;
    insert(&store, &agent(1, "in the log only")).await;
    store.logins().create(&login(1)).await.unwrap();
    store.logins().create_link(&[2; 32], &link(Role::Owner), T).await.unwrap();
    store.tokens().create(&token(3)).await.unwrap();
    store.session_tokens().put(&terminal(1, 0), &[4; 32], T).await.unwrap();
    store.audit().append(&[event(1)]).await.unwrap();
    // As after a crash: the last changes are in the log.
    let aside = folder.path().join("set-aside.db");
    for ending in ["", "-wal"] {
        let name = |file: &Path| PathBuf::from(format!("{}{ending}", file.display()));
        fs::copy(name(&database), name(&aside)).unwrap();
    }
    store.close().await;
    let restored = backups::restore(&database, &aside, MADE).await.unwrap();
    assert_eq!(restored.left_behind, None);
    let store = Store::open(&database).await.unwrap().store;
    let names: Vec<String> =
        store.agents().list().await.unwrap().into_iter().map(|agent| agent.settings.name).collect();
    assert_eq!(names, ["in the log only"]);
    assert_eq!(store.logins().by_token_hash(&[1; 32]).await.unwrap(), None);
    let link = store.logins().redeem_link(&[2; 32], T).await.unwrap_err();
    assert!(matches!(link, StoreError::LinkUnknown));
    assert_eq!(store.tokens().by_hash(&[3; 32]).await.unwrap(), None);
    assert_eq!(store.session_tokens().by_hash(&[4; 32]).await.unwrap(), None);
    assert_eq!(store.audit().verify().await.unwrap().entries, 1);
}

fn throttle(key: &str, failures: u32) -> (String, Throttle) {
    (key.into(), Throttle { failures, blocked_until_ms: T + 1, last_ms: T })
}

async fn note(store: &Store, numbers: std::ops::Range<i64>) -> Entry {
    let events: Vec<_> = numbers.map(event).collect();
    store.audit().append(&events).await.unwrap().pop().unwrap()
}

async fn sign(store: &Store, entry: &Entry) {
    let head = Head { seq: entry.seq, at_ms: T, hash: entry.hash, signature: vec![5; 64] };
    store.audit().add_head(&head).await.unwrap();
}

/// A trail, a backup of it, and what was written since.
async fn trail(store: &Store, path: &Path) -> Backup {
    store.instance().id_or("abcd2345").await.unwrap();
    sign(store, &note(store, 0..700).await).await;
    store.throttle().save(&[throttle("all", 1), throttle("forgotten", 9)]).await.unwrap();
    let backup = store.back_up(&backups::folder_of(path), MADE).await.unwrap();
    let last = note(store, 700..2_000).await;
    sign(store, &last).await;
    store.logins().create(&login(1)).await.unwrap();
    store.throttle().save(&[throttle("all", 7), throttle("new", 2)]).await.unwrap();
    backup
}

#[tokio::test]
async fn going_back_makes_no_trail_shorter_and_forgives_no_failure() {
    let (_folder, path, store) = place().await;
    let backup = trail(&store, &path).await;
    let last = store.audit().last().await.unwrap();
    let heads = store.audit().heads(9).await.unwrap();
    let mut counts = store.throttle().load_all().await.unwrap();
    counts.sort_by(|(one, _), (other, _)| one.cmp(other));
    store.close().await;

    let mut from = PathBuf::from(&backup.path);
    // Back, and forth again by way of what was set aside.
    for round in 0..2 {
        let restored = backups::restore(&path, &from, MADE + round).await.unwrap();
        assert_eq!(restored.left_behind, None);
        let store = Store::open(&path).await.unwrap().store;
        assert_eq!(store.audit().last().await.unwrap(), last);
        assert_eq!(store.audit().heads(9).await.unwrap(), heads);
        assert_eq!(store.audit().verify().await.unwrap().entries, 2_000);
        let mut carried = store.throttle().load_all().await.unwrap();
        carried.sort_by(|(one, _), (other, _)| one.cmp(other));
        assert_eq!(carried, counts);
        // Who was let in since is out, but it is not forgotten that there was somebody.
        assert!(store.logins().all().await.unwrap().is_empty());
        assert_eq!(store.instance().claimed_at_ms().await.unwrap(), Some(T));
        let name = from.file_name().unwrap().to_str().unwrap();
        assert_eq!(store.instance().restored_from().await.unwrap().as_deref(), Some(name));
        store.instance().forget_restore().await.unwrap();
        assert_eq!(store.instance().restored_from().await.unwrap(), None);
        store.close().await;
        from = restored.aside.unwrap();
    }
}

/// Writes into the trail past what guards it.
async fn meddle(path: &Path, damage: &'static str) {
    let options = SqliteConnectOptions::new().filename(path).foreign_keys(false);
    let mut connection = options.connect().await.unwrap();
    let triggers: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    for trigger in triggers {
        let away = AssertSqlSafe(format!("DROP TRIGGER {trigger}"));
        sqlx::query(away).execute(&mut connection).await.unwrap();
    }
    sqlx::raw_sql(damage).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_carried_is_told_and_stops_nothing() {
    for (damage, kept, is_told) in [
        ("", 700, true),
        ("DELETE FROM audit WHERE seq = 1500", 700 + 500, true),
        ("UPDATE audit SET object = 'another' WHERE seq = 1500", 700 + 500, true),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 700", 700, true),
        // A trail that was cut looks like one of before the backup.
        ("DELETE FROM audit_heads; DELETE FROM audit WHERE seq > 600", 700, false),
    ] {
        let (folder, path, store) = place().await;
        let backup = trail(&store, &path).await;
        store.close().await;
        if damage.is_empty() {
            fs::write(&path, "no database any more").unwrap();
        } else {
            meddle(&path, damage).await;
        }
        let restored = backups::restore(&path, Path::new(&backup.path), MADE).await.unwrap();
        assert_eq!(restored.left_behind.is_some(), is_told, "{damage}: {restored:?}");
        let store = Store::open(&path).await.unwrap().store;
        assert_eq!(store.audit().verify().await.unwrap().entries, kept, "{damage}");
        store.close().await;
        assert!(!names(folder.path()).iter().any(|name| name.contains(".read")), "{damage}");
    }
}
