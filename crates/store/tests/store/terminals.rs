//! Terminals beside the program's own, and the last screens of all.

use protocol::agents::AgentState;
use protocol::agents::history::{HistoryEvent, HistoryQuery};
use protocol::error::{ApiError, ErrorCode};
use protocol::limits;
use protocol::terminals::{ScreenText, TerminalRecord};
use store::{Store, StoreError};

use crate::samples::{CREATED, NASTY, T, agent, id, insert, terminal};

fn record(number: u16, name: &str, state: AgentState) -> TerminalRecord {
    TerminalRecord { number, name: name.into(), state }
}

#[tokio::test]
async fn numbers_are_never_used_again() {
    let store = Store::memory().await.unwrap();
    let terminals = store.terminals();
    insert(&store, &agent(1, "a")).await;
    let second = terminals.add(&id(1), "build", T + 1).await.unwrap();
    assert_eq!(second, record(2, "build", AgentState::Hibernated));
    terminals.remove(&terminal(1, 2), T + 2).await.unwrap();
    let third = terminals.add(&id(1), "tests", T + 3).await.unwrap();
    assert_eq!(third.number, 3);

    let agent = store.agents().get(&id(1)).await.unwrap();
    assert_eq!(agent.terminals, [record(1, "Shell", AgentState::Hibernated), third]);
    assert_eq!(store.agents().list().await.unwrap(), [agent]);
    let history = store.agents().history(&id(1), HistoryQuery::default()).await.unwrap();
    let events: Vec<_> = history.into_iter().map(|entry| (entry.at_ms, entry.event)).collect();
    let opened = |number, name: &str| HistoryEvent::TerminalOpened { number, name: name.into() };
    assert_eq!(
        events,
        [
            (T + 3, opened(3, "tests")),
            (T + 2, HistoryEvent::TerminalClosed { number: 2, name: "build".into() }),
            (T + 1, opened(2, "build")),
            (T, CREATED)
        ]
    );
}

#[tokio::test]
async fn state_and_name_change_on_their_own() {
    let store = Store::memory().await.unwrap();
    insert(&store, &agent(1, "a")).await;
    insert(&store, &agent(2, "b")).await;
    for (number, name) in NASTY.iter().enumerate() {
        let state = AgentState::Exited { code: None, at_ms: i64::try_from(number).unwrap() };
        store.terminals().rename(&terminal(1, 1), name).await.unwrap();
        store.terminals().set_state(&terminal(1, 1), state).await.unwrap();
        let agents = store.agents().list().await.unwrap();
        assert_eq!(agents[0].terminals, [record(1, name, state)]);
        assert_eq!(agents[1], agent(2, "b"));
    }
}

#[tokio::test]
async fn there_is_a_limit() {
    let store = Store::memory().await.unwrap();
    insert(&store, &agent(1, "a")).await;
    for _ in 1..limits::TERMINALS {
        store.terminals().add(&id(1), "t", T).await.unwrap();
    }
    let error = ApiError::from(store.terminals().add(&id(1), "t", T).await.unwrap_err());
    assert_eq!(error.code, ErrorCode::Conflict);
    assert_eq!(
        error.message,
        "An agent can have 16 terminals beside that of its program. Close one first."
    );
    store.terminals().remove(&terminal(1, 5), T).await.unwrap();
    assert_eq!(store.terminals().add(&id(1), "t", T).await.unwrap().number, 17);
}

#[tokio::test]
async fn the_last_screen_is_kept() {
    let store = Store::memory().await.unwrap();
    insert(&store, &agent(1, "a")).await;
    for number in [0, 1] {
        let terminal = terminal(1, number);
        assert_eq!(store.terminals().screen(&terminal).await.unwrap(), None);
        for rows in [NASTY, &[], &["$ "]] {
            let rows = rows.iter().map(|&row| row.to_owned()).collect();
            let screen = ScreenText { rows };
            store.terminals().save_screen(&terminal, &screen).await.unwrap();
            assert_eq!(store.terminals().screen(&terminal).await.unwrap(), Some(screen));
        }
    }
    store.terminals().remove(&terminal(1, 1), T).await.unwrap();
    assert_eq!(store.terminals().screen(&terminal(1, 1)).await.unwrap(), None);
    assert!(store.terminals().screen(&terminal(1, 0)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_terminal_that_is_not_there_is_said_to_be_missing() {
    let store = Store::memory().await.unwrap();
    insert(&store, &agent(1, "a")).await;
    let terminals = store.terminals();
    let screen = ScreenText::default();
    for id in [terminal(1, 2), terminal(1, 0), terminal(2, 1)] {
        let mut outcomes = vec![
            terminals.set_state(&id, AgentState::Hibernated).await,
            terminals.rename(&id, "x").await,
            terminals.remove(&id, T).await,
        ];
        if !id.is_program() {
            outcomes.push(terminals.save_screen(&id, &screen).await);
        }
        for outcome in outcomes {
            let error = ApiError::from(outcome.unwrap_err());
            assert_eq!(error.code, ErrorCode::NotFound);
            assert_eq!(
                error.message,
                "There is no such terminal. It may have been closed: look at the agent again."
            );
        }
    }
    let unknown = terminals.save_screen(&terminal(9, 0), &screen).await.unwrap_err();
    assert!(matches!(unknown, StoreError::NoSuchAgent));
}
