//! Who may do what: the owner's pages, and every page as somebody else sees it.

mod fake;

use protocol::access::audit::{AuditEntry, Outcome};
use protocol::access::devices::{Certificate, Device, Entrance, Reach};
use protocol::access::pairing::{Pairing, PairingList, PairingState};
use protocol::access::tokens::Token;
use protocol::access::{Caller, Role};
use protocol::agents::AgentState;
use protocol::error::{ApiError, ErrorCode};

pub(crate) use self::fake::FakeAccess;
use super::{FakeHost, IDEMPOTENCY, agents, assert_shows, render, render_host};

fn device(id: &str, name: &str, role: Role, entrance: Entrance) -> Device {
    Device {
        id: id.into(),
        name: name.into(),
        role,
        entrance,
        created_at_ms: 951_782_400_000,
        last_seen_at_ms: 1_772_355_900_000,
        address: "192.168.1.20".into(),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0".into(),
        sockets: 2,
    }
}

fn full() -> FakeAccess {
    let token = Token {
        id: "t1".into(),
        name: "ci <build>".into(),
        role: Role::Operator,
        prefix: "mst_4f7a".into(),
        created_at_ms: 951_782_400_000,
        expires_at_ms: Some(1_772_355_900_000),
        last_used_at_ms: None,
    };
    let waiting = Pairing {
        id: "p1".into(),
        state: PairingState::Waiting {
            name: "Ada’s <phone>".into(),
            fingerprint: "1834 9927 0041 5520 7719 3060".into(),
            address: "192.168.1.77".into(),
            user_agent: "Mozilla/5.0 (Android 16; Mobile)".into(),
        },
        expires_at_ms: 0,
    };
    let over = Pairing { id: "p2".into(), state: PairingState::Over, expires_at_ms: 0 };
    FakeAccess {
        devices: Ok(vec![
            device("d1", "Studio", Role::Owner, Entrance::Link),
            device("d2", "Tablet <hall>", Role::Viewer, Entrance::Paired),
        ]),
        tokens: Ok(vec![token]),
        reach: Reach {
            loopback: "http://127.0.0.1:23000".into(),
            public: Some("https://studio.local:23443".into()),
            certificate: Some(Certificate {
                fingerprint: "AB:CD:EF:01".into(),
                own_authority: true,
                names: vec!["studio.local".into(), "192.168.1.5".into()],
                expires_at_ms: 1_772_355_900_000,
            }),
        },
        pairings: PairingList { revision: 3, pairings: vec![waiting, over] },
        audit: Ok(vec![
            entry(3, Outcome::Failed, "agent.wake", "The folder is <gone>."),
            entry(2, Outcome::Denied, "POST /api/agents", "A viewer may not."),
            entry(1, Outcome::Done, "login", ""),
        ]),
    }
}

fn entry(seq: i64, outcome: Outcome, action: &str, detail: &str) -> AuditEntry {
    AuditEntry {
        seq,
        at_ms: 1_772_355_900_000,
        who: "device Tablet <hall> (d2)".into(),
        how: "page 192.168.1.20".into(),
        action: action.into(),
        object: "payments-ledger".into(),
        outcome,
        detail: detail.into(),
        hash: "ab".repeat(32),
    }
}

fn host(access: FakeAccess) -> FakeHost {
    let caller = Caller { id: Some("d1".into()), role: Role::Owner };
    FakeHost { access, caller, ..FakeHost::with(Ok(agents())) }
}

async fn render_as(role: Role, name: &str, path: &str, host: FakeHost) -> String {
    let caller = Caller { id: Some("d2".into()), role };
    let name = format!("{name}-{role}");
    render_host(&name, path, FakeHost { caller, ..host }).await
}

#[tokio::test]
async fn the_owner_sees_who_may_do_what() {
    let html = render_host("access", "/access", host(full())).await;
    assert_shows(
        &html,
        &[
            "This device",
            "Tablet &lt;hall&gt;",
            "By a login link",
            "Paired",
            "192.168.1.20",
            r#"aria-label="Actions for Studio""#,
            "Change role…",
            "Make a login link…",
            "Pair a device",
            "https://studio.local:23443",
            r#"href="/ca.pem""#,
            "AB:CD:EF:01",
            "ci &lt;build&gt;",
            "mst_4f7a",
            "2026-03-01 09:05 UTC",
            "studio.local, 192.168.1.5",
            "New token…",
            "Confirm that it is you",
            "maestro login-link",
        ],
    );
    assert_eq!(html.matches("<h1").count(), 1);
    assert_eq!(html.matches(">This device</span>").count(), 1, "one device is this one");
    assert!(!html.contains("only listens on this machine"), "others reach it");
}

#[tokio::test]
async fn a_device_that_waits_is_asked_about() {
    let html = render_host("access-waiting", "/access", host(full())).await;
    assert_shows(
        &html,
        &[
            "Ada’s &lt;phone&gt;",
            "asks to be let in",
            "1834 9927 0041 5520 7719 3060",
            "192.168.1.77",
            "A device asks to be let in.",
            "Let it in",
            "Refuse",
            r#"<option value="viewer" selected>"#,
        ],
    );
    assert_eq!(html.matches("fingerprint mono").count(), 1, "what is over is not asked about");
}

#[tokio::test]
async fn a_host_that_only_listens_here_says_what_to_do() {
    let html = render_host("access-local", "/access", host(FakeAccess::default())).await;
    assert_shows(
        &html,
        &[
            "Maestro only listens on this machine",
            "maestro --listen ADDRESS --tls own",
            "There is no token yet.",
            "http://127.0.0.1:23000",
        ],
    );
    assert!(!html.contains("/ca.pem"), "there is no certificate to trust");
}

#[tokio::test]
async fn a_part_that_cannot_be_loaded_hides_no_other() {
    let reason = "The database is locked by another Maestro. Stop it, then try again.";
    let error = ApiError::new(ErrorCode::Unavailable, reason);
    let access = FakeAccess { devices: Err(error), ..full() };
    let html = render_host("access-failed", "/access", host(access)).await;
    assert_shows(
        &html,
        &["The list of devices cannot be loaded.", reason, "Retry now", "mst_4f7a"],
    );
}

#[tokio::test]
async fn the_audit_trail_is_told_with_its_outcomes() {
    let html = render_host("audit", "/audit", host(full())).await;
    assert_shows(
        &html,
        &[
            "device Tablet &lt;hall&gt; (d2)",
            "page 192.168.1.20",
            "POST /api/agents",
            "payments-ledger",
            "The folder is &lt;gone&gt;.",
            r#"aria-label="Denied""#,
            r#"aria-label="Failed""#,
            r#"aria-pressed="true""#,
            "Check the whole trail",
            "maestro audit export",
        ],
    );
    assert_eq!(html.matches("<h1").count(), 1);
    assert!(!html.contains("Load older"), "these are all");
    let html = render_host("audit-empty", "/audit", host(FakeAccess::default())).await;
    assert_shows(&html, &["Nothing was noted yet"]);
    let error = ApiError::new(ErrorCode::Unavailable, "The audit trail is locked.");
    let access = FakeAccess { audit: Err(error), ..FakeAccess::default() };
    let html = render_host("audit-failed", "/audit", host(access)).await;
    assert_shows(&html, &["The audit trail cannot be loaded. The audit trail is locked."]);
    let many = (1..=100).rev().map(|seq| entry(seq, Outcome::Done, "login", "")).collect();
    let access = FakeAccess { audit: Ok(many), ..FakeAccess::default() };
    let html = render_host("audit-long", "/audit", host(access)).await;
    assert_shows(&html, &["Load older"]);
}

#[tokio::test]
async fn others_learn_why_a_page_is_not_theirs() {
    for path in ["/access", "/audit"] {
        for role in [Role::Viewer, Role::Operator] {
            let html = render_as(
                role,
                &format!("not-allowed{}", path.replace('/', "-")),
                path,
                host(full()),
            )
            .await;
            assert_shows(
                &html,
                &["This device may not see this page", role.meaning(), "The owner can change that"],
            );
            assert_eq!(html.matches("<h1").count(), 1);
            for secret in ["Tablet", "mst_4f7a", "studio.local", "1834 9927", "POST /api/agents"] {
                assert!(!html.contains(secret), "{role} sees {secret} at {path}");
            }
        }
    }
}

/// What acts, wherever it is: labels of buttons, menu entries and dialogs.
const ACTING: [&str; 38] = [
    "New agent<",
    r#""New agent""#,
    "Create agent",
    "Hibernate<",
    "Hibernate agent",
    ">Wake<",
    "Wake agent",
    "Restore all",
    ">Restore<",
    "Restore agent",
    "Restart<",
    "More actions",
    "Move to trash",
    "Rename…",
    "Clone…",
    "Move…",
    "favourites",
    "New terminal",
    "Start again",
    "Actions for the terminal",
    ">Save<",
    "Discard changes",
    "Go back",
    "Add variable",
    "Remove variable",
    "Delete for good",
    "Empty trash",
    "Keep in the trash",
    "Back up now",
    "Select all",
    "Select payments",
    "Add tag",
    "Remove tag",
    "Terminal keys",
    "Message or command",
    "Actions (Shift+F10)",
    r#"draggable="true""#,
    r#"aria-haspopup="menu""#,
];

/// Every page with everything that can be on it.
const PAGES: [(&str, &str); 9] = [
    ("overview", "/"),
    ("agent", IDEMPOTENCY),
    ("agent-shell", "/a/01jd5m0w3v8k2q4r6s8t0v2x06?t=1"),
    ("agent-settings", "/a/01jd5m0w3v8k2q4r6s8t0v2x06/settings"),
    ("agent-history", "/a/01jd5m0w3v8k2q4r6s8t0v2x06/history"),
    ("hibernated", "/a/01jd5m0w3v8k2q4r6s8t0v2x04"),
    ("lost-agent", "/a/01jd5m0w3v8k2q4r6s8t0v2x08"),
    ("trash", "/trash"),
    ("diagnostics", "/diagnostics"),
];

fn busy_host() -> FakeHost {
    let mut all = agents();
    all[0].state = AgentState::Lost { at_ms: 0 };
    all[1].state = AgentState::Lost { at_ms: 0 };
    let mut trashed = agents();
    trashed.truncate(2);
    FakeHost { agents: Ok(all), trashed: Ok(trashed), ..host(full()) }
}

#[tokio::test]
async fn a_viewer_sees_everything_and_nothing_that_acts() {
    let mut acting: Vec<&str> = Vec::new();
    for (name, path) in PAGES {
        let mine = render_as(Role::Viewer, name, path, busy_host()).await;
        assert_shows(&mine, &["View only", "You only watch here: this device is a viewer."]);
        for label in ACTING {
            assert!(!mine.contains(label), "a viewer is offered {label} at {path}");
        }
        let theirs = render_as(Role::Operator, name, path, busy_host()).await;
        assert!(!theirs.contains("View only"), "{path}");
        acting.extend(ACTING.into_iter().filter(|label| theirs.contains(label)));
        for html in [&mine, &theirs] {
            assert_eq!(html.matches("<h1").count(), 1, "{path}");
            for owners in [r#"href="/access""#, r#"href="/audit""#, "Confirm that it is you"] {
                assert!(!html.contains(owners), "{owners} at {path}");
            }
        }
    }
    for label in ACTING {
        // Some controls only come into being in a browser.
        let later =
            ["Discard changes", "Move…", "Add tag", "Remove tag", "Actions for the terminal"];
        let found = acting.contains(&label) || later.contains(&label);
        assert!(found, "{label} is nowhere, so its absence says nothing");
    }
    let owners = render("overview", "/", Ok(agents())).await;
    assert_shows(&owners, &[r#"href="/access""#, r#"href="/audit""#]);
}

#[tokio::test]
async fn a_viewer_reads_what_it_cannot_change() {
    let path = format!("{IDEMPOTENCY}/settings");
    let html = render_as(Role::Viewer, "settings", &path, busy_host()).await;
    assert_shows(
        &html,
        &[
            "it sees these settings and cannot change them.",
            r#"<fieldset disabled class="settings-fields">"#,
            r#"id="settings-args""#,
            "The new ones take effect when the agent is restarted.",
            "Version 2",
            "<del>sonnet</del>",
        ],
    );
    let html = render_as(Role::Operator, "settings", &path, busy_host()).await;
    assert_shows(&html, &[r#"<fieldset class="settings-fields">"#, ">Save<"]);
    let html = render_as(Role::Viewer, "agent", IDEMPOTENCY, busy_host()).await;
    assert_shows(&html, &["6 tests run: 6 passed"]);
    let empty = FakeHost { caller: Caller::nobody(), ..FakeHost::with(Ok(Vec::new())) };
    let html = render_host("welcome-viewer", "/", empty).await;
    assert_shows(&html, &["There is no agent yet."]);
    assert!(!html.contains("New agent") && !html.contains("maestro agent create"));
}
