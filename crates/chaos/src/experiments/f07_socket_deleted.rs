//! F7: somebody deletes tmux's socket file; the agents stay the same.

use std::time::Duration;

use protocol::agents::Agent;

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::ms;

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let mut world = lab.served().await?;
    let mut agents: Vec<Agent> = Vec::new();
    for number in 0..5 {
        let script = format!("echo number {number}; exec cat");
        agents.push(world.script(&format!("agent {number}"), &script).await?);
    }
    let before = world.panes().pids().await?;
    let server = world.panes().server().await?;

    // Found while the server runs: reading the output needs a client of its own.
    std::fs::remove_file(world.panes().socket())?;
    let rows = world.output(&agents[0].id, 10).await?;
    ensure(rows.iter().any(|row| row == "number 0"), || format!("the output is {rows:?}"))?;
    let (now, pids) = (world.panes().server().await?, world.panes().pids().await?);
    ensure(now == server, || format!("tmux was {server}, now it is {now}"))?;
    ensure(pids == before, || format!("other processes run: {before:?}, now {pids:?}"))?;

    // Found by a server that starts.
    world.kill().await?;
    std::fs::remove_file(world.panes().socket())?;
    let ready = world.up().await?;
    let (now, pids) = (world.panes().server().await?, world.panes().pids().await?);
    ensure(now == server, || format!("tmux was {server}, after a restart it is {now}"))?;
    ensure(pids == before, || format!("other processes run: {before:?}, now {pids:?}"))?;
    let mut socket = world.socket().await?;
    for agent in &agents {
        socket.state(&agent.id, PATIENCE, protocol::agents::AgentState::is_running).await?;
    }
    socket.terminal(1, &agents[0].id, None).await?;
    socket.type_in(1, "still here\r").await?;
    socket.shows(1, "still here", PATIENCE).await?;
    Ok(Verdict::held(
        2,
        format!("same tmux, same {} processes; ready after {}", before.len(), ms(ready)),
    ))
}
