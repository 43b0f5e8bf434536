//! Agents come back exactly as they were stored.

use protocol::agents::{Agent, AgentId, AgentState};
use protocol::error::{ApiError, ErrorCode};
use store::{Store, StoreError};

/// Text that breaks quoting, formats, encodings or terminals somewhere.
pub(crate) const NASTY: &[&str] = &[
    "",
    " ",
    "it's \"quoted\"",
    "'; DROP TABLE agents; --",
    "\\\"\\",
    "$(touch x) `id` ${HOME}",
    "#{pane_id}#(id)##",
    "%s%n%00",
    "a\nb\r\n\tc",
    "\u{1b}[2J\u{7}",
    "<script>alert(1)</script>&amp;",
    "[\"json\", null]",
    "שלום \u{202e}gpj",
    "😀❤\u{fe0f} e\u{301} \u{10ffff}",
    "\u{feff}\u{200b}",
    "NULL",
    "0x00",
    "1e999",
];

pub(crate) fn id(number: usize) -> AgentId {
    format!("{number:026}").parse().unwrap()
}

pub(crate) fn agent(number: usize, name: &str) -> Agent {
    Agent {
        id: id(number),
        name: name.into(),
        program: "sh".into(),
        args: vec!["-c".into()],
        folder: "/srv".into(),
        note: String::new(),
        state: AgentState::Stopped,
        created_at_ms: 1_700_000_000_000,
    }
}

#[tokio::test]
async fn nasty_text_comes_back_exactly() {
    let store = Store::memory().await.unwrap();
    for (number, text) in NASTY.iter().enumerate() {
        let nasty = Agent {
            program: (*text).into(),
            args: NASTY.iter().map(|&arg| arg.to_owned()).chain([(*text).into()]).collect(),
            folder: (*text).into(),
            note: (*text).into(),
            ..agent(number, text)
        };
        store.agents().insert(&nasty).await.unwrap();
        assert_eq!(store.agents().get(&nasty.id).await.unwrap(), nasty, "{text:?}");
    }
    assert_eq!(store.agents().list().await.unwrap().len(), NASTY.len());
}

#[tokio::test]
async fn the_list_is_ordered_by_name() {
    let store = Store::memory().await.unwrap();
    for (number, name) in ["b", "a-c", "é", "a", "B"].into_iter().enumerate() {
        store.agents().insert(&agent(number, name)).await.unwrap();
    }
    let agents = store.agents().list().await.unwrap();
    let names: Vec<_> = agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["B", "a", "a-c", "b", "é"]);
}

#[tokio::test]
async fn a_taken_name_is_refused_with_what_to_do() {
    let store = Store::memory().await.unwrap();
    store.agents().insert(&agent(1, "it's")).await.unwrap();
    let refused = store.agents().insert(&agent(2, "it's")).await.unwrap_err();
    assert!(matches!(&refused, StoreError::NameTaken { name } if name == "it's"));
    let error = ApiError::from(refused);
    assert_eq!(error.code, ErrorCode::Conflict);
    assert_eq!(error.field.as_deref(), Some("name"));
    assert_eq!(
        error.message,
        "An agent called “it's” exists already. Choose another name, or delete that one first."
    );
    // An id that is there already is a fault of the caller, not a taken name.
    let same_id = store.agents().insert(&agent(1, "other")).await.unwrap_err();
    assert_eq!(ApiError::from(same_id).code, ErrorCode::Internal);

    store.agents().delete(&id(1)).await.unwrap();
    store.agents().insert(&agent(2, "it's")).await.unwrap();
}

#[tokio::test]
async fn every_state_is_kept() {
    let store = Store::memory().await.unwrap();
    store.agents().insert(&agent(1, "a")).await.unwrap();
    for state in [
        AgentState::Running { since_ms: 5 },
        AgentState::Exited { code: Some(-1), at_ms: 6 },
        AgentState::Exited { code: None, at_ms: 7 },
        AgentState::Lost { at_ms: i64::MAX },
        AgentState::Stopped,
    ] {
        store.agents().set_state(&id(1), state).await.unwrap();
        assert_eq!(store.agents().get(&id(1)).await.unwrap().state, state);
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_missing() {
    let store = Store::memory().await.unwrap();
    let missing = [
        store.agents().get(&id(1)).await.map(|_| ()),
        store.agents().set_state(&id(1), AgentState::Stopped).await,
        store.agents().delete(&id(1)).await,
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
