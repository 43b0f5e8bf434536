//! Links work once, logins end when they should.

use domain::logins::{ABSOLUTE_MS, IDLE_MS, LINK_LIFETIME_MS, LoginTimes};
use protocol::error::{ApiError, ErrorCode};
use store::logins::{Login, TokenHash};
use store::{Store, StoreError};
use tempfile::TempDir;

const T: i64 = 1_700_000_000_000;
const LINK: TokenHash = [7; 32];

fn login(number: u8) -> Login {
    Login {
        id: format!("login-{number}"),
        token_hash: [number; 32],
        secret_hash: [number.wrapping_add(100); 32],
        times: LoginTimes { created_at_ms: T, last_seen_at_ms: T },
        user_agent: "Mozilla/5.0 (it's; \"nasty\") \u{1f98a}".into(),
    }
}

fn sentence(outcome: Result<(), StoreError>) -> String {
    let error = ApiError::from(outcome.unwrap_err());
    assert_eq!(error.code, ErrorCode::Unauthenticated);
    error.message
}

#[tokio::test]
async fn a_link_works_once_and_says_why_it_does_not() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    assert_eq!(logins.create_link(&LINK, T).await.unwrap(), T + LINK_LIFETIME_MS);
    logins.redeem_link(&LINK, T + LINK_LIFETIME_MS - 1).await.unwrap();
    assert_eq!(
        sentence(logins.redeem_link(&LINK, T + 1).await),
        "This login link was used already. Run “maestro login-link” for a new one."
    );
    let late: TokenHash = [8; 32];
    logins.create_link(&late, T).await.unwrap();
    assert_eq!(
        sentence(logins.redeem_link(&late, T + LINK_LIFETIME_MS).await),
        "This login link is too old. Run “maestro login-link” for a new one."
    );
    assert_eq!(
        sentence(logins.redeem_link(&[9; 32], T).await),
        "This login link is not known. Run “maestro login-link” for a new one."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_use_a_link_at_once_one_gets_in() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    let store = Store::open(&path).await.unwrap().store;
    // A second process would have its own connection.
    let other = Store::open(&path).await.unwrap().store;
    for round in 0..20 {
        let link: TokenHash = [round; 32];
        store.logins().create_link(&link, T).await.unwrap();
        let redeem = |store: Store| {
            tokio::spawn(async move { store.logins().redeem_link(&link, T + 1).await })
        };
        let tries = [&store, &other, &store, &other].map(|store| redeem(store.clone()));
        let mut winners = 0;
        for outcome in tries {
            match outcome.await.unwrap() {
                Ok(()) => winners += 1,
                refused => assert!(sentence(refused).contains("used already")),
            }
        }
        assert_eq!(winners, 1, "round {round}");
    }
    other.close().await;
    store.close().await;
}

#[tokio::test]
async fn a_login_is_found_by_its_token_until_it_is_deleted() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    logins.create(&login(1)).await.unwrap();
    logins.create(&login(2)).await.unwrap();
    assert_eq!(logins.by_token_hash(&[1; 32]).await.unwrap(), Some(login(1)));
    assert_eq!(logins.by_token_hash(&[3; 32]).await.unwrap(), None);

    logins.delete("login-1").await.unwrap();
    logins.delete("login-1").await.unwrap();
    assert_eq!(logins.by_token_hash(&[1; 32]).await.unwrap(), None);
    assert_eq!(logins.by_token_hash(&[2; 32]).await.unwrap(), Some(login(2)));
}

#[tokio::test]
async fn use_moves_the_last_time_forward_only() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    logins.create(&login(1)).await.unwrap();
    for now_ms in [T + 5, T + 3] {
        logins.touch("login-1", now_ms).await.unwrap();
    }
    logins.touch("gone", T).await.unwrap();
    let times = logins.by_token_hash(&[1; 32]).await.unwrap().unwrap().times;
    assert_eq!(times, LoginTimes { created_at_ms: T, last_seen_at_ms: T + 5 });
}

#[tokio::test]
async fn what_is_over_is_purged_and_nothing_else() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    let busy = Login {
        times: LoginTimes { created_at_ms: T, last_seen_at_ms: T + ABSOLUTE_MS - 1 },
        ..login(2)
    };
    logins.create_link(&LINK, T).await.unwrap();
    logins.create(&login(1)).await.unwrap();
    logins.create(&busy).await.unwrap();

    assert_eq!(logins.purge_expired(T + LINK_LIFETIME_MS - 1).await.unwrap(), 0);
    assert_eq!(logins.purge_expired(T + LINK_LIFETIME_MS).await.unwrap(), 1);
    assert_eq!(logins.purge_expired(T + IDLE_MS - 1).await.unwrap(), 0);
    assert_eq!(logins.purge_expired(T + IDLE_MS).await.unwrap(), 1);
    assert_eq!(logins.purge_expired(T + ABSOLUTE_MS - 1).await.unwrap(), 0);
    assert_eq!(logins.purge_expired(T + ABSOLUTE_MS).await.unwrap(), 1);
}
