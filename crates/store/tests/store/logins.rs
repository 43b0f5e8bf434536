//! Links work once, logins end when they should.

use domain::logins::{ABSOLUTE_MS, IDLE_MS, LINK_LIFETIME_MS, LoginTimes};
use protocol::access::Role;
use protocol::error::{ApiError, ErrorCode};
use store::logins::{Link, Login, TokenHash};
use store::{Store, StoreError};
use tempfile::TempDir;

use crate::samples::{T, link, login, token};

const LINK: TokenHash = [7; 32];

fn sentence(outcome: Result<Link, StoreError>) -> String {
    let error = ApiError::from(outcome.unwrap_err());
    assert_eq!(error.code, ErrorCode::Unauthenticated);
    error.message
}

#[tokio::test]
async fn a_link_works_once_and_says_why_it_does_not() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    assert_eq!(
        logins.create_link(&LINK, &link(Role::Owner), T).await.unwrap(),
        T + LINK_LIFETIME_MS
    );
    logins.redeem_link(&LINK, T + LINK_LIFETIME_MS - 1).await.unwrap();
    assert_eq!(
        sentence(logins.redeem_link(&LINK, T + 1).await),
        "This login link was used already. Run “maestro login-link” for a new one."
    );
    let late: TokenHash = [8; 32];
    logins.create_link(&late, &link(Role::Owner), T).await.unwrap();
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
        let token: TokenHash = [round; 32];
        store.logins().create_link(&token, &link(Role::Owner), T).await.unwrap();
        let redeem = |store: Store| {
            tokio::spawn(async move { store.logins().redeem_link(&token, T + 1).await })
        };
        let tries = [&store, &other, &store, &other].map(|store| redeem(store.clone()));
        let mut winners = 0;
        for outcome in tries {
            match outcome.await.unwrap() {
                Ok(_) => winners += 1,
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
    assert_eq!(times, LoginTimes { last_seen_at_ms: T + 5, ..LoginTimes::begun_at(T) });
}

#[tokio::test]
async fn what_is_over_is_purged_and_nothing_else() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    let busy = Login {
        times: LoginTimes { last_seen_at_ms: T + ABSOLUTE_MS - 1, ..login(2).times },
        ..login(2)
    };
    logins.create_link(&LINK, &link(Role::Owner), T).await.unwrap();
    logins.create(&login(1)).await.unwrap();
    logins.create(&busy).await.unwrap();

    assert_eq!(logins.purge_expired(T + LINK_LIFETIME_MS - 1).await.unwrap(), 0);
    assert_eq!(logins.purge_expired(T + LINK_LIFETIME_MS).await.unwrap(), 1);
    assert_eq!(logins.purge_expired(T + IDLE_MS - 1).await.unwrap(), 0);
    assert_eq!(logins.purge_expired(T + IDLE_MS).await.unwrap(), 1);
    assert_eq!(logins.purge_expired(T + ABSOLUTE_MS - 1).await.unwrap(), 0);
    assert_eq!(logins.purge_expired(T + ABSOLUTE_MS).await.unwrap(), 1);
}

#[tokio::test]
async fn a_link_tells_what_it_is_good_for() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    for (number, role) in (1..).zip(Role::ALL) {
        logins.create_link(&[number; 32], &link(role), T).await.unwrap();
        assert_eq!(logins.find_link(&[number; 32], T).await.unwrap(), link(role));
        assert_eq!(logins.redeem_link(&[number; 32], T).await.unwrap(), link(role));
        let used = logins.find_link(&[number; 32], T).await;
        assert!(sentence(used).contains("used already"));
    }
}

#[tokio::test]
async fn logins_are_listed_by_their_last_use() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    for number in 1..=3 {
        logins.create(&login(number)).await.unwrap();
    }
    logins.touch("login-2", T + 9).await.unwrap();
    let ids: Vec<_> = logins.all().await.unwrap().into_iter().map(|login| login.id).collect();
    assert_eq!(ids, ["login-2", "login-3", "login-1"]);
    assert_eq!(logins.all().await.unwrap()[1], login(3));
}

#[tokio::test]
async fn a_login_is_renamed_changes_its_role_and_proves_who_it_is() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    logins.create(&login(1)).await.unwrap();
    logins.create(&login(2)).await.unwrap();
    let times = LoginTimes { fresh_at_ms: T + 7, ..login(1).times };
    logins.rename("login-1", "Ada's phone").await.unwrap();
    logins.set_role("login-1", Role::Viewer, T).await.unwrap();
    let now = logins.set_fresh("login-1", T + 7).await.unwrap();
    let expected = Login { name: "Ada's phone".into(), role: Role::Viewer, times, ..login(1) };
    assert_eq!(now, expected);
    assert_eq!(logins.by_token_hash(&[1; 32]).await.unwrap(), Some(expected));
    assert_eq!(logins.by_token_hash(&[2; 32]).await.unwrap(), Some(login(2)));

    for refused in [
        logins.rename("gone", "x").await,
        logins.set_role("gone", Role::Viewer, T).await,
        logins.set_fresh("gone", T).await,
    ] {
        let error = ApiError::from(refused.unwrap_err());
        assert_eq!(error.code, ErrorCode::NotFound);
        assert_eq!(
            error.message,
            "There is no such device. It may have been logged out: look at the list again."
        );
    }
}

#[tokio::test]
async fn links_end_with_the_device_that_made_them_or_with_what_it_may_do() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    let owner = |number| Login { role: Role::Owner, ..login(number) };
    let of = |maker: &str| Link { role: Role::Owner, made_by: Some(maker.into()) };
    for number in 1..=3 {
        logins.create(&owner(number)).await.unwrap();
        logins.create_link(&[number; 32], &of(&format!("login-{number}")), T).await.unwrap();
    }
    logins.create_link(&LINK, &link(Role::Owner), T).await.unwrap();
    logins.delete("login-1").await.unwrap();
    logins.set_role("login-2", Role::Operator, T).await.unwrap();
    logins.rename("login-3", "another name").await.unwrap();
    for gone in [1, 2] {
        assert!(sentence(logins.redeem_link(&[gone; 32], T).await).contains("not known"));
    }
    assert_eq!(logins.redeem_link(&[3; 32], T).await.unwrap(), of("login-3"));
    assert_eq!(logins.redeem_link(&LINK, T).await.unwrap(), link(Role::Owner));
}

#[tokio::test]
async fn who_may_do_more_proves_anew_who_it_is() {
    let store = Store::memory().await.unwrap();
    store.logins().create(&login(1)).await.unwrap();
    let less = store.logins().set_role("login-1", Role::Viewer, T).await.unwrap();
    assert!(less.times.is_fresh(T));
    let more = store.logins().set_role("login-1", Role::Owner, T).await.unwrap();
    assert!(!more.times.is_fresh(T));
}

#[tokio::test]
async fn that_somebody_was_let_in_outlasts_who_it_was() {
    let claimed = async |store: &Store| store.instance().claimed_at_ms().await.unwrap();
    for by_token in [false, true] {
        let store = Store::memory().await.unwrap();
        store.instance().id_or("abcd2345").await.unwrap();
        assert_eq!(claimed(&store).await, None);
        store.logins().create_link(&LINK, &link(Role::Owner), T).await.unwrap();
        assert_eq!(claimed(&store).await, None);
        if by_token {
            store.tokens().create(&token(1)).await.unwrap();
            store.tokens().revoke("token-1").await.unwrap();
        } else {
            store.logins().create(&login(1)).await.unwrap();
            store.logins().purge_expired(T + ABSOLUTE_MS).await.unwrap();
        }
        assert_eq!(claimed(&store).await, Some(T));
        let later = Login { times: LoginTimes::begun_at(T + 9), ..login(2) };
        store.logins().create(&later).await.unwrap();
        assert_eq!(claimed(&store).await, Some(T));
        store.instance().set_boot_id("boot").await.unwrap();
        assert_eq!(claimed(&store).await, Some(T));
    }
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let store = Store::memory().await.unwrap();
    let logins = store.logins();
    let owner = |number| Login { role: Role::Owner, ..login(number) };
    logins.create(&owner(1)).await.unwrap();
    logins.create(&login(2)).await.unwrap();
    let refused = logins.set_role("login-1", Role::Operator, T).await.unwrap_err();
    assert!(matches!(&refused, StoreError::LastOwner { name } if *name == login(1).name));
    assert_eq!(ApiError::from(refused).code, ErrorCode::Conflict);
    // The same role is no change.
    logins.set_role("login-1", Role::Owner, T).await.unwrap();

    // One whose login is over is no owner any more.
    logins.create(&owner(3)).await.unwrap();
    logins.touch("login-1", T + IDLE_MS).await.unwrap();
    let later = logins.set_role("login-1", Role::Viewer, T + IDLE_MS).await;
    assert!(matches!(later, Err(StoreError::LastOwner { .. })));
    logins.set_role("login-1", Role::Viewer, T + IDLE_MS - 1).await.unwrap();
    assert!(logins.set_role("login-3", Role::Viewer, T).await.is_err());
}

#[tokio::test]
async fn of_two_owners_who_step_down_at_once_one_stays() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("maestro.db")).await.unwrap().store;
    for round in 0..10 {
        for number in [round * 2, round * 2 + 1] {
            let owner = Login { role: Role::Owner, ..login(number) };
            store.logins().create(&owner).await.unwrap();
        }
        let step_down = |number: u8| {
            let store = store.clone();
            async move {
                let id = format!("login-{number}");
                store.logins().set_role(&id, Role::Viewer, T).await
            }
        };
        let (one, two) = tokio::join!(step_down(round * 2), step_down(round * 2 + 1));
        assert!(one.is_ok() != two.is_ok(), "round {round}");
        for number in [round * 2, round * 2 + 1] {
            store.logins().delete(&format!("login-{number}")).await.unwrap();
        }
    }
    store.close().await;
}
