//! The first released schema, with rows as its owners have them: what the fixture
//! `fixtures/schema-1.db` was made of.

use std::path::{Path, PathBuf};

use protocol::agents::{AgentSettings, AgentState};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::samples::{NASTY, T, id};

const SCHEMA: &str = include_str!("../../migrations/0001_agents_and_logins.sql");
pub(crate) const INSTANCE: &str = "k3v7q2xa";
pub(crate) const LOGIN_TOKEN: [u8; 32] = [0x11; 32];
pub(crate) const LINK_TOKEN: [u8; 32] = [0x22; 32];
pub(crate) const USER_AGENT: &str = "Mozilla/5.0 (X11; it's \"quoted\") 🦊";

pub(crate) fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store/fixtures/schema-1.db")
}

/// An agent as the first schema knew it.
#[derive(Clone, Debug)]
pub(crate) struct OldAgent {
    pub(crate) number: usize,
    pub(crate) settings: AgentSettings,
    pub(crate) state: AgentState,
    pub(crate) created_at_ms: i64,
}

/// The agents of the fixture, in the order in which they were made.
pub(crate) fn agents() -> Vec<OldAgent> {
    let states = [
        AgentState::Hibernated,
        AgentState::Running { since_ms: T + 1 },
        AgentState::Exited { code: Some(2), at_ms: T + 2 },
        AgentState::Exited { code: None, at_ms: T + 3 },
        AgentState::Lost { at_ms: T + 4 },
    ];
    let long = ["ledger-".repeat(14).as_str(), "it", "😀".repeat(100).as_str()].map(str::to_owned);
    let names = NASTY.iter().map(|&name| name.to_owned()).chain(long);
    names
        .enumerate()
        .map(|(number, name)| {
            let text = NASTY[number % NASTY.len()].to_owned();
            let settings = AgentSettings {
                name,
                program: text.clone(),
                args: NASTY.iter().take(number).map(|&arg| arg.to_owned()).collect(),
                folder: format!("/srv/{text}"),
                note: text.repeat(number),
                ..Default::default()
            };
            let created_at_ms = T + i64::try_from(number).unwrap();
            OldAgent { number, settings, state: states[number % states.len()], created_at_ms }
        })
        .collect()
}

/// Makes a database of the first schema, as that version did.
pub(crate) async fn make(path: &Path, agents: &[OldAgent]) {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .connect()
        .await
        .unwrap();
    let mut transaction = connection.begin().await.unwrap();
    sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await.unwrap();
    insert(&mut transaction, agents).await;
    transaction.commit().await.unwrap();
    connection.close().await.unwrap();
}

async fn insert(connection: &mut SqliteConnection, agents: &[OldAgent]) {
    sqlx::query("INSERT INTO instance VALUES (1, ?)")
        .bind(INSTANCE)
        .execute(&mut *connection)
        .await
        .unwrap();
    for agent in agents {
        let (state, at_ms, code) = match agent.state {
            AgentState::Hibernated => ("stopped", None, None),
            AgentState::Running { since_ms } => ("running", Some(since_ms), None),
            AgentState::Exited { code, at_ms } => ("exited", Some(at_ms), code),
            AgentState::Lost { at_ms } => ("lost", Some(at_ms), None),
        };
        sqlx::query("INSERT INTO agents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(id(agent.number).as_str())
            .bind(&agent.settings.name)
            .bind(&agent.settings.program)
            .bind(serde_json::to_string(&agent.settings.args).unwrap())
            .bind(&agent.settings.folder)
            .bind(&agent.settings.note)
            .bind(state)
            .bind(at_ms)
            .bind(code)
            .bind(agent.created_at_ms)
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    for used_at_ms in [None, Some(T + 1)] {
        let token = if used_at_ms.is_none() { LINK_TOKEN } else { [0x33; 32] };
        sqlx::query("INSERT INTO login_links VALUES (?, ?, ?, ?)")
            .bind(token.as_slice())
            .bind(T)
            .bind(T + 600_000)
            .bind(used_at_ms)
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    sqlx::query("INSERT INTO logins VALUES (?, ?, ?, ?, ?, ?)")
        .bind("login-1")
        .bind(LOGIN_TOKEN.as_slice())
        .bind([0x44; 32].as_slice())
        .bind(T)
        .bind(T + 5)
        .bind(USER_AGENT)
        .execute(connection)
        .await
        .unwrap();
}

/// The schema version of the database in this file.
pub(crate) async fn version(path: &Path) -> i64 {
    let mut connection =
        SqliteConnectOptions::new().filename(path).read_only(true).connect().await.unwrap();
    let version =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    version
}

/// All rows of a database, as SQL writes them.
pub(crate) async fn rows(path: &Path) -> Vec<String> {
    let mut connection =
        SqliteConnectOptions::new().filename(path).read_only(true).connect().await.unwrap();
    let mut rows = Vec::new();
    for (table, columns) in [
        ("instance", "only, id"),
        (
            "agents",
            "id, name, program, args, folder, note, state, state_at_ms, exit_code, created_at_ms",
        ),
        ("login_links", "token_hash, created_at_ms, expires_at_ms, used_at_ms"),
        ("logins", "id, token_hash, secret_hash, created_at_ms, last_seen_at_ms, user_agent"),
    ] {
        let quoted: Vec<_> = columns.split(", ").map(|column| format!("quote({column})")).collect();
        let sql = format!("SELECT concat_ws(' ', {}) FROM {table} ORDER BY 1", quoted.join(", "));
        let found: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        rows.extend(found);
    }
    connection.close().await.unwrap();
    rows
}
