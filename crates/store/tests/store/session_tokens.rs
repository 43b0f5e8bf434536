//! One token per terminal, dead when its session is.

use store::Store;
use tempfile::TempDir;

use crate::samples::{T, terminal};

#[tokio::test]
async fn a_terminal_has_one_token_and_a_new_one_ends_the_old() {
    let store = Store::memory().await.unwrap();
    let tokens = store.session_tokens();
    tokens.put(&terminal(1, 0), &[1; 32], T).await.unwrap();
    tokens.put(&terminal(1, 2), &[2; 32], T).await.unwrap();
    assert_eq!(tokens.by_hash(&[1; 32]).await.unwrap(), Some(terminal(1, 0)));
    assert_eq!(tokens.by_hash(&[2; 32]).await.unwrap(), Some(terminal(1, 2)));

    tokens.put(&terminal(1, 0), &[3; 32], T + 1).await.unwrap();
    assert_eq!(tokens.by_hash(&[1; 32]).await.unwrap(), None);
    assert_eq!(tokens.by_hash(&[3; 32]).await.unwrap(), Some(terminal(1, 0)));

    for _ in 0..2 {
        tokens.remove(&terminal(1, 0)).await.unwrap();
    }
    assert_eq!(tokens.by_hash(&[3; 32]).await.unwrap(), None);
    assert_eq!(tokens.by_hash(&[2; 32]).await.unwrap(), Some(terminal(1, 2)));
}

#[tokio::test]
async fn only_those_of_living_sessions_are_kept() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    let store = Store::open(&path).await.unwrap().store;
    for number in 0..4 {
        let hash = [u8::try_from(number).unwrap(); 32];
        store.session_tokens().put(&terminal(1, number), &hash, T).await.unwrap();
    }
    store.close().await;

    let store = Store::open(&path).await.unwrap().store;
    let tokens = store.session_tokens();
    let living = [terminal(1, 2), terminal(7, 0), terminal(1, 0)];
    assert_eq!(tokens.keep_only(&living).await.unwrap(), 2);
    for (number, kept) in [(0, true), (1, false), (2, true), (3, false)] {
        let found = tokens.by_hash(&[number; 32]).await.unwrap();
        assert_eq!(found.is_some(), kept, "{number}");
    }
    assert_eq!(tokens.keep_only(&[]).await.unwrap(), 2);
    store.close().await;
}
