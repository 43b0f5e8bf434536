//! Agents, and everything that a store tells of its content.

use std::fmt::Write;

use domain::audit::{Entry, Event};
use domain::logins::LoginTimes;
use futures_util::TryStreamExt;
use protocol::access::Role;
use protocol::access::audit::Outcome;
use protocol::access::devices::Entrance;
use protocol::agents::history::{HistoryEvent, HistoryQuery};
use protocol::agents::{Agent, AgentId, AgentSettings, Colour, EnvReference, EnvSource};
use protocol::terminals::TerminalId;
use store::Store;
use store::logins::{Link, Login};
use store::tokens::Token;

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

/// A link that the command line makes.
pub(crate) fn link(role: Role) -> Link {
    Link { role, made_by: None }
}

pub(crate) fn login(number: u8) -> Login {
    Login {
        id: format!("login-{number}"),
        token_hash: [number; 32],
        secret_hash: [number.wrapping_add(100); 32],
        times: LoginTimes::begun_at(T),
        user_agent: "Mozilla/5.0 (it's; \"nasty\") \u{1f98a}".into(),
        role: Role::Operator,
        name: format!("it's \"{number}\" 🦊"),
        entrance: Entrance::Paired,
        address: "192.168.1.7".into(),
    }
}

/// A viewer's token that expires.
pub(crate) fn token(number: u8) -> Token {
    Token {
        id: format!("token-{number}"),
        name: format!("it's \"{number}\" 🦊"),
        token_hash: [number; 32],
        role: Role::Viewer,
        created_at_ms: T,
        expires_at_ms: Some(T + 1_000),
        last_used_at_ms: None,
        prefix: "mst_7k".into(),
    }
}

pub(crate) fn event(number: i64) -> Event {
    let outcomes = [Outcome::Done, Outcome::Denied, Outcome::Failed];
    Event {
        at_ms: T + number,
        who: format!("device it's \"{number}\" 🦊"),
        how: "page 192.168.1.7".into(),
        action: "agent.trash".into(),
        object: String::new(),
        outcome: outcomes[usize::try_from(number % 3).unwrap()],
        detail: "a\nb\0c".into(),
    }
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

/// All that can be read of who may do what, as text.
pub(crate) async fn access(store: &Store) -> Result<String, store::StoreError> {
    let mut throttles = store.throttle().load_all().await?;
    throttles.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut sessions = Vec::new();
    for number in 0..20 {
        sessions.push(store.session_tokens().by_hash(&[number; 32]).await?);
    }
    let entries: Vec<Entry> = store.audit().stream(1).try_collect().await?;
    Ok(format!(
        "{:?}\n{:?}\n{throttles:?}\n{sessions:?}\n{entries:?}\n{:?}\n{:?}\n",
        store.logins().all().await?,
        store.tokens().all().await?,
        store.audit().heads(9).await?,
        store.audit().verify().await?,
    ))
}
