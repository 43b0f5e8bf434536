//! Rows that another program wrote are not believed.

use protocol::agents::history::HistoryQuery;
use protocol::error::ApiError;
use protocol::terminals::ScreenText;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use store::logins::Login;
use store::{Store, StoreError};
use tempfile::TempDir;

use crate::samples::{T, agent, id, insert, terminal};

/// Each statement changes one value of one row, and leaves its seal.
const MEDDLING: &[(&str, &str)] = &[
    ("instance", "UPDATE instance SET boot_id = 'x'"),
    ("agents", "UPDATE agents SET created_at_ms = created_at_ms + 1 WHERE name = 'b'"),
    ("agents", "UPDATE agents SET name = name || ' '"),
    ("agents", "UPDATE agents SET trashed_at_ms = 5"),
    ("agent_versions", "UPDATE agent_versions SET settings = replace(settings, '/srv', '/tmp')"),
    ("agent_history", "UPDATE agent_history SET at_ms = 0 WHERE seq = 2"),
    ("terminals", "UPDATE terminals SET name = 'Shall'"),
    ("screens", "UPDATE screens SET lines = '[\"rm\"]'"),
    ("login_links", "UPDATE login_links SET expires_at_ms = expires_at_ms + 1000000"),
    ("logins", "UPDATE logins SET secret_hash = zeroblob(32)"),
    ("logins", "UPDATE logins SET seal = seal + 1"),
];

#[tokio::test]
async fn a_row_with_a_broken_seal_is_never_served() {
    for (table, meddling) in MEDDLING {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("maestro.db");
        let store = Store::open(&path).await.unwrap().store;
        store.instance().id_or("abcd2345").await.unwrap();
        insert(&store, &agent(1, "a")).await;
        insert(&store, &agent(2, "b")).await;
        store.terminals().save_screen(&terminal(2, 0), &ScreenText::default()).await.unwrap();
        store.logins().create_link(&[7; 32], T).await.unwrap();
        let login = Login {
            id: "login".into(),
            token_hash: [1; 32],
            secret_hash: [2; 32],
            times: domain::logins::LoginTimes { created_at_ms: T, last_seen_at_ms: T },
            user_agent: "browser".into(),
        };
        store.logins().create(&login).await.unwrap();

        let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(*meddling)).execute(&mut other).await.unwrap();
        other.close().await.unwrap();

        // While it runs: an error, and one that keeps what is inside for the log.
        let served = match *table {
            "instance" => store.instance().boot_id().await.map(drop),
            "agents" if meddling.contains("trashed") => store.agents().trashed().await.map(drop),
            "agents" | "terminals" => store.agents().list().await.map(drop),
            "agent_versions" => store.agents().versions(&id(2)).await.map(drop),
            "agent_history" => {
                store.agents().history(&id(2), HistoryQuery::default()).await.map(drop)
            }
            "screens" => store.terminals().screen(&terminal(2, 0)).await.map(drop),
            "login_links" => store.logins().redeem_link(&[7; 32], T).await,
            _ => store.logins().by_token_hash(&[1; 32]).await.map(drop),
        };
        let damaged = served.expect_err(meddling);
        assert!(
            matches!(&damaged, StoreError::Damaged { what } if what.starts_with(table)),
            "{meddling}: {damaged}"
        );
        assert_eq!(ApiError::from(damaged), ApiError::internal());
        store.close().await;

        // And at the next start.
        let refusal = Store::open(&path).await.expect_err(meddling).to_string();
        assert!(refusal.contains(&format!(" of {table} was changed: its seal is broken")));
    }
}

#[tokio::test]
async fn damage_is_not_sealed_anew_by_a_change() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    let store = Store::open(&path).await.unwrap().store;
    insert(&store, &agent(1, "a")).await;
    let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::raw_sql("UPDATE agents SET name = 'z'").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let changes = [
        store.agents().set_conversation(&id(1), "c").await,
        store.agents().trash(&id(1), T).await,
        store.terminals().add(&id(1), "t", T).await.map(drop),
    ];
    for change in changes {
        assert!(matches!(change, Err(StoreError::Damaged { .. })));
    }
    store.close().await;
    assert!(matches!(Store::open(&path).await, Err(StoreError::Corrupt { .. })));
}
