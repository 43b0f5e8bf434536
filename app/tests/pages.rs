//! Every page, rendered through fake ports: what the server sends before any script runs.
//!
//! `SAVE_PAGES=folder` keeps the HTML, to look at it without a server.

use std::sync::Arc;

use app::ports::Ports;
use app::theme::Theme;
use app::{PageRequest, Seed, shell};
use async_trait::async_trait;
use leptos::prelude::*;
use leptos_router::location::RequestUrl;
use protocol::agents::{Agent, AgentId, AgentList, AgentState, CreateAgent};
use protocol::error::{ApiError, ErrorCode};
use protocol::host::HostFacts;
use protocol::ports::{AgentsPort, HostPort, TerminalsPort};
use protocol::terminals::ScreenText;

/// A host whose answers are fixed.
struct FakeHost {
    agents: Result<Vec<Agent>, ApiError>,
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
    async fn start(&self, _id: &AgentId) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn stop(&self, _id: &AgentId) -> Result<Agent, ApiError> {
        Err(ApiError::internal())
    }
    async fn delete(&self, _id: &AgentId) -> Result<(), ApiError> {
        Err(ApiError::internal())
    }
}

#[async_trait]
impl TerminalsPort for FakeHost {
    async fn screen(&self, _id: &AgentId) -> Result<ScreenText, ApiError> {
        Ok(ScreenText { rows: vec!["$ cargo test".into(), "6 tests run: 6 passed".into()] })
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
}

fn agent(number: u8, name: &str, program: &str, folder: &str, state: AgentState) -> Agent {
    Agent {
        id: format!("01jd5m0w3v8k2q4r6s8t0v2x{number:02}").parse().expect("a well-formed id"),
        name: name.into(),
        program: program.into(),
        args: Vec::new(),
        folder: folder.into(),
        note: String::new(),
        state,
        created_at_ms: 0,
    }
}

fn agents() -> Vec<Agent> {
    let running = AgentState::Running { since_ms: 0 };
    let failed = AgentState::Exited { code: Some(101), at_ms: 0 };
    let done = AgentState::Exited { code: Some(0), at_ms: 0 };
    let mut agents = vec![
        agent(1, "docs-site-handbook", "codex", "/home/ana/wt/handbook", done),
        agent(2, "infra-ci-cache", "claude", "/home/ana/wt/cache", failed),
        agent(3, "mobile-ios-onboarding", "claude", "/home/ana/wt/onboarding", running),
        agent(4, "mobile-ios-widgets", "claude", "/home/ana/wt/widgets", AgentState::Stopped),
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
    agents[5].args = vec!["--model".into(), "opus".into()];
    agents[5].note = "Make posting idempotent <b>under</b> webhook retries.".into();
    agents
}

const IDEMPOTENCY: &str = "/a/01jd5m0w3v8k2q4r6s8t0v2x06";

async fn render(name: &str, path: &str, agents: Result<Vec<Agent>, ApiError>) -> String {
    let host = Arc::new(FakeHost { agents });
    let ports = Ports {
        agents: Arc::<FakeHost>::clone(&host),
        terminals: Arc::<FakeHost>::clone(&host),
        host,
    };
    let seed = Seed::load(&ports, path).await;
    let html = Owner::new().with(|| {
        ports.provide();
        provide_context(seed);
        provide_context(PageRequest {
            theme: Theme::Dark,
            instance: "atlas-1".into(),
            build: "b1".into(),
        });
        provide_context(RequestUrl::new(path));
        let options = LeptosOptions::builder().output_name("maestro").build();
        shell(options).to_html()
    });
    if let Ok(folder) = std::env::var("SAVE_PAGES") {
        std::fs::create_dir_all(&folder).expect("SAVE_PAGES names a writable folder");
        std::fs::write(format!("{folder}/{name}.html"), &html)
            .expect("SAVE_PAGES names a writable folder");
    }
    html
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
            "Stop agent",
            r#"aria-current="page""#,
        ],
    );
    assert_eq!(html.matches("<h1").count(), 1);
}

#[tokio::test]
async fn a_stopped_agent_can_be_started() {
    let html = render("stopped", "/a/01jd5m0w3v8k2q4r6s8t0v2x04", Ok(agents())).await;
    assert_shows(&html, &["Start agent", "Stopped"]);
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
