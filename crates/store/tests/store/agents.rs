//! Agents come back exactly as they were stored.

use protocol::agents::history::HistoryQuery;
use protocol::agents::{Agent, AgentSettings, AgentState, EnvReference, EnvSource};
use protocol::error::{ApiError, ErrorCode};
use store::{Store, StoreError};

use crate::samples::{CONVERSATION, CREATED, NASTY, T, agent, id, insert, settings};

#[tokio::test]
async fn nasty_text_comes_back_exactly() {
    let store = Store::memory().await.unwrap();
    for (number, text) in NASTY.iter().enumerate() {
        let all: Vec<String> = NASTY.iter().map(|&arg| arg.to_owned()).collect();
        let nasty = AgentSettings {
            label: (*text).into(),
            persona: (*text).into(),
            program: (*text).into(),
            args: all.clone(),
            folder: (*text).into(),
            env: vec![EnvReference {
                name: (*text).into(),
                source: EnvSource::Variable((*text).into()),
            }],
            note: (*text).into(),
            tags: all,
            ..settings(text)
        };
        let nasty = Agent { settings: nasty, ..agent(number, "") };
        store.agents().insert(&nasty, text, &CREATED).await.unwrap();
        assert_eq!(store.agents().get(&nasty.id).await.unwrap(), nasty, "{text:?}");
        assert_eq!(store.agents().conversation(&nasty.id).await.unwrap(), *text);
    }
    assert_eq!(store.agents().list().await.unwrap().len(), NASTY.len());
}

#[tokio::test]
async fn the_list_is_ordered_by_name() {
    let store = Store::memory().await.unwrap();
    for (number, name) in ["b", "a-c", "é", "a", "B"].into_iter().enumerate() {
        insert(&store, &agent(number, name)).await;
    }
    let agents = store.agents().list().await.unwrap();
    let names: Vec<_> = agents.iter().map(|agent| agent.settings.name.as_str()).collect();
    assert_eq!(names, ["B", "a", "a-c", "b", "é"]);
    assert!(agents.iter().all(|agent| agent.terminals.len() == 1));
}

#[tokio::test]
async fn a_taken_name_is_refused_with_what_to_do() {
    let store = Store::memory().await.unwrap();
    insert(&store, &agent(1, "it's")).await;
    let twin = agent(2, "it's");
    let refused = store.agents().insert(&twin, CONVERSATION, &CREATED).await.unwrap_err();
    assert!(matches!(&refused, StoreError::NameTaken { name } if name == "it's"));
    let error = ApiError::from(refused);
    assert_eq!(error.code, ErrorCode::Conflict);
    assert_eq!(error.field.as_deref(), Some("name"));
    assert_eq!(
        error.message,
        "An agent called “it's” exists already. Choose another name, or rename that one first."
    );
    // An id that is there already is a fault of the caller, not a taken name.
    let same_id = store.agents().insert(&agent(1, "other"), CONVERSATION, &CREATED).await;
    assert_eq!(ApiError::from(same_id.unwrap_err()).code, ErrorCode::Internal);

    store.agents().purge(&id(1)).await.unwrap();
    insert(&store, &twin).await;
}

#[tokio::test]
async fn of_many_a_taken_name_refuses_only_its_own() {
    let store = Store::memory().await.unwrap();
    insert(&store, &agent(1, "a")).await;
    let new = [agent(2, "b"), agent(3, "a"), agent(4, "b"), agent(5, "c")]
        .map(|agent| (agent, CONVERSATION.to_owned(), CREATED));
    let outcomes = store.agents().insert_many(&new).await.unwrap();
    let taken: Vec<_> =
        outcomes.into_iter().map(|outcome| outcome.map_err(|e| e.to_string())).collect();
    assert!(taken[0].is_ok() && taken[3].is_ok());
    assert!(taken[1].as_ref().unwrap_err().contains("“a”"));
    assert!(taken[2].as_ref().unwrap_err().contains("“b”"));
    let agents = store.agents().list().await.unwrap();
    assert_eq!(agents, [agent(1, "a"), agent(2, "b"), agent(5, "c")]);

    // Any other failure leaves none of them behind.
    let failing =
        [agent(6, "d"), agent(5, "e")].map(|agent| (agent, CONVERSATION.to_owned(), CREATED));
    assert!(store.agents().insert_many(&failing).await.is_err());
    assert_eq!(store.agents().list().await.unwrap(), agents);
}

#[tokio::test]
async fn every_state_is_kept() {
    let store = Store::memory().await.unwrap();
    insert(&store, &agent(1, "a")).await;
    for state in [
        AgentState::Running { since_ms: 5 },
        AgentState::Exited { code: Some(-1), at_ms: 6 },
        AgentState::Exited { code: None, at_ms: 7 },
        AgentState::Lost { at_ms: i64::MAX },
        AgentState::Hibernated,
    ] {
        store.agents().set_state(&id(1), state, None, T).await.unwrap();
        assert_eq!(store.agents().get(&id(1)).await.unwrap().state, state);
    }
}

#[tokio::test]
async fn a_conversation_can_be_replaced() {
    let store = Store::memory().await.unwrap();
    insert(&store, &agent(1, "a")).await;
    store.agents().set_conversation(&id(1), "new").await.unwrap();
    assert_eq!(store.agents().conversation(&id(1)).await.unwrap(), "new");
    assert_eq!(store.agents().get(&id(1)).await.unwrap(), agent(1, "a"));
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_missing() {
    let store = Store::memory().await.unwrap();
    let agents = store.agents();
    let missing = [
        agents.get(&id(1)).await.map(drop),
        agents.edit(&id(1), &settings("a"), 1, None, &CREATED, T).await.map(drop),
        agents.set_state(&id(1), AgentState::Hibernated, None, T).await,
        agents.record(&id(1), &CREATED, T).await,
        agents.trash(&id(1), T).await,
        agents.restore(&id(1), None, T).await.map(drop),
        agents.purge(&id(1)).await,
        agents.conversation(&id(1)).await.map(drop),
        agents.set_conversation(&id(1), "c").await,
        agents.versions(&id(1)).await.map(drop),
        agents.version(&id(1), 1).await.map(drop),
        agents.history(&id(1), HistoryQuery::default()).await.map(drop),
        store.terminals().add(&id(1), "t", T).await.map(drop),
    ];
    for outcome in missing {
        let error = ApiError::from(outcome.unwrap_err());
        assert_eq!(error.code, ErrorCode::NotFound);
        assert_eq!(
            error.message,
            "There is no such agent. It may have been deleted: look at the list again."
        );
    }
}
