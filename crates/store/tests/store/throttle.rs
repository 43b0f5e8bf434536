//! Counted attempts outlive a restart, and are bounded.

use domain::throttle::{KEPT, Throttle};
use store::Store;
use tempfile::TempDir;

use crate::samples::T;

fn throttle(failures: u32) -> Throttle {
    let last_ms = T + i64::from(failures);
    Throttle { failures, blocked_until_ms: last_ms + 1_000, last_ms }
}

async fn stored(store: &Store) -> Vec<(String, Throttle)> {
    let mut rows = store.throttle().load_all().await.unwrap();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    rows
}

#[tokio::test]
async fn a_restart_forgives_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    let store = Store::open(&path).await.unwrap().store;
    let row = |key: &str, failures| (key.to_owned(), throttle(failures));
    let first = [row("account link", 1), row("address it's \"10.0.0.1\"", u32::MAX)];
    store.throttle().save(&first).await.unwrap();
    store.throttle().save(&[row("account link", 2), row("all", 3)]).await.unwrap();
    store.throttle().save(&[]).await.unwrap();
    store.close().await;

    let store = Store::open(&path).await.unwrap().store;
    let expected = [row("account link", 2), first[1].clone(), row("all", 3)];
    assert_eq!(stored(&store).await, expected);
    store.close().await;
}

#[tokio::test]
async fn the_oldest_go() {
    let store = Store::memory().await.unwrap();
    let count = u32::try_from(KEPT).unwrap() + 20;
    let rows: Vec<_> =
        (0..count).map(|number| (format!("address {number:05}"), throttle(number))).collect();
    let (late, early) = rows.split_at(rows.len() / 2);
    store.throttle().save(early).await.unwrap();
    store.throttle().save(late).await.unwrap();
    assert_eq!(stored(&store).await, rows[20..]);
}
