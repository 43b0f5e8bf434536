//! Agents over HTTP: their whole life, and what everybody who watches sees of it.

use protocol::agents::AgentState;
use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_created_hibernated_woken_and_trashed_in_every_open_window() {
    let world = World::start().await;
    let (mut one, mut two) = (world.socket().await, world.socket().await);
    one.subscribe().await;
    two.subscribe().await;

    let agent = world.script("payments-ledger-fix", "exec cat").await;
    assert!(agent.state.is_running());
    for window in [&mut one, &mut two] {
        window.until("the new agent", |socket| socket.agents.agents == [agent.clone()]).await;
    }

    let path = |verb: &str| format!("/api/agents/{}{verb}", agent.id);
    let asleep = world.command("POST", &path("/hibernate")).send().await;
    assert_eq!(asleep.body()["data"]["state"]["kind"], "hibernated");
    let again = world.command("POST", &path("/hibernate")).send().await;
    assert_eq!(
        (again.status, again.body()["data"]["state"]["kind"].as_str()),
        (200, Some("hibernated"))
    );
    let awake = world.command("POST", &path("/wake")).send().await;
    assert_eq!(awake.body()["data"]["state"]["kind"], "running");
    let shown = world.command("GET", &path("")).send().await;
    assert_eq!(shown.body()["data"], awake.body()["data"]);

    let deleted = world.command("DELETE", &path("")).send().await;
    assert_eq!((deleted.status, deleted.text().as_str()), (200, r#"{"success":true,"data":null}"#));
    for window in [&mut one, &mut two] {
        window.until("no agent", |socket| socket.agents.agents.is_empty()).await;
    }
    assert_eq!(world.command("GET", &path("")).send().await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_ends_by_itself_is_seen_with_its_exit_code() {
    let world = World::start().await;
    let mut window = world.socket().await;
    window.subscribe().await;
    for (name, script, code) in
        [("good", "exit 0", Some(0)), ("bad", "exit 3", Some(3)), ("killed", "kill -KILL $$", None)]
    {
        let agent = world.script(name, script).await;
        window
            .until(name, |socket| {
                socket.agents.agents.iter().any(|known| {
                    known.id == agent.id
                        && matches!(known.state, AgentState::Exited { code: seen, .. } if seen == code)
                })
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_outlive_the_server_and_show_their_screen_again() {
    let mut world = World::start().await;
    let agent = world.script("survivor", "echo started as $$; exec cat").await;
    let gone = world.script("mortal", "exec cat").await;
    let mut window = world.socket().await;
    window.open(1, &agent.id).await;
    window.shows(1, "started as").await;
    let first_screen = window.terminals[&1].text();
    let first_epoch = window.terminals[&1].opened[0].epoch;

    world.down().await;
    let status = tokio::process::Command::new("tmux")
        .arg("-S")
        .arg(world.home().join("run/tmux-0.sock"))
        .args(["kill-session", "-t", &format!("={}", gone.id)])
        .status()
        .await
        .unwrap();
    assert!(status.success());
    world.up().await;

    let agents = world.agents().await;
    let state = |id| agents.iter().find(|agent| agent.id == id).unwrap().state;
    assert!(state(agent.id.clone()).is_running());
    assert!(matches!(state(gone.id), AgentState::Lost { .. }));
    let mut window = world.socket().await;
    window.open(1, &agent.id).await;
    window.shows(1, first_screen.trim()).await;
    assert_ne!(window.terminals[&1].opened[0].epoch, first_epoch);
    window.type_in(1, "still here\r").await;
    window.shows(1, "still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_half_made_stays_when_creating_fails() {
    let world = World::start().await;
    let work = world.work();
    let file = work.join("a-file");
    std::fs::write(&file, "").unwrap();
    for new in [
        json!({ "name": "x", "program": "no-such-program", "folder": work }),
        json!({ "name": "x", "program": "/etc", "folder": work }),
        json!({ "name": "x", "program": "sh", "folder": work.join("missing") }),
        json!({ "name": "x", "program": "sh", "folder": file }),
        json!({ "name": " x", "program": "sh", "folder": work }),
    ] {
        let answer = world.create(new.clone()).await;
        assert!(answer.status >= 400, "{new}");
        assert_eq!(world.agents().await, [], "{new}");
    }
    world.script("x", "exec cat").await;
    let taken = world.create(json!({ "name": "x", "program": "sh", "folder": work })).await;
    assert_eq!(taken.status, 409);
    assert_eq!(taken.body()["error"]["field"], "name");
    assert_eq!(world.agents().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_sender_leaves_is_carried_out_whole_or_not_at_all() {
    let world = World::start().await;
    let mut window = world.socket().await;
    window.subscribe().await;
    for round in 0..24 {
        let name = format!("orphan {round}");
        let new = json!({ "name": name, "program": "cat", "folder": world.work() });
        // Each round leaves a little later.
        world.command("POST", "/api/agents").json(&new).send_and_leave(round * 1500).await;
        let again = world.create(new).await;
        assert!([201, 409].contains(&again.status), "{}", again.text());
        // A name that is taken belongs to an agent that everybody sees running.
        window
            .until(&name, |socket| {
                let agents = &socket.agents.agents;
                agents.iter().any(|agent| agent.settings.name == name && agent.state.is_running())
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_notes_reach_every_window_however_much_they_add_up() {
    let world = World::start().await;
    let note = "n".repeat(60_000);
    for number in 0..8 {
        let new = json!({
            "name": format!("note {number}"), "program": "cat", "folder": world.work(),
            "note": note, "start": false,
        });
        assert_eq!(world.create(new).await.status, 201);
    }
    let mut window = world.socket().await;
    window.subscribe().await;
    window.until("all notes", |socket| socket.agents.agents.len() == 8).await;
    assert!(window.agents.agents.iter().all(|agent| agent.settings.note == note));
}
