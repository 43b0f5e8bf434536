//! Each change of settings makes a version, and tells of itself in the history.

use protocol::agents::history::{HistoryEvent, HistoryQuery};
use protocol::agents::versions::AgentVersion;
use protocol::agents::{AgentSettings, AgentState};
use protocol::error::{ApiError, ErrorCode};
use store::{Store, StoreError};

use crate::samples::{CREATED, T, agent, id, insert, settings};

fn edited(version: u32) -> HistoryEvent {
    HistoryEvent::Edited { version, fields: vec!["note".into()] }
}

fn noted(note: &str) -> AgentSettings {
    AgentSettings { note: note.into(), ..settings("a") }
}

#[tokio::test]
async fn an_edit_makes_the_next_version() {
    let store = Store::memory().await.unwrap();
    let agents = store.agents();
    insert(&store, &agent(1, "a")).await;
    assert_eq!(agents.edit(&id(1), &noted("2"), 1, None, &edited(2), T + 1).await.unwrap(), 2);
    let back = HistoryEvent::RolledBack { version: 3, to: 1 };
    assert_eq!(agents.edit(&id(1), &settings("a"), 2, Some(1), &back, T + 2).await.unwrap(), 3);

    let now = agents.get(&id(1)).await.unwrap();
    assert_eq!((now.version, now.settings), (3, settings("a")));
    let version = |version, at_ms, from, settings| AgentVersion { version, at_ms, from, settings };
    let expected = [
        version(3, T + 2, Some(1), settings("a")),
        version(2, T + 1, None, noted("2")),
        version(1, T, None, settings("a")),
    ];
    assert_eq!(agents.versions(&id(1)).await.unwrap(), expected);
    assert_eq!(agents.version(&id(1), 2).await.unwrap(), expected[1]);

    let history = agents.history(&id(1), HistoryQuery::default()).await.unwrap();
    let events: Vec<_> = history.into_iter().map(|entry| (entry.at_ms, entry.event)).collect();
    assert_eq!(events, [(T + 2, back), (T + 1, edited(2)), (T, CREATED)]);
}

#[tokio::test]
async fn who_comes_second_is_told() {
    let store = Store::memory().await.unwrap();
    let agents = store.agents();
    insert(&store, &agent(1, "a")).await;
    agents.edit(&id(1), &noted("first"), 1, None, &edited(2), T).await.unwrap();
    let second = agents.edit(&id(1), &noted("second"), 1, None, &edited(2), T).await.unwrap_err();
    assert!(matches!(second, StoreError::Changed { version: 2, .. }));
    let error = ApiError::from(second);
    assert_eq!(error.code, ErrorCode::Conflict);
    assert_eq!(
        error.message,
        "The agent “a” was changed meanwhile: it is at version 2. Load it again."
    );
    assert_eq!(agents.get(&id(1)).await.unwrap().settings.note, "first");
}

#[tokio::test]
async fn a_new_name_must_be_free_and_frees_the_old_one() {
    let store = Store::memory().await.unwrap();
    let agents = store.agents();
    insert(&store, &agent(1, "a")).await;
    insert(&store, &agent(2, "b")).await;
    let taken = agents.edit(&id(1), &settings("b"), 1, None, &edited(2), T).await.unwrap_err();
    assert!(matches!(taken, StoreError::NameTaken { name } if name == "b"));
    assert_eq!(agents.versions(&id(1)).await.unwrap().len(), 1);
    agents.edit(&id(1), &settings("c"), 1, None, &edited(2), T).await.unwrap();
    insert(&store, &agent(3, "a")).await;
}

#[tokio::test]
async fn the_oldest_versions_go() {
    let store = Store::memory().await.unwrap();
    let agents = store.agents();
    insert(&store, &agent(1, "a")).await;
    for version in 1..=250 {
        let settings = noted(&version.to_string());
        agents.edit(&id(1), &settings, version, None, &edited(version + 1), T).await.unwrap();
    }
    let kept = agents.versions(&id(1)).await.unwrap();
    assert_eq!((kept.len(), kept[0].version, kept[199].version), (200, 251, 52));
    let gone = ApiError::from(agents.version(&id(1), 51).await.unwrap_err());
    assert_eq!(gone.code, ErrorCode::NotFound);
    assert_eq!(
        gone.message,
        "There is no version 51 of this agent. Look at the list of versions again."
    );
}

#[tokio::test]
async fn the_history_is_read_in_parts_and_its_oldest_entries_go() {
    let store = Store::memory().await.unwrap();
    let agents = store.agents();
    insert(&store, &agent(1, "a")).await;
    insert(&store, &agent(2, "b")).await;
    for at_ms in 1..=1_100 {
        let state = AgentState::Lost { at_ms };
        agents.set_state(&id(1), state, Some(&HistoryEvent::Lost), at_ms).await.unwrap();
    }
    let mut all = Vec::new();
    let mut part = HistoryQuery { before: None, limit: Some(300) };
    loop {
        let entries = agents.history(&id(1), part).await.unwrap();
        let Some(last) = entries.last() else { break };
        part.before = Some(last.seq);
        all.extend(entries);
    }
    assert!(all.is_sorted_by(|a, b| a.seq > b.seq));
    let times: Vec<_> = all.iter().map(|entry| entry.at_ms).collect();
    assert_eq!(times, (101..=1_100).rev().collect::<Vec<_>>());
    assert_eq!(agents.history(&id(1), HistoryQuery::default()).await.unwrap().len(), 50);
    assert_eq!(agents.history(&id(2), HistoryQuery::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn numbers_of_entries_are_never_used_again() {
    let store = Store::memory().await.unwrap();
    insert(&store, &agent(1, "a")).await;
    insert(&store, &agent(2, "b")).await;
    let last = store.agents().history(&id(2), HistoryQuery::default()).await.unwrap()[0].seq;
    store.agents().purge(&id(2)).await.unwrap();
    store.agents().record(&id(1), &HistoryEvent::Rejoined, T).await.unwrap();
    let next = store.agents().history(&id(1), HistoryQuery::default()).await.unwrap()[0].seq;
    assert_eq!(next, last + 1);
}
