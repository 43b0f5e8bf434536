//! Agents, and everything that a store tells of its content.

use std::fmt::Write;

use protocol::agents::history::{HistoryEvent, HistoryQuery};
use protocol::agents::{Agent, AgentId, AgentSettings, Colour, EnvReference, EnvSource};
use protocol::terminals::TerminalId;
use store::Store;

pub(crate) const T: i64 = 1_700_000_000_000;
pub(crate) const CONVERSATION: &str = "0b7a3c52-6e0e-4d0e-9a59-6f2b8a1c4d3e";
pub(crate) const CREATED: HistoryEvent = HistoryEvent::Created { from: None };

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

pub(crate) fn terminal(agent: usize, number: u16) -> TerminalId {
    TerminalId { agent: id(agent), number }
}

pub(crate) fn settings(name: &str) -> AgentSettings {
    AgentSettings {
        name: name.into(),
        label: "Sees to it".into(),
        avatar: "🦊".into(),
        persona: "Careful.".into(),
        program: "sh".into(),
        args: vec!["-c".into()],
        folder: "/srv".into(),
        env: vec![EnvReference { name: "K".into(), source: EnvSource::File("/k".into()) }],
        note: "a note".into(),
        tags: vec!["x".into()],
        colour: Colour::Teal,
        favourite: true,
        autostart: true,
    }
}

pub(crate) fn agent(number: usize, name: &str) -> Agent {
    Agent::new(id(number), settings(name), T)
}

pub(crate) async fn insert(store: &Store, agent: &Agent) {
    store.agents().insert(agent, CONVERSATION, &CREATED).await.unwrap();
}

/// All that can be read of the agents, as text.
pub(crate) async fn content(store: &Store) -> Result<String, store::StoreError> {
    let agents = store.agents();
    let mut all = agents.list().await?;
    all.extend(agents.trashed().await?);
    let mut content = format!("{:?}\n", store.instance().boot_id().await?);
    for agent in all {
        let id = &agent.id;
        let history = HistoryQuery { limit: Some(500), ..Default::default() };
        write!(
            content,
            "{agent:?}\n{:?}\n{:?}\n{:?}\n",
            agents.conversation(id).await?,
            agents.versions(id).await?,
            agents.history(id, history).await?,
        )
        .unwrap();
        for number in 0..3 {
            let terminal = TerminalId { agent: id.clone(), number };
            let screen = store.terminals().screen(&terminal).await?;
            writeln!(content, "{screen:?}").unwrap();
        }
    }
    Ok(content)
}
