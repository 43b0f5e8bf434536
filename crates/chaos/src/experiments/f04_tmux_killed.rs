//! F4: tmux is killed; everything is told lost at once, nothing storms, one request brings all back.

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::agents::requests::BulkReport;
use protocol::agents::{Agent, AgentState};
use serde_json::json;

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::ms;
use crate::world::process::{self, Signal};
use crate::world::{World, wait};

const TOLD: Duration = Duration::from_secs(3);
const WATCHED: Duration = Duration::from_secs(5);

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let count = lab.size(8, 20);
    let world = lab.served().await?;
    let mut agents: Vec<Agent> = Vec::new();
    for number in 0..count {
        let folder = world.work().join(format!("folder {number}"));
        std::fs::create_dir_all(&folder)?;
        let mut settings = world.settings(&format!("agent {number}"), "sleep", &["1000"]);
        settings["folder"] = json!(folder);
        agents.push(world.api().ask("POST", "/api/agents", Some(settings)).await?);
    }
    let mut socket = world.socket().await?;
    let running = |state: AgentState| state.is_running();
    for agent in &agents {
        socket.state(&agent.id, Duration::from_secs(20), running).await?;
    }

    let old = world.panes().server().await?;
    process::signal(old, Signal::KILL);
    let told = socket
        .until("all agents are lost", TOLD, |socket| {
            agents
                .iter()
                .all(|agent| matches!(socket.state_of(&agent.id), Some(AgentState::Lost { .. })))
        })
        .await?;
    let starts = new_servers(&world, old).await;
    ensure(starts <= 1, || format!("{starts} tmux servers were started in its place"))?;
    let ready = world.api().send("GET", "/readyz", None).await?.status;
    ensure(ready == 200, || format!("the server is not ready: {ready}"))?;

    let ids: Vec<_> = agents.iter().map(|agent| &agent.id).collect();
    let wake = json!({ "agents": ids, "action": "wake" });
    let report: BulkReport = world.api().ask("POST", "/api/agents/bulk", Some(wake)).await?;
    let woken = report.outcomes.iter().filter(|outcome| outcome.error.is_none()).count();
    ensure(woken == count, || format!("{woken} of {count} woke: {report:?}"))?;
    in_their_folders(&world, &agents).await?;
    Ok(Verdict::held(
        count,
        format!("all told lost after {}; {starts} tmux started anew", ms(told)),
    ))
}

/// How many tmux servers come up while nobody asks for anything.
async fn new_servers(world: &World, old: u32) -> usize {
    let mut seen = BTreeSet::new();
    wait::until(WATCHED, || {
        seen.extend(process::tmux_servers(world.folder()).into_iter().filter(|pid| *pid != old));
        false
    })
    .await;
    seen.len()
}

async fn in_their_folders(world: &World, agents: &[Agent]) -> Outcome<()> {
    wait::asking("all panes are there in their folders", Duration::from_secs(10), async || {
        let pids = world.panes().pids().await?;
        Ok(agents.iter().all(|agent| {
            let pid = pids.get(agent.id.as_str());
            let folder = pid.and_then(|pid| process::folder_of(*pid));
            folder.is_some_and(|folder| folder.as_os_str() == agent.settings.folder.as_str())
        }))
    })
    .await
    .map(drop)
}
