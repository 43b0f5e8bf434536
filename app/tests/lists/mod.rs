//! The pages around the list of agents: filter, favourites, trash, problems, diagnostics.

use protocol::agents::{Agent, AgentState};
use protocol::error::{ApiError, ErrorCode};
use protocol::host::{Backup, Check, Diagnostics, HostHealth, Measure, Problem, ProblemKind};

use super::{FakeHost, IDEMPOTENCY, agents, assert_shows, render, render_host};

fn trashed() -> Vec<Agent> {
    let mut agents = agents();
    agents.truncate(2);
    agents[0].trashed_at_ms = Some(1_772_355_900_000);
    agents[1].settings.label = "Cache <warmer>".into();
    agents
}

#[tokio::test]
async fn the_trash_offers_the_way_back() {
    let host = FakeHost { trashed: Ok(trashed()), ..FakeHost::with(Ok(agents())) };
    let html = render_host("trash", "/trash", host).await;
    assert_shows(
        &html,
        &[
            "2 agents",
            "2026-03-01 09:05 UTC",
            "Cache &lt;warmer&gt;",
            "~/wt/handbook",
            "Restore",
            "Empty trash…",
        ],
    );
    assert_eq!(html.matches("<h1").count(), 1);
    assert_eq!(html.matches("Delete for good…").count(), 2);
}

#[tokio::test]
async fn an_empty_trash_and_one_that_cannot_be_read_say_so() {
    let html = render("trash-empty", "/trash", Ok(agents())).await;
    assert_shows(&html, &["The trash is empty", "All agents"]);
    assert!(!html.contains("Empty trash…"), "nothing to empty");
    let reason = "The database is locked by another Maestro. Stop it, then try again.";
    let error = ApiError::new(ErrorCode::Unavailable, reason);
    let host = FakeHost { trashed: Err(error), ..FakeHost::with(Ok(agents())) };
    let html = render_host("trash-failed", "/trash", host).await;
    assert_shows(&html, &["The trash cannot be loaded", reason, "Retry now"]);
}

fn full_disk() -> HostHealth {
    let problem = |kind, message: &str| Problem { kind, message: message.into(), since_ms: 0 };
    HostHealth {
        revision: 1,
        problems: vec![
            problem(ProblemKind::Store, "The disk is full. Free some space; <nothing> is lost."),
            problem(ProblemKind::Backup, "No backup since yesterday. Look at the folder."),
        ],
    }
}

#[tokio::test]
async fn problems_are_told_over_every_page() {
    for (name, path) in [("problems", "/"), ("problems-agent", IDEMPOTENCY)] {
        let host = FakeHost { health: full_disk(), ..FakeHost::with(Ok(agents())) };
        let html = render_host(name, path, host).await;
        assert_shows(&html, &["Free some space; &lt;nothing&gt; is lost.", "No backup since"]);
        assert_eq!(html.matches(r#"class="notice problem"#).count(), 2, "{path}");
    }
    let html = render("overview", "/", Ok(agents())).await;
    assert!(!html.contains("notice problem"), "all is well");
}

#[tokio::test]
async fn diagnostics_say_what_to_do() {
    let check =
        |name: &str, ok, detail: &str| Check { name: name.into(), ok, detail: detail.into() };
    let measure = |name: &str, value: &str| Measure { name: name.into(), value: value.into() };
    let backup = |name: &str, made_at_ms| Backup {
        path: format!("/home/ana/.maestro/backups/{name}.db"),
        made_at_ms,
        bytes: 5 << 20,
    };
    let diagnostics = Diagnostics {
        checks: vec![
            check("tmux", true, "3.3a, the server answers"),
            check("data folder", false, "Only 12 MB are free. Free some space."),
            check("database", true, "no damage found"),
        ],
        measures: vec![measure("Agents", "8"), measure("Memory of the server", "38 MB")],
        backups: vec![backup("b", 1_772_355_900_000), backup("a", 951_782_400_000)],
    };
    let host = FakeHost {
        diagnostics: Ok(diagnostics),
        health: full_disk(),
        ..FakeHost::with(Ok(agents()))
    };
    let html = render_host("diagnostics", "/diagnostics", host).await;
    assert_shows(
        &html,
        &[
            "1 of 3 need attention",
            "Only 12 MB are free.",
            "38 MB",
            "~/.maestro/backups/b.db",
            "5.0 MB",
            "2026-03-01 09:05 UTC",
            "Back up now",
        ],
    );
    assert_eq!(html.matches("<h1").count(), 1);
    let html = render("diagnostics-bare", "/diagnostics", Ok(Vec::new())).await;
    assert_shows(&html, &["There is no backup yet.", "all good"]);
}

#[tokio::test]
async fn the_address_filters_and_orders_the_list() {
    let html = render("filtered", "/?q=tag%3Aapi%20ledger&sort=-name", Ok(tagged())).await;
    assert_shows(
        &html,
        &["1 of 8 agents", "Select payments-ledger-reconcile", r#"value="tag:api ledger""#],
    );
    assert!(!html.contains("Select scratch"), "filtered away");
    assert_shows(&html, &[r#"aria-sort="descending""#, "/?q=tag%3Aapi%20ledger&amp;sort=state"]);
    let html = render("filtered-away", "/?q=nothing%20%3Cb%3E", Ok(tagged())).await;
    assert_shows(&html, &["No agent fits the filter", "nothing &lt;b&gt;", "Clear filter"]);
    assert_eq!(html.matches(r#"role="treeitem""#).count(), 12 + 2, "the tree is not filtered");
}

fn tagged() -> Vec<Agent> {
    let mut agents = agents();
    agents[6].settings.tags = vec!["api".into(), "needs <review>".into()];
    agents[6].settings.label = "Reconciler".into();
    agents[4].settings.tags = vec!["api".into()];
    agents[4].settings.favourite = true;
    agents[4].settings.avatar = "🦊".into();
    agents
}

#[tokio::test]
async fn favourites_are_pinned_and_tags_are_text() {
    let html = render("pinned", "/", Ok(tagged())).await;
    assert_shows(
        &html,
        &["Pinned", "payments / checkout / sca", "🦊", "Reconciler", "needs &lt;review&gt;"],
    );
    assert_eq!(html.matches(r#"tabindex="0""#).count(), 1, "the tree is one tab stop");
}

#[tokio::test]
async fn many_lost_agents_are_one_notice() {
    let mut agents = agents();
    for agent in &mut agents[..5] {
        agent.state = AgentState::Lost { at_ms: 0 };
    }
    let html = render("lost", "/", Ok(agents)).await;
    assert_shows(&html, &["agents were lost with their tmux server.", "Restore all"]);
    let html = render("overview", "/", Ok(super::agents())).await;
    assert!(!html.contains("Restore all"), "one lost agent tells its own story");
}
