//! Tokens of scripts: found by their hash, listed, ended.

use protocol::access::Role;
use protocol::error::{ApiError, ErrorCode};
use store::tokens::Token;
use store::{Store, StoreError};

use crate::samples::{T, token};

#[tokio::test]
async fn a_token_is_found_by_its_hash_until_it_is_revoked() {
    let store = Store::memory().await.unwrap();
    let tokens = store.tokens();
    let lasting = Token { expires_at_ms: None, role: Role::Operator, ..token(2) };
    tokens.create(&token(1)).await.unwrap();
    tokens.create(&lasting).await.unwrap();
    assert_eq!(tokens.by_hash(&[1; 32]).await.unwrap(), Some(token(1)));
    assert_eq!(tokens.by_hash(&[2; 32]).await.unwrap(), Some(lasting));
    assert_eq!(tokens.by_hash(&[3; 32]).await.unwrap(), None);

    assert_eq!(tokens.revoke("token-1").await.unwrap(), token(1));
    assert_eq!(tokens.by_hash(&[1; 32]).await.unwrap(), None);
    let error = ApiError::from(tokens.revoke("token-1").await.unwrap_err());
    assert_eq!(error.code, ErrorCode::NotFound);
    assert_eq!(
        error.message,
        "There is no such token. It may have been revoked: look at the list again."
    );
}

#[tokio::test]
async fn names_are_unique_until_they_are_free_again() {
    let store = Store::memory().await.unwrap();
    let tokens = store.tokens();
    tokens.create(&token(1)).await.unwrap();
    let second = Token { name: token(1).name, ..token(2) };
    let taken = tokens.create(&second).await.unwrap_err();
    assert!(matches!(&taken, StoreError::TokenNameTaken { name } if *name == second.name));
    let error = ApiError::from(taken);
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::Conflict, Some("name")));
    tokens.revoke("token-1").await.unwrap();
    tokens.create(&second).await.unwrap();
}

#[tokio::test]
async fn tokens_are_listed_newest_first_and_know_when_they_were_used() {
    let store = Store::memory().await.unwrap();
    let tokens = store.tokens();
    for number in 1..=3 {
        let created_at_ms = T + i64::from(number % 3);
        tokens.create(&Token { created_at_ms, ..token(number) }).await.unwrap();
    }
    for now_ms in [T + 9, T + 5] {
        tokens.touch("token-1", now_ms).await.unwrap();
    }
    tokens.touch("gone", T).await.unwrap();
    let all = tokens.all().await.unwrap();
    let facts: Vec<_> =
        all.iter().map(|token| (token.id.as_str(), token.last_used_at_ms)).collect();
    assert_eq!(facts, [("token-2", None), ("token-1", Some(T + 9)), ("token-3", None)]);
}

#[tokio::test]
async fn no_token_is_an_owners() {
    let store = Store::memory().await.unwrap();
    let owner = Token { role: Role::Owner, ..token(1) };
    assert!(store.tokens().create(&owner).await.is_err());
    assert!(store.tokens().all().await.unwrap().is_empty());
}

#[test]
fn a_token_works_until_not_including_the_moment_it_expires() {
    assert!(!token(1).is_expired(T + 999));
    assert!(token(1).is_expired(T + 1_000));
    assert!(!Token { expires_at_ms: None, ..token(1) }.is_expired(i64::MAX));
}
