//! What is in the trash can come back, under its name or another one.

use protocol::agents::history::{HistoryEvent, HistoryQuery};
use protocol::error::{ApiError, ErrorCode};
use protocol::terminals::ScreenText;
use store::{Store, StoreError};

use crate::samples::{CREATED, T, agent, id, insert, settings, terminal};

async fn events(store: &Store, number: usize) -> Vec<HistoryEvent> {
    let history = store.agents().history(&id(number), HistoryQuery::default()).await.unwrap();
    history.into_iter().map(|entry| entry.event).collect()
}

#[tokio::test]
async fn a_trashed_agent_is_out_of_the_way_and_comes_back_as_it_was() {
    let store = Store::memory().await.unwrap();
    let agents = store.agents();
    for (number, name) in ["a", "b", "c"].into_iter().enumerate() {
        insert(&store, &agent(number, name)).await;
    }
    agents.trash(&id(0), T + 1).await.unwrap();
    agents.trash(&id(2), T + 2).await.unwrap();
    agents.trash(&id(0), T + 9).await.unwrap();
    assert_eq!(agents.list().await.unwrap(), [agent(1, "b")]);
    let trashed = agents.trashed().await.unwrap();
    let order: Vec<_> = trashed.iter().map(|agent| agent.trashed_at_ms).collect();
    assert_eq!(order, [Some(T + 2), Some(T + 1)]);
    assert_eq!(agents.get(&id(0)).await.unwrap(), trashed[1]);
    let refused = agents.edit(&id(0), &settings("x"), 1, None, &CREATED, T).await.unwrap_err();
    assert!(matches!(refused, StoreError::NoSuchAgent));

    assert_eq!(agents.restore(&id(0), None, T + 3).await.unwrap(), agent(0, "a"));
    assert_eq!(agents.list().await.unwrap(), [agent(0, "a"), agent(1, "b")]);
    assert_eq!(events(&store, 0).await, [HistoryEvent::Restored, HistoryEvent::Trashed, CREATED]);
    let again = ApiError::from(agents.restore(&id(0), None, T).await.unwrap_err());
    assert_eq!(again.code, ErrorCode::Conflict);
    assert_eq!(again.message, "The agent “a” is not in the trash. Look at the list again.");
}

#[tokio::test]
async fn a_name_that_was_taken_meanwhile_can_be_replaced() {
    let store = Store::memory().await.unwrap();
    let agents = store.agents();
    insert(&store, &agent(1, "a")).await;
    agents.trash(&id(1), T).await.unwrap();
    insert(&store, &agent(2, "a")).await;
    for name in [None, Some("a")] {
        let taken = agents.restore(&id(1), name, T).await.unwrap_err();
        assert!(matches!(taken, StoreError::NameTaken { .. }));
    }
    assert_eq!(events(&store, 1).await.len(), 2, "what was refused left no trace");

    let restored = agents.restore(&id(1), Some("a2"), T + 5).await.unwrap();
    assert_eq!((restored.settings.name.as_str(), restored.version), ("a2", 2));
    assert_eq!(agents.get(&id(1)).await.unwrap(), restored);
    assert_eq!(agents.version(&id(1), 2).await.unwrap().settings.name, "a2");
    assert_eq!(agents.version(&id(1), 1).await.unwrap().settings.name, "a");
    let renamed = HistoryEvent::Edited { version: 2, fields: vec!["name".into()] };
    assert_eq!(
        events(&store, 1).await,
        [renamed, HistoryEvent::Restored, HistoryEvent::Trashed, CREATED]
    );
}

#[tokio::test]
async fn nothing_of_a_purged_agent_stays() {
    let store = Store::memory().await.unwrap();
    insert(&store, &agent(1, "a")).await;
    insert(&store, &agent(2, "b")).await;
    let screen = ScreenText { rows: vec!["secret".into()] };
    for number in [0, 1] {
        store.terminals().save_screen(&terminal(1, number), &screen).await.unwrap();
        store.terminals().save_screen(&terminal(2, number), &screen).await.unwrap();
    }
    store.agents().purge(&id(1)).await.unwrap();
    insert(&store, &agent(1, "a")).await;
    assert_eq!(store.terminals().screen(&terminal(1, 0)).await.unwrap(), None);
    assert_eq!(store.terminals().screen(&terminal(1, 1)).await.unwrap(), None);
    assert_eq!(store.agents().versions(&id(1)).await.unwrap().len(), 1);
    assert_eq!(events(&store, 1).await, [CREATED]);
    assert_eq!(store.terminals().screen(&terminal(2, 0)).await.unwrap(), Some(screen));
}
