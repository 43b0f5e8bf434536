//! F27: a second server on the same folder is refused; the next one after a killed one is not.

use std::time::Duration;

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::{ms, percentile};

/// Exit code of a conflict.
const CONFLICT: i32 = 6;

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let rounds = lab.size(3, 10);
    let mut world = lab.served().await?;
    let agent = world.script("only one", "exec cat").await?;
    let before = world.panes().pids().await?;
    let mut ready: Vec<Duration> = Vec::new();
    for _ in 0..rounds {
        // Another port, so that the folder is what they quarrel about.
        let second = world.run(&["--port", "0"]).await?;
        let said = String::from_utf8_lossy(&second.stderr).trim().to_owned();
        ensure(second.status.code() == Some(CONFLICT), || {
            format!("the second server ended with {}: {said}", second.status)
        })?;
        ensure(said.ends_with('.'), || format!("this is no sentence: {said}"))?;
        let first = world.api().send("GET", "/api/agents", None).await?.status;
        ensure(first == 200, || format!("the first server answers {first}"))?;
        world.kill().await?;
        ready.push(world.up().await?);
        let after = world.panes().pids().await?;
        ensure(after == before, || format!("other processes run: {before:?}, now {after:?}"))?;
    }
    let agents = world.agents().await?;
    let same = agents.len() == 1 && agents[0].id == agent.id && agents[0].state.is_running();
    ensure(same, || format!("the agents are {agents:?}"))?;
    let ready = ms(percentile(&ready, 100));
    Ok(Verdict::held(rounds, format!("exit code {CONFLICT}; after kill -9 ready within {ready}")))
}
