//! Terminals beside that of the program: opened, named, ended and closed one by one.

use protocol::agents::{Agent, AgentState};
use protocol::terminals::{ScreenText, TerminalId};
use serde_json::{Value, json};

use crate::world::World;

fn id(agent: &Agent, number: u16) -> TerminalId {
    TerminalId { agent: agent.id.clone(), number }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_has_a_shell_and_as_many_more_as_are_wanted() {
    let world = World::start().await;
    let agent = world.script("a", "exec cat").await;
    let [shell] = &agent.terminals[..] else { panic!("one shell: {agent:?}") };
    assert_eq!(
        (shell.number, shell.name.as_str(), shell.state),
        (1, "Shell", AgentState::Hibernated)
    );

    let start = format!("/api/terminals/{}/start", id(&agent, 1));
    let started: Agent = world.ask("POST", &start, None).await;
    assert!(started.terminal(1).unwrap().state.is_running());
    let mut window = world.socket().await;
    window.subscribe().await;
    window.open_shell(1, id(&agent, 1)).await;
    window.open(2, &agent.id).await;
    window.type_in(1, "echo $((6*7)) in $PWD\r").await;
    window.shows(1, &format!("42 in {}", world.work().canonicalize().unwrap().display())).await;
    window.type_in(2, "to the program\r").await;
    window.shows(2, "to the program").await;
    assert!(!window.terminals[&2].text().contains("42"), "each has a screen of its own");

    let open = format!("/api/agents/{}/terminals", agent.id);
    let more: Agent = world.ask("POST", &open, Some(json!({ "name": "logs" }))).await;
    assert_eq!(more.terminals[1].name, "logs");
    assert!(more.terminals[1].state.is_running());
    let again: Agent = world.ask("POST", &open, None).await;
    assert_eq!(again.terminals[2].name, "Shell 2");

    let logs = format!("/api/terminals/{}", id(&agent, 2));
    let renamed: Agent = world.ask("PATCH", &logs, Some(json!({ "name": "server log" }))).await;
    assert_eq!(renamed.terminal(2).unwrap().name, "server log");
    let closed: Agent = world.ask("DELETE", &logs, None).await;
    assert!(closed.terminal(2).is_none() && closed.terminal(3).is_some());
    assert_eq!(world.command("DELETE", &logs).send().await.status, 404);
    let newest: Agent = world.ask("POST", &open, None).await;
    assert_eq!(newest.terminals.last().unwrap().number, 4, "a number is never used again");
    window.until("all of it", |socket| socket.agents.agents == [newest.clone()]).await;

    let own = format!("/api/terminals/{}", agent.id);
    let refused = world.command("DELETE", &own).send().await;
    assert_eq!(refused.status, 409, "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_that_ends_says_so_and_starts_again() {
    let world = World::start().await;
    let agent = world.script("a", "exec cat").await;
    let start = format!("/api/terminals/{}/start", id(&agent, 1));
    world.ask::<Agent>("POST", &start, None).await;
    let mut window = world.socket().await;
    window.subscribe().await;
    window.open_shell(1, id(&agent, 1)).await;
    window.type_in(1, "exit 3\r").await;
    window
        .until("its end", |socket| {
            let shells = socket.agents.agents.iter().filter_map(|agent| agent.terminal(1));
            shells
                .map(|shell| shell.state)
                .any(|state| matches!(state, AgentState::Exited { code: Some(3), .. }))
        })
        .await;
    assert!(world.agents().await[0].state.is_running(), "the program goes on");
    let started: Agent = world.ask("POST", &start, None).await;
    assert!(started.terminal(1).unwrap().state.is_running());
    let asleep: Agent =
        world.ask("POST", &format!("/api/agents/{}/hibernate", agent.id), None).await;
    assert_eq!(asleep.terminal(1).unwrap().state, AgentState::Hibernated, "all sessions end");
}

#[tokio::test(flavor = "multi_thread")]
async fn output_reaches_back_beyond_the_screen_and_outlives_the_program() {
    let mut world = World::start().await;
    let agent = world.script("a", "seq 1 300; exit 7").await;
    let mut window = world.socket().await;
    window.subscribe().await;
    window
        .until("its end", |socket| {
            socket
                .agents
                .agents
                .iter()
                .any(|agent| matches!(agent.state, AgentState::Exited { .. }))
        })
        .await;
    let path = format!("/api/terminals/{}/output?lines=20", agent.id);
    let last: ScreenText = world.ask("GET", &path, None).await;
    assert!(last.rows.contains(&"300".to_owned()), "{last:?}");

    let living = world.script("b", "seq 1 300; exec cat").await;
    window.open(1, &living.id).await;
    window.shows(1, "300").await;
    let path_of = |lines: u32| format!("/api/terminals/{}/output?lines={lines}", living.id);
    let all: ScreenText = world.ask("GET", &path_of(5000), None).await;
    let numbers: Vec<String> = (1..=300).map(|number| number.to_string()).collect();
    assert_eq!(all.rows[..300], numbers);
    let some: ScreenText = world.ask("GET", &path_of(3), None).await;
    assert_eq!(some.rows.len(), 3);
    let bad = world.command("GET", &format!("{}&x=1", path_of(1))).send().await;
    assert_eq!(bad.status, 422, "{}", bad.text());

    world.down().await;
    world.up().await;
    let kept: ScreenText = world.ask("GET", &path, None).await;
    assert!(kept.rows.contains(&"300".to_owned()), "the last screen was stored: {kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_go_on_without_the_server() {
    let mut world = World::start().await;
    let agent = world.script("a", "exec cat").await;
    let start = format!("/api/terminals/{}/start", id(&agent, 1));
    world.ask::<Agent>("POST", &start, None).await;
    let mut window = world.socket().await;
    window.open_shell(1, id(&agent, 1)).await;
    window.type_in(1, "kept=yes\r").await;
    window.shows(1, "kept=yes").await;
    world.down().await;
    world.up().await;
    let mut window = world.socket().await;
    window.open_shell(1, id(&agent, 1)).await;
    window.type_in(1, "echo still $kept\r").await;
    window.shows(1, "still yes").await;
    world.ask::<Value>("DELETE", &format!("/api/agents/{}", agent.id), None).await;
}
