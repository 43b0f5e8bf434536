//! Every page, rendered through fake ports: what the server sends before any script runs.
//!
//! `SAVE_PAGES=folder` keeps the HTML, to look at it without a server.

mod access;
mod lists;

use std::sync::Arc;

use any_spawner::Executor;
use app::ports::Ports;
use app::theme::Theme;
use app::{PageRequest, Seed, shell};
use async_trait::async_trait;
use futures_util::StreamExt;
use leptos::prelude::*;
use leptos_router::location::RequestUrl;
use protocol::access::{Caller, Role};
use protocol::agents::history::{HistoryEntry, HistoryEvent, HistoryQuery};
use protocol::agents::requests::{BulkReport, BulkRequest, RestoreAgent, WakeAgent};
use protocol::agents::versions::AgentVersion;
use protocol::agents::{
    Agent, AgentId, AgentList, AgentSettings, AgentState, CloneAgent, Colour, CreateAgent,
    EditAgent, EnvReference, EnvSource,
};
use protocol::error::{ApiError, ErrorCode};
use protocol::host::{Backup, Diagnostics, HostFacts, HostHealth};
use protocol::ports::{AgentsPort, HostPort, TerminalsPort};
use protocol::programs::Program;
use protocol::terminals::{NameTerminal, OutputQuery, ScreenText, TerminalId};

/// A host whose answers are fixed.
struct FakeHost {
    agents: Result<Vec<Agent>, ApiError>,
    trashed: Result<Vec<Agent>, ApiError>,
    health: HostHealth,
    diagnostics: Result<Diagnostics, ApiError>,
    access: access::FakeAccess,
    caller: Caller,
}

impl FakeHost {
    /// A host in order, with nothing in the trash, as its owner sees it.
    fn with(agents: Result<Vec<Agent>, ApiError>) -> Self {
        Self {
            agents,
            trashed: Ok(Vec::new()),
            health: HostHealth::default(),
            diagnostics: Ok(Diagnostics::default()),
            access: access::FakeAccess::default(),
            caller: Caller { id: None, role: Role::Owner },
        }
    }
}

#[async_trait]
impl AgentsPort for FakeHost {
    async fn list(&self) -> Result<AgentList, ApiError> {
        self.agents.clone().map(|agents| AgentList { revision: 7, agents })
    }
    async fn get(&self, _id: &AgentId) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn create(&self, _new: CreateAgent) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn create_many(&self, _new: Vec<CreateAgent>) -> Result<BulkReport, ApiError> {
        Err(ApiError::internal())
    }
    async fn edit(&self, _id: &AgentId, _edit: EditAgent) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn duplicate(&self, _id: &AgentId, _copy: CloneAgent) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn wake(&self, _id: &AgentId, _how: WakeAgent) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn hibernate(&self, _id: &AgentId) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn restart(&self, _id: &AgentId, _how: WakeAgent) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn trash(&self, _id: &AgentId) -> Result<(), ApiError> {
        Err(ApiError::internal())
    }
    async fn bulk(&self, _request: BulkRequest) -> Result<BulkReport, ApiError> {
        Err(ApiError::internal())
    }
    async fn trashed(&self) -> Result<Vec<Agent>, ApiError> {
        self.trashed.clone()
    }
    async fn restore(&self, _id: &AgentId, _how: RestoreAgent) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn purge(&self, _id: &AgentId) -> Result<(), ApiError> {
        Err(ApiError::internal())
    }
    async fn versions(&self, id: &AgentId) -> Result<Vec<AgentVersion>, ApiError> {
        let agents = self.agents.clone()?;
        let agent = agents.into_iter().find(|agent| agent.id == *id);
        agent.map(|agent| versions_of(&agent)).ok_or_else(ApiError::internal)
    }
    async fn roll_back(&self, _id: &AgentId, _version: u32) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn history(
        &self,
        id: &AgentId,
        _part: HistoryQuery,
    ) -> Result<Vec<HistoryEntry>, ApiError> {
        // Agent 1 has no history yet, that of agent 2 cannot be read.
        match &id.as_str()[24..] {
            "01" => Ok(Vec::new()),
            "02" => Err(ApiError::internal()),
            _ => Ok(history()),
        }
    }
}

#[async_trait]
impl TerminalsPort for FakeHost {
    async fn screen(&self, _id: &TerminalId) -> Result<ScreenText, ApiError> {
        Ok(ScreenText { rows: vec!["$ cargo test".into(), "6 tests run: 6 passed".into()] })
    }
    async fn output(&self, _id: &TerminalId, _part: OutputQuery) -> Result<ScreenText, ApiError> {
        Err(ApiError::internal())
    }
    async fn open(&self, _agent: &AgentId, _name: NameTerminal) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn start(&self, _id: &TerminalId) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn rename(&self, _id: &TerminalId, _name: NameTerminal) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn close(&self, _id: &TerminalId) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
}

#[async_trait]
impl HostPort for FakeHost {
    async fn facts(&self) -> Result<HostFacts, ApiError> {
        Ok(HostFacts {
            name: "atlas".into(),
            version: "0.1.0".into(),
            tmux_version: "3.3a".into(),
            user_home: "/home/ana".into(),
            maestro_home: "/home/ana/.maestro".into(),
        })
    }
    async fn health(&self) -> Result<HostHealth, ApiError> {
        Ok(self.health.clone())
    }
    async fn programs(&self) -> Result<Vec<Program>, ApiError> {
        Err(ApiError::internal())
    }
    async fn diagnostics(&self) -> Result<Diagnostics, ApiError> {
        self.diagnostics.clone()
    }
    async fn back_up(&self) -> Result<Backup, ApiError> {
        Err(ApiError::internal())
    }
}

fn agent(number: u8, name: &str, program: &str, folder: &str, state: AgentState) -> Agent {
    let settings = AgentSettings {
        name: name.into(),
        program: program.into(),
        folder: folder.into(),
        ..AgentSettings::default()
    };
    let id = format!("01jd5m0w3v8k2q4r6s8t0v2x{number:02}").parse().expect("a well-formed id");
    Agent { state, ..Agent::new(id, settings, 0) }
}

fn agents() -> Vec<Agent> {
    let running = AgentState::Running { since_ms: 0 };
    let failed = AgentState::Exited { code: Some(101), at_ms: 0 };
    let done = AgentState::Exited { code: Some(0), at_ms: 0 };
    let mut agents = vec![
        agent(1, "docs-site-handbook", "codex", "/home/ana/wt/handbook", done),
        agent(2, "infra-ci-cache", "claude", "/home/ana/wt/cache", failed),
        agent(3, "mobile-ios-onboarding", "claude", "/home/ana/wt/onboarding", running),
        agent(4, "mobile-ios-widgets", "claude", "/home/ana/wt/widgets", AgentState::Hibernated),
        agent(5, "payments-checkout-sca", "claude", "/home/ana/wt/sca", running),
        agent(
            6,
            "payments-ledger-idempotency",
            "claude",
            "/home/ana/wt/ledger-idempotency",
            running,
        ),
        agent(7, "payments-ledger-reconcile", "opencode", "/home/ana/wt/reconcile", running),
        agent(8, "scratch", "bash", "/home/ana", AgentState::Lost { at_ms: 0 }),
    ];
    agents[5].settings.args = vec!["--model".into(), "opus".into()];
    // Its program was started with version 2.
    agents[5].state = AgentState::Running { since_ms: 150_000 };
    agents[5].version = 3;
    agents[5].settings.env = vec![
        EnvReference { name: "API_KEY".into(), source: EnvSource::Variable("KEY".into()) },
        EnvReference { name: "DB".into(), source: EnvSource::File("/home/ana/.keys/db".into()) },
    ];
    agents[5].settings.note = "Make posting idempotent <b>under</b> webhook retries.".into();
    agents
}

/// Three versions: made, edited, and gone back.
fn versions_of(agent: &Agent) -> Vec<AgentVersion> {
    let earlier = AgentSettings {
        args: vec!["--model".into(), "sonnet".into()],
        note: String::new(),
        ..agent.settings.clone()
    };
    let version = |version, from, settings: &AgentSettings| AgentVersion {
        version,
        at_ms: i64::from(version) * 60_000,
        from,
        settings: settings.clone(),
    };
    vec![
        version(3, Some(1), &agent.settings),
        version(2, None, &earlier),
        version(1, None, &agent.settings),
    ]
}

/// Two days of one agent.
fn history() -> Vec<HistoryEntry> {
    const DAY_MS: i64 = 86_400_000;
    let entry = |seq, at_ms, event| HistoryEntry { seq, at_ms, event };
    let fields = vec!["args".into(), "note".into()];
    let build = || "Build <1>".to_owned();
    vec![
        entry(6, DAY_MS + 4_000, HistoryEvent::Exited { code: Some(2) }),
        entry(5, DAY_MS + 3_000, HistoryEvent::Woken { resumed: true }),
        entry(4, DAY_MS, HistoryEvent::TerminalOpened { number: 2, name: build() }),
        entry(3, 3_000, HistoryEvent::Lost),
        entry(2, 2_000, HistoryEvent::Edited { version: 2, fields }),
        entry(1, 0, HistoryEvent::Created { from: None }),
    ]
}

const IDEMPOTENCY: &str = "/a/01jd5m0w3v8k2q4r6s8t0v2x06";

async fn render(name: &str, path: &str, agents: Result<Vec<Agent>, ApiError>) -> String {
    render_host(name, path, FakeHost::with(agents)).await
}

async fn render_host(name: &str, path: &str, host: FakeHost) -> String {
    // Refused when another test was faster: one executor serves all.
    let _ = Executor::init_tokio();
    let host = Arc::new(host);
    let ports = Ports {
        agents: Arc::<FakeHost>::clone(&host),
        terminals: Arc::<FakeHost>::clone(&host),
        host: Arc::<FakeHost>::clone(&host),
        access: Arc::<FakeHost>::clone(&host),
    };
    let seed = Seed::load(&ports, path, host.caller.clone()).await;
    let owner = Owner::new();
    let chunks = owner.with(|| {
        ports.provide();
        provide_context(seed);
        provide_context(PageRequest {
            theme: Theme::Dark,
            instance: "atlas-1".into(),
            build: "b1".into(),
        });
        provide_context(RequestUrl::new(path));
        let options = LeptosOptions::builder().output_name("maestro").build();
        shell(options).to_html_stream_in_order()
    });
    let html = chunks.collect::<String>().await;
    if let Ok(folder) = std::env::var("SAVE_PAGES") {
        std::fs::create_dir_all(&folder).expect("SAVE_PAGES names a writable folder");
        std::fs::write(format!("{folder}/{name}.html"), &html)
            .expect("SAVE_PAGES names a writable folder");
    }
    // Marks for hydration show nothing.
    html.replace("<!>", "")
}

/// The text of each part must be there; order does not matter.
#[track_caller]
fn assert_shows(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "{part:?} is missing in:\n{html}");
    }
}

#[tokio::test]
async fn the_document_carries_what_the_browser_needs() {
    let html = render("overview", "/", Ok(agents())).await;
    assert_shows(
        &html,
        &[
            r#"<html lang="en" data-theme="dark" data-density="dense">"#,
            r#"<meta name="maestro-instance" content="atlas-1">"#,
            r#"<meta name="maestro-build" content="b1">"#,
            r#"href="/pkg/maestro.css""#,
            r#"id="i-plus""#,
        ],
    );
}

#[tokio::test]
async fn the_start_page_lists_all_agents() {
    let html = render("overview", "/", Ok(agents())).await;
    assert_shows(
        &html,
        &[
            "8 agents: 4 running, 1 failed, 1 lost",
            "docs / site / handbook",
            "~/wt/sca",
            "tmux 3.3a",
        ],
    );
    assert_eq!(html.matches("<h1").count(), 1);
    assert_eq!(html.matches(r#"role="treeitem""#).count(), 8 + 4, "agents and groups");
    assert_eq!(html.matches(r#"tabindex="0""#).count(), 1, "the tree is one tab stop");
}

#[tokio::test]
async fn an_agents_page_shows_who_it_is() {
    let html = render("agent", IDEMPOTENCY, Ok(agents())).await;
    assert_shows(
        &html,
        &[
            "<i>payments-ledger-</i>",
            "claude --model opus",
            "~/wt/ledger-idempotency",
            "Make posting idempotent &lt;b&gt;under&lt;/b&gt; webhook retries.",
            "Hibernate agent",
            r#"role="menuitemcheckbox""#,
            r#"aria-label="AI terminal""#,
            r#"href="/a/01jd5m0w3v8k2q4r6s8t0v2x06?t=1""#,
            "6 tests run: 6 passed",
            r#"aria-current="page""#,
        ],
    );
    assert_eq!(html.matches("<h1").count(), 1);
}

#[tokio::test]
async fn an_agent_that_does_not_run_can_be_woken() {
    let html = render("hibernated", "/a/01jd5m0w3v8k2q4r6s8t0v2x04", Ok(agents())).await;
    assert_shows(&html, &["Wake agent", "Hibernated: no program runs here."]);
    let html = render("failed", "/a/01jd5m0w3v8k2q4r6s8t0v2x02", Ok(agents())).await;
    assert_shows(&html, &["Wake agent", "Ended with exit code 101"]);
    let html = render("lost", "/a/01jd5m0w3v8k2q4r6s8t0v2x08", Ok(agents())).await;
    assert_shows(&html, &["Restore agent", "Restore starts bash again in ~."]);
    assert!(!html.contains("Wake agent"), "one way back is enough");
}

#[tokio::test]
async fn each_view_of_an_agent_has_an_address() {
    for (tab, name) in [("", "Terminal"), ("/history", "History"), ("/settings", "Settings")] {
        let path = format!("{IDEMPOTENCY}{tab}");
        let html = render(&format!("agent-{}", name.to_lowercase()), &path, Ok(agents())).await;
        assert_eq!(html.matches(r#"role="tabpanel""#).count(), if tab.is_empty() { 4 } else { 3 });
        let selected = format!(r#"href="{path}" aria-selected="true""#);
        assert!(html.contains(&selected), "{selected:?} is missing in:\n{html}");
    }
    let html = render("agent-nowhere", &format!("{IDEMPOTENCY}/nowhere"), Ok(agents())).await;
    assert_shows(&html, &["There is no page at this address"]);
}

#[tokio::test]
async fn an_address_picks_the_terminal() {
    let path = format!("{IDEMPOTENCY}?t=1");
    let html = render("agent-shell", &path, Ok(agents())).await;
    assert_shows(&html, &[r#"aria-label="Shell terminal""#, "No shell runs here.", "Start again"]);
    assert!(!html.contains(r#"aria-label="AI terminal""#), "only what is in sight is there");
    let html = render("agent-no-shell", &format!("{IDEMPOTENCY}?t=9"), Ok(agents())).await;
    assert_shows(&html, &[r#"aria-label="AI terminal""#]);
}

#[tokio::test]
async fn an_agents_settings_are_in_the_page_with_their_versions() {
    let html = render("agent-settings", &format!("{IDEMPOTENCY}/settings"), Ok(agents())).await;
    assert_shows(
        &html,
        &[
            "Name and look",
            r#"id="settings-args""#,
            r#"value="teal""#,
            "Add variable",
            r#"value="API_KEY""#,
            "The new ones take effect when the agent is restarted.",
            "Went back to version 1",
            "Arguments, Note",
            "Version 2",
            "<del>sonnet</del>",
            "<ins>opus</ins>",
            "Go back",
        ],
    );
    assert!(!html.contains("6 tests run"), "a terminal that is not in sight is not loaded");
}

#[tokio::test]
async fn an_agents_history_is_told_by_day() {
    let html = render("agent-history", &format!("{IDEMPOTENCY}/history"), Ok(agents())).await;
    assert_shows(
        &html,
        &[
            "Friday, 2 January 1970",
            "Thursday, 1 January 1970",
            "Its program failed, exit code 2",
            "Woken, with its conversation",
            "Terminal “Build &lt;1&gt;” opened",
            "Changed Arguments, Note (version 2)",
        ],
    );
    assert_eq!(html.matches("history-entry").count(), 6);
    let html = render("no-history", "/a/01jd5m0w3v8k2q4r6s8t0v2x01/history", Ok(agents())).await;
    assert_shows(&html, &["Nothing happened yet"]);
    let html = render("bad-history", "/a/01jd5m0w3v8k2q4r6s8t0v2x02/history", Ok(agents())).await;
    assert_shows(&html, &["The history cannot be loaded.", "Retry now"]);
}

#[tokio::test]
async fn a_chosen_look_is_drawn() {
    let mut agents = agents();
    agents[5].settings.avatar = "🦊".into();
    agents[5].settings.colour = Colour::Rose;
    agents[5].settings.label = "Ledger <fixer>".into();
    let html = render("agent-look", IDEMPOTENCY, Ok(agents)).await;
    assert_shows(&html, &["🦊", "--h:330", "Ledger &lt;fixer&gt;"]);
}

#[tokio::test]
async fn without_agents_the_page_leads_to_the_first() {
    let html = render("welcome", "/", Ok(Vec::new())).await;
    assert_shows(
        &html,
        &[
            "Welcome to Maestro",
            "atlas, tmux 3.3a.",
            "New agent",
            "maestro agent create NAME --program PROGRAM --dir FOLDER",
            "needs JavaScript",
        ],
    );
    assert_eq!(html.matches("<h1").count(), 1);
}

#[tokio::test]
async fn what_cannot_be_loaded_is_said_with_the_reason() {
    let reason = "The database is locked by another Maestro. Stop it, then try again.";
    let html = render("cannot-load", "/", Err(ApiError::new(ErrorCode::Unavailable, reason))).await;
    assert_shows(&html, &["The agents cannot be loaded", reason, "Retry now"]);
}

#[tokio::test]
async fn unknown_agents_and_addresses_say_so() {
    let html = render("no-agent", "/a/01jd5m0w3v8k2q4r6s8t0v2x99", Ok(agents())).await;
    assert_shows(&html, &["This agent does not exist"]);
    let html = render("not-found", "/nowhere", Ok(agents())).await;
    assert_shows(&html, &["There is no page at this address"]);
}
