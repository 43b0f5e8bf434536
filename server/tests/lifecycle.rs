//! The record of an agent: its settings and their versions, copies, the trash, many at once.

use protocol::agents::history::{HistoryEntry, HistoryEvent};
use protocol::agents::requests::BulkReport;
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentState};
use serde_json::{Value, json};

use crate::world::World;

async fn history(world: &World, agent: &Agent) -> Vec<HistoryEvent> {
    let path = format!("/api/agents/{}/history", agent.id);
    let entries: Vec<HistoryEntry> = world.ask("GET", &path, None).await;
    assert!(entries.windows(2).all(|pair| pair[0].seq > pair[1].seq), "newest first");
    entries.into_iter().rev().map(|entry| entry.event).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_change_in_every_window_and_every_version_can_be_taken_back() {
    let world = World::start().await;
    let mut window = world.socket().await;
    window.subscribe().await;
    let agent = world.script("payments-ledger-fix", "exec cat").await;
    let path = format!("/api/agents/{}", agent.id);

    let edit = json!({ "if_version": 1, "label": "Ledger", "tags": ["money"], "avatar": "🦊" });
    let edited: Agent = world.ask("PATCH", &path, Some(edit.clone())).await;
    assert_eq!((edited.version, edited.settings.label.as_str()), (2, "Ledger"));
    assert!(edited.state.is_running(), "a running program goes on");
    window.until("the label", |socket| socket.agents.agents == [edited.clone()]).await;

    let late = world.command("PATCH", &path).json(&edit).send().await;
    assert_eq!((late.status, late.body()["error"]["field"].as_str()), (409, Some("if_version")));
    let same: Agent = world.ask("PATCH", &path, Some(json!({ "label": "Ledger" }))).await;
    assert_eq!(same.version, 2, "what changes nothing makes no version");

    let renamed: Agent = world.ask("PATCH", &path, Some(json!({ "name": "docs-fix" }))).await;
    assert_eq!(renamed.version, 3);
    let back: Agent =
        world.ask("POST", &format!("{path}/rollback"), Some(json!({ "version": 1 }))).await;
    assert_eq!((back.version, &back.settings), (4, &agent.settings));
    window.until("the old settings", |socket| socket.agents.agents == [back.clone()]).await;

    let versions: Vec<AgentVersion> = world.ask("GET", &format!("{path}/versions"), None).await;
    let numbers: Vec<_> = versions.iter().map(|version| (version.version, version.from)).collect();
    assert_eq!(numbers, [(4, Some(1)), (3, None), (2, None), (1, None)]);
    assert_eq!(versions[2].settings, edited.settings);
    let none = world
        .command("POST", &format!("{path}/rollback"))
        .json(&json!({ "version": 9 }))
        .send()
        .await;
    assert_eq!(none.status, 404, "{}", none.text());

    let told = history(&world, &agent).await;
    let fields = |fields: &[&str]| fields.iter().map(|&field| field.to_owned()).collect();
    assert_eq!(
        told,
        [
            HistoryEvent::Created { from: None },
            HistoryEvent::Woken { resumed: false },
            HistoryEvent::Edited { version: 2, fields: fields(&["avatar", "label", "tags"]) },
            HistoryEvent::Edited { version: 3, fields: fields(&["name"]) },
            HistoryEvent::RolledBack { version: 4, to: 1 },
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_name_is_refused_wherever_it_is_given() {
    let world = World::start().await;
    let agent = world.script("a", "exec cat").await;
    world.script("b", "exec cat").await;
    let path = format!("/api/agents/{}", agent.id);
    let taken = json!({ "name": "b" });
    for (method, path) in [("PATCH", path.clone()), ("POST", format!("{path}/clone"))] {
        let answer = world.command(method, &path).json(&taken).send().await;
        let error = &answer.body()["error"];
        assert_eq!((answer.status, error["field"].as_str()), (409, Some("name")), "{path}");
    }
    // One that lies in the trash takes no name; coming back it needs a free one.
    world.ask::<Value>("DELETE", &path, None).await;
    let other = world.script("a", "exec cat").await;
    let restore = format!("/api/trash/{}/restore", agent.id);
    let refused = world.command("POST", &restore).send().await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let restored: Agent = world.ask("POST", &restore, Some(json!({ "name": "a again" }))).await;
    assert_eq!((restored.id, restored.settings.name.as_str()), (agent.id, "a again"));
    assert!(world.agents().await.iter().any(|known| known.id == other.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_keeps_everything_until_it_is_purged() {
    let world = World::start().await;
    let agent = world.script("a", "exec cat").await;
    let path = format!("/api/agents/{}", agent.id);
    let trash = format!("/api/trash/{}", agent.id);
    let early = world.command("DELETE", &trash).send().await;
    assert_eq!(early.status, 409, "only what lies in the trash is deleted for good");
    world.ask::<Agent>("PATCH", &path, Some(json!({ "note": "keep me" }))).await;
    world.ask::<Value>("DELETE", &path, None).await;

    assert_eq!(world.agents().await, []);
    assert_eq!(world.command("GET", &path).send().await.status, 404);
    let trashed: Vec<Agent> = world.ask("GET", "/api/trash", None).await;
    assert!(trashed[0].trashed_at_ms.is_some());
    let wake = world.command("POST", &format!("{path}/wake")).send().await;
    assert_eq!(wake.status, 404, "nothing in the trash is started");

    let back: Agent = world.ask("POST", &format!("{trash}/restore"), None).await;
    assert_eq!((back.settings.note.as_str(), back.version), ("keep me", 2));
    assert_eq!(back.state, AgentState::Hibernated);
    assert!(world.ask::<Agent>("POST", &format!("{path}/wake"), None).await.state.is_running());
    assert!(history(&world, &agent).await.contains(&HistoryEvent::Restored));

    world.ask::<Value>("DELETE", &path, None).await;
    world.ask::<Value>("DELETE", &trash, None).await;
    assert_eq!(world.ask::<Vec<Agent>>("GET", "/api/trash", None).await, []);
    assert_eq!(world.command("DELETE", &trash).send().await.status, 404);
    assert_eq!(world.command("GET", &format!("{path}/versions")).send().await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_the_settings_and_a_life_of_its_own() {
    let world = World::start().await;
    let agent = world.script("a", "exec cat").await;
    let clone = format!("/api/agents/{}/clone", agent.id);
    let copy: Agent = world.ask("POST", &clone, Some(json!({ "name": "b" }))).await;
    assert_ne!(copy.id, agent.id);
    assert_eq!((&copy.settings.args, copy.state), (&agent.settings.args, AgentState::Hibernated));
    assert_eq!(history(&world, &copy).await, [HistoryEvent::Created { from: Some(agent.id) }]);
    let running: Agent =
        world.ask("POST", &clone, Some(json!({ "name": "c", "start": true }))).await;
    assert!(running.state.is_running());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_tell_what_became_of_each() {
    let world = World::start().await;
    let work = world.work();
    let new =
        |name: &str, program: &str| json!({ "name": name, "program": program, "folder": work });
    let batch = json!({ "agents": [new("a", "cat"), new("a", "cat"), new("b", "no-such"), new("c", "cat")] });
    let report: BulkReport = world.ask("POST", "/api/agents/batch", Some(batch)).await;
    let told: Vec<_> = report
        .outcomes
        .iter()
        .map(|outcome| (outcome.name.as_str(), outcome.agent.is_some(), outcome.error.is_some()))
        .collect();
    assert_eq!(
        told,
        [("a", true, false), ("a", false, true), ("b", false, true), ("c", true, false)]
    );
    let agents = world.agents().await;
    assert_eq!(agents.len(), 2);
    assert!(agents.iter().all(|agent| agent.state.is_running()));

    let ids: Vec<_> = agents.iter().map(|agent| agent.id.to_string()).collect();
    let stranger = "0".repeat(26);
    let all = [ids[0].as_str(), stranger.as_str(), ids[1].as_str()];
    let act = async |action: Value| {
        let body = json!({ "agents": all, "action": action });
        let report: BulkReport = world.ask("POST", "/api/agents/bulk", Some(body)).await;
        assert_eq!(report.outcomes[1].name, stranger);
        assert!(report.outcomes[1].error.is_some());
        [report.outcomes[0].agent.clone().unwrap(), report.outcomes[2].agent.clone().unwrap()]
    };
    for agent in act(json!({ "add_tag": "night" })).await {
        assert_eq!(agent.settings.tags, ["night"]);
    }
    for agent in act(json!("hibernate")).await {
        assert_eq!(agent.state, AgentState::Hibernated);
    }
    for agent in act(json!("wake")).await {
        assert!(agent.state.is_running());
    }
    act(json!("trash")).await;
    assert_eq!(world.agents().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_gives_a_new_process_and_leaves_what_cannot_start_running() {
    let world = World::start().await;
    let agent = world.script("a", "echo process $$; exec cat").await;
    let mut window = world.socket().await;
    window.open(1, &agent.id).await;
    window.shows(1, "process ").await;
    let first = window.terminals[&1].text();
    let path = format!("/api/agents/{}", agent.id);
    let restarted: Agent = world.ask("POST", &format!("{path}/restart"), None).await;
    assert!(restarted.state.is_running());
    window
        .until("another process", |socket| {
            let text = socket.terminals[&1].text();
            text.contains("process ") && text != first
        })
        .await;

    std::fs::remove_dir(world.work()).unwrap();
    let refused = world.command("POST", &format!("{path}/restart")).send().await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(world.agents().await[0].state.is_running(), "what runs is not given up for nothing");
    let renamed: Agent = world.ask("PATCH", &path, Some(json!({ "name": "b" }))).await;
    assert_eq!(renamed.settings.name, "b", "a folder that vanished does not stop a rename");
}

#[tokio::test(flavor = "multi_thread")]
async fn environment_values_are_looked_up_at_a_start_and_never_stored() {
    use std::os::unix::fs::PermissionsExt as _;
    const CANARY: &str = "canary-5f1d";
    let world = World::start().await;
    let file = world.work().join("key");
    std::fs::write(&file, format!("{CANARY}\n")).unwrap();
    let new = json!({
        "name": "a", "program": "sh", "args": ["-c", "test \"$KEY\" = canary-5f1d && echo it is there; exec cat"],
        "folder": world.work(), "env": [{ "name": "KEY", "file": file }],
    });
    let open = world.create(new.clone()).await;
    assert_eq!((open.status, open.body()["error"]["field"].as_str()), (422, Some("env")));
    assert!(open.text().contains("chmod"), "{}", open.text());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let answer = world.create(new).await;
    let agent: Agent = serde_json::from_value(answer.body()["data"].clone()).unwrap();
    let mut window = world.socket().await;
    window.open(1, &agent.id).await;
    window.shows(1, "it is there").await;
    for entry in std::fs::read_dir(world.home()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && !path.ends_with("config.toml") {
            let bytes = std::fs::read(&path).unwrap();
            let held = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
            // The script itself names the value once, as the test needs it.
            let script = bytes.windows(18).any(|window| window == b"canary-5f1d && ech");
            assert!(!held || script, "{} holds the value", path.display());
        }
    }
}
