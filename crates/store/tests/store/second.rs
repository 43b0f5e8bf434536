//! The second schema, with rows as its owners have them: what the fixture
//! `fixtures/schema-2.db` was made of, by the code that wrote that schema.

use std::path::{Path, PathBuf};

use domain::logins::LoginTimes;
use protocol::access::Role;
use protocol::access::devices::Entrance;
use protocol::agents::history::HistoryEvent;
use protocol::agents::{Agent, AgentSettings, AgentState};
use protocol::terminals::ScreenText;
use store::Store;
use store::logins::Login;

use crate::samples::{CONVERSATION, CREATED, NASTY, T, id, settings, terminal};

pub(crate) const INSTANCE: &str = "m4estro2";
pub(crate) const BOOT: &str = "0b7a3c52-6e0e-4d0e-9a59-6f2b8a1c4d3e";
/// A link that nobody used, and one that somebody did.
pub(crate) const LINK: [u8; 32] = [0x22; 32];
pub(crate) const USED_LINK: [u8; 32] = [0x33; 32];

/// What the browsers of the fixture called themselves, and what they are called since.
pub(crate) const BROWSERS: &[(&str, &str)] = &[
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/141.0.0.0 Safari/537.36",
        "Chrome on Linux",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 \
         (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
        "Safari on iPhone",
    ),
    ("Mozilla/5.0 (X11; it's \"quoted\") 🦊", "Browser"),
    ("", "Browser"),
];

pub(crate) fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store/fixtures/schema-2.db")
}

/// When the login of this number began, and when it was last used.
pub(crate) fn times(number: usize) -> LoginTimes {
    let created_at_ms = T + 1_000 * i64::try_from(number).unwrap();
    let last_seen_at_ms = created_at_ms + 60_000;
    LoginTimes { created_at_ms, last_seen_at_ms, fresh_at_ms: created_at_ms }
}

/// Everything but links and logins, which have more columns since.
pub(crate) async fn fill(store: &Store) {
    store.instance().id_or(INSTANCE).await.unwrap();
    store.instance().set_boot_id(BOOT).await.unwrap();
    let states = [
        AgentState::Hibernated,
        AgentState::Running { since_ms: T + 1 },
        AgentState::Exited { code: Some(2), at_ms: T + 2 },
        AgentState::Exited { code: None, at_ms: T + 3 },
        AgentState::Lost { at_ms: T + 4 },
    ];
    for (number, name) in NASTY.iter().enumerate() {
        let at_ms = T + i64::try_from(number).unwrap();
        let first = AgentSettings { note: name.repeat(number), ..settings(name) };
        let agent = Agent::new(id(number), first.clone(), at_ms);
        store.agents().insert(&agent, CONVERSATION, &CREATED).await.unwrap();
        let second = AgentSettings { label: (*name).into(), args: Vec::new(), ..first };
        let edited = HistoryEvent::Edited { version: 2, fields: vec!["label".into()] };
        store.agents().edit(&id(number), &second, 1, None, &edited, at_ms + 5).await.unwrap();
        store.agents().set_state(&id(number), states[number % 5], None, at_ms).await.unwrap();
        if number % 3 == 0 {
            store.terminals().add(&id(number), name, at_ms + 6).await.unwrap();
        }
        let rows = NASTY.iter().take(number).map(|&row| row.to_owned()).collect();
        let screen = ScreenText { rows };
        store.terminals().save_screen(&terminal(number, 0), &screen).await.unwrap();
        store.terminals().save_screen(&terminal(number, 1), &screen).await.unwrap();
    }
    store.agents().trash(&id(5), T + 100).await.unwrap();
    store.terminals().remove(&terminal(9, 2), T + 101).await.unwrap();
}

/// The fixture's logins as they are since, last used first.
pub(crate) fn logins() -> Vec<Login> {
    let login = |(number, (user_agent, name)): (usize, &(&str, &str))| {
        let byte = u8::try_from(number).unwrap();
        Login {
            id: format!("login-{number}"),
            token_hash: [byte + 1; 32],
            secret_hash: [byte + 101; 32],
            times: times(number),
            user_agent: (*user_agent).into(),
            role: Role::Owner,
            name: (*name).into(),
            entrance: Entrance::Link,
            address: String::new(),
        }
    };
    BROWSERS.iter().enumerate().map(login).rev().collect()
}
