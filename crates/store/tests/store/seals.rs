//! Rows that another program wrote are not believed.

use domain::audit::Entry;
use domain::throttle::Throttle;
use protocol::access::Role;
use protocol::access::audit::AuditQuery;
use protocol::agents::history::HistoryQuery;
use protocol::error::ApiError;
use protocol::terminals::ScreenText;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use store::audit::Head;
use store::{Store, StoreError};
use tempfile::TempDir;

use crate::samples::{T, agent, event, id, insert, link, login, terminal, token};

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
    ("logins", "UPDATE logins SET role = 'owner'"),
    ("login_links", "UPDATE login_links SET role = 'owner'"),
    ("login_links", "UPDATE login_links SET made_by = 'login-1'"),
    ("instance", "UPDATE instance SET claimed_at_ms = 5"),
    ("tokens", "UPDATE tokens SET role = 'operator'"),
    ("session_tokens", "UPDATE session_tokens SET terminal = substr(terminal, 1, 25) || '9'"),
    ("throttle", "UPDATE throttle SET failures = 0"),
    ("audit", "UPDATE audit SET seal = seal + 1"),
    ("audit_heads", "UPDATE audit_heads SET seal = seal + 1"),
];

/// One row in each table of who may do what.
async fn fill_access(store: &Store) {
    store.logins().create_link(&[7; 32], &link(Role::Viewer), T).await.unwrap();
    store.logins().create(&login(1)).await.unwrap();
    store.tokens().create(&token(3)).await.unwrap();
    store.session_tokens().put(&terminal(1, 0), &[4; 32], T).await.unwrap();
    let throttle = Throttle { failures: 9, blocked_until_ms: T + 1, last_ms: T };
    store.throttle().save(&[("all".into(), throttle)]).await.unwrap();
    let Entry { seq, hash, .. } = store.audit().append(&[event(1)]).await.unwrap().remove(0);
    let head = Head { seq, at_ms: T, hash, signature: vec![5; 64] };
    store.audit().add_head(&head).await.unwrap();
}

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
        fill_access(&store).await;

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
            "login_links" => store.logins().redeem_link(&[7; 32], T).await.map(drop),
            "tokens" => store.tokens().by_hash(&[3; 32]).await.map(drop),
            "session_tokens" => store.session_tokens().by_hash(&[4; 32]).await.map(drop),
            "throttle" => store.throttle().load_all().await.map(drop),
            "audit" => store.audit().page(AuditQuery::default()).await.map(drop),
            "audit_heads" => store.audit().heads(1).await.map(drop),
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
