//! The audit trail: it grows, it is read in parts, and nobody changes it unnoticed.

use std::path::{Path, PathBuf};

use domain::audit::{BadEntry, Entry, TEXT_CHARS, Wrong, verify};
use futures_util::TryStreamExt;
use protocol::access::audit::{AuditQuery, Outcome};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use store::audit::{Checked, Head};
use store::{Store, StoreError};
use tempfile::TempDir;

use crate::samples::{T, event};

async fn place() -> (TempDir, PathBuf, Store) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    let store = Store::open(&path).await.unwrap().store;
    (folder, path, store)
}

async fn all(store: &Store) -> Vec<Entry> {
    store.audit().stream(1).try_collect().await.unwrap()
}

fn head(entry: &Entry) -> Head {
    Head { seq: entry.seq, at_ms: T, hash: entry.hash, signature: vec![9; 64] }
}

/// Lets somebody with the file at it; returns what SQLite says.
async fn meddle(path: &Path, sql: &str) -> Result<(), sqlx::Error> {
    let mut other =
        SqliteConnectOptions::new().filename(path).foreign_keys(false).connect().await.unwrap();
    let outcome = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut other).await;
    other.close().await.unwrap();
    outcome.map(drop)
}

#[tokio::test]
async fn entries_are_chained_over_restarts() {
    let (_folder, path, store) = place().await;
    assert_eq!(store.audit().append(&[]).await.unwrap(), []);
    assert_eq!(store.audit().last().await.unwrap(), None);
    let nothing = Checked { entries: 0, head: None, broken: None };
    assert_eq!(store.audit().verify().await.unwrap(), nothing);
    let first = store.audit().append(&[event(1), event(2)]).await.unwrap();
    store.close().await;

    let store = Store::open(&path).await.unwrap().store;
    let second = store.audit().append(&[event(3)]).await.unwrap();
    let entries = all(&store).await;
    assert_eq!(entries, [first, second].concat());
    for (number, entry) in (1..).zip(&entries) {
        assert_eq!((entry.seq, &entry.event), (number, &event(number)));
    }
    assert_eq!(verify(&entries), Ok(entries[2].hash));
    let checked = Checked { entries: 3, head: Some(entries[2].hash), broken: None };
    assert_eq!(store.audit().verify().await.unwrap(), checked);
    assert_eq!(store.audit().last().await.unwrap().as_ref(), entries.last());
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_write_at_once_make_one_chain() {
    let (_folder, path, store) = place().await;
    // A second process would have its own connection.
    let other = Store::open(&path).await.unwrap().store;
    let writers = (0..20).map(|writer| {
        let store = if writer % 2 == 0 { store.clone() } else { other.clone() };
        tokio::spawn(async move {
            for number in 0..5 {
                let events = [event(writer), event(number)];
                let entries = store.audit().append(&events).await.unwrap();
                assert_eq!(entries[1].seq, entries[0].seq + 1);
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let checked = store.audit().verify().await.unwrap();
    assert_eq!((checked.entries, checked.broken), (200, None));
    other.close().await;
    store.close().await;
}

#[tokio::test]
async fn the_trail_is_read_in_parts() {
    let store = Store::memory().await.unwrap();
    let events: Vec<_> = (1..=1_203).map(event).collect();
    store.audit().append(&events).await.unwrap();
    let seqs = |entries: Vec<Entry>| entries.iter().map(|entry| entry.seq).collect::<Vec<_>>();
    let page = async |before, limit, outcome| {
        seqs(store.audit().page(AuditQuery { before, limit, outcome }).await.unwrap())
    };

    assert_eq!(page(None, None, None).await, (1_104..=1_203).rev().collect::<Vec<_>>());
    assert_eq!(page(Some(3), None, None).await, [2, 1]);
    assert_eq!(page(Some(1), None, None).await, [0; 0]);
    assert_eq!(page(None, Some(0), None).await, [1_203]);
    assert_eq!(page(None, Some(u32::MAX), None).await.len(), 1_000);
    assert_eq!(page(Some(9), Some(2), Some(Outcome::Denied)).await, [7, 4]);
    assert_eq!(page(Some(9), Some(2), Some(Outcome::Done)).await, [6, 3]);

    for from in [0, 1, 400, 1_203, 1_204] {
        let streamed = store.audit().stream(from).try_collect().await.unwrap();
        assert_eq!(seqs(streamed), (from.max(1)..=1_203).collect::<Vec<_>>());
    }
    assert_eq!(store.audit().verify().await.unwrap().entries, 1_203);
}

#[tokio::test]
async fn long_texts_are_cut_before_they_are_chained() {
    let store = Store::memory().await.unwrap();
    let long = domain::audit::Event { detail: "é".repeat(5_000), ..event(1) };
    let entry = store.audit().append(&[long]).await.unwrap().remove(0);
    assert_eq!(entry.event.detail.chars().count(), TEXT_CHARS);
    assert_eq!(store.audit().verify().await.unwrap().broken, None);
}

#[tokio::test]
async fn the_database_refuses_to_change_what_was_written() {
    let (_folder, path, store) = place().await;
    let entries = store.audit().append(&[event(1), event(2), event(3)]).await.unwrap();
    store.audit().add_head(&head(&entries[1])).await.unwrap();
    let row = |seq| {
        format!(
            "(seq, at_ms, who, how, action, object, outcome, detail, hash, seal)
             VALUES ({seq}, 0, '', '', '', '', 'done', '', zeroblob(32), 0)"
        )
    };
    let mut tries: Vec<String> = [
        "UPDATE audit SET outcome = 'done'",
        "UPDATE audit SET seq = seq + 10",
        "UPDATE OR REPLACE audit SET seq = 2 WHERE seq = 3",
        "UPDATE audit SET hash = zeroblob(32), seal = 0",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 3",
        "UPDATE audit_heads SET hash = zeroblob(32)",
        "DELETE FROM audit_heads",
        "INSERT INTO audit_heads VALUES (1, 0, zeroblob(32), x'', 0)",
        "REPLACE INTO audit_heads VALUES (2, 0, zeroblob(32), x'', 0)",
    ]
    .map(str::to_owned)
    .into();
    for seq in ["1", "3", "5", "0", "-1"] {
        tries.push(format!("INSERT INTO audit {}", row(seq)));
        tries.push(format!("REPLACE INTO audit {}", row(seq)));
    }
    for sql in tries {
        let refused = meddle(&path, &sql).await.expect_err(&sql).to_string();
        assert!(refused.contains("the audit trail only grows"), "{sql}: {refused}");
    }
    assert_eq!(all(&store).await, entries);
    store.close().await;
    Store::open(&path).await.unwrap().store.close().await;
}

#[tokio::test]
async fn without_its_guards_the_database_is_not_opened() {
    let (_folder, path, store) = place().await;
    store.close().await;
    meddle(&path, "DROP TRIGGER audit_is_not_deleted").await.unwrap();
    let refused = Store::open(&path).await.unwrap_err().to_string();
    assert!(refused.contains("audit_is_not_deleted is missing or differs"), "{refused}");
}

const GUARDS: &str = "DROP TRIGGER audit_grows_by_one; DROP TRIGGER audit_is_not_changed;
    DROP TRIGGER audit_is_not_deleted; PRAGMA ignore_check_constraints = 1;";

#[tokio::test]
async fn whoever_gets_past_the_guards_is_found_by_the_chain() {
    let bad = |seq, wrong| Some(BadEntry { seq, wrong });
    for (sql, expected) in [
        ("SELECT 1", None),
        ("UPDATE audit SET who = 'nobody' WHERE seq = 600", bad(600, Wrong::Changed)),
        ("UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 1", bad(1, Wrong::Changed)),
        ("UPDATE audit SET outcome = 'done' WHERE seq = 601", bad(601, Wrong::Changed)),
        ("UPDATE audit SET outcome = 'great' WHERE seq = 7", bad(7, Wrong::Senseless)),
        ("UPDATE audit SET hash = x'00' WHERE seq = 7", bad(7, Wrong::Senseless)),
        ("DELETE FROM audit WHERE seq = 500", bad(500, Wrong::Missing)),
        ("DELETE FROM audit WHERE seq = 1", bad(1, Wrong::Missing)),
        ("DELETE FROM audit WHERE seq BETWEEN 400 AND 900", bad(400, Wrong::Missing)),
        (
            "DELETE FROM audit WHERE seq = 10; UPDATE audit SET seq = seq - 1 WHERE seq > 10",
            bad(10, Wrong::Changed),
        ),
        (
            "UPDATE audit SET seq = -1 WHERE seq = 10; UPDATE audit SET seq = 10 WHERE seq = 11;
             UPDATE audit SET seq = 11 WHERE seq = -1",
            bad(10, Wrong::Changed),
        ),
        ("UPDATE audit SET seq = 0 WHERE seq = 10", bad(0, Wrong::Misplaced)),
        // Cut off behind what was signed, nothing shows; before that it does.
        ("DELETE FROM audit WHERE seq > 800", None),
        ("DELETE FROM audit WHERE seq > 799", bad(800, Wrong::Missing)),
        ("DELETE FROM audit", bad(1, Wrong::Missing)),
    ] {
        let (_folder, path, store) = place().await;
        let events: Vec<_> = (1..=1_000).map(event).collect();
        let entries = store.audit().append(&events).await.unwrap();
        store.audit().add_head(&head(&entries[3])).await.unwrap();
        store.audit().add_head(&head(&entries[799])).await.unwrap();
        meddle(&path, &format!("{GUARDS} {sql}")).await.unwrap();
        let checked = store.audit().verify().await.unwrap();
        assert_eq!(checked.broken, expected, "{sql}");
        let good =
            expected.map_or(checked.entries, |bad| u64::try_from((bad.seq - 1).max(0)).unwrap());
        assert_eq!(checked.entries, good, "{sql}");
        let last_good = usize::try_from(good).unwrap().checked_sub(1).map(|at| entries[at].hash);
        assert_eq!(checked.head, last_good, "{sql}");
        store.close().await;
    }
}

#[tokio::test]
async fn a_trail_that_was_written_anew_is_not_the_one_that_was_signed() {
    let (_folder, path, store) = place().await;
    let entries = store.audit().append(&[event(1), event(2), event(3)]).await.unwrap();
    store.audit().add_head(&head(&entries[1])).await.unwrap();
    meddle(&path, &format!("{GUARDS} DELETE FROM audit")).await.unwrap();
    store.audit().append(&[event(1), event(7), event(8), event(9)]).await.unwrap();
    let checked = store.audit().verify().await.unwrap();
    assert_eq!(checked.broken, Some(BadEntry { seq: 2, wrong: Wrong::NotSigned }));
    store.close().await;
}

#[tokio::test]
async fn what_is_signed_is_in_the_trail_and_moves_forward() {
    let store = Store::memory().await.unwrap();
    let audit = store.audit();
    let entries = audit.append(&[event(1), event(2), event(3)]).await.unwrap();
    assert_eq!(audit.heads(9).await.unwrap(), []);
    assert!(audit.add_head(&head(&entries[0])).await.unwrap());
    assert!(audit.add_head(&head(&entries[2])).await.unwrap());
    // Nothing new to sign, or older: not noted, and no error.
    for entry in &entries {
        assert!(!audit.add_head(&head(entry)).await.unwrap());
    }
    assert_eq!(audit.heads(9).await.unwrap(), [head(&entries[2]), head(&entries[0])]);
    assert_eq!(audit.heads(1).await.unwrap(), [head(&entries[2])]);

    for wrong in [
        Head { hash: [1; 32], ..head(&entries[2]) },
        Head { seq: 2, ..head(&entries[2]) },
        Head { seq: 4, ..head(&entries[2]) },
    ] {
        let refused = audit.add_head(&wrong).await.unwrap_err();
        assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    }
}
