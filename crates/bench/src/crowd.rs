//! What many agents cost: made at once, idle, in the page, and when the server starts again.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Outcome;
use crate::http;
use crate::instance::Instance;
use crate::process;
use crate::report::Report;

/// How long idle agents are watched.
const IDLE: Duration = Duration::from_secs(30);
/// What follows a start (files written, rings dropped) is over by then.
const SETTLE: Duration = Duration::from_secs(10);
const PAGES: u32 = 50;

/// Measures with so many agents that run `cat`, and starts the server again so many times.
pub(crate) async fn measure(
    binary: &Path,
    count: usize,
    restarts: usize,
    report: &mut Report,
) -> Outcome<()> {
    let mut instance = Instance::start(binary).await?;
    let begin = Instant::now();
    create(&instance, count).await?;
    let took = begin.elapsed();
    let costs = Costs::of(&instance).await?;
    let spent = seconds(costs.server + costs.tmux);
    report.figure(
        &format!("{count} agents created by one request"),
        format!("{} (processor {spent})", seconds(took)),
        "-",
    );

    tokio::time::sleep(SETTLE).await;
    let before = Costs::of(&instance).await?;
    tokio::time::sleep(IDLE).await;
    let after = Costs::of(&instance).await?;
    let (server, tmux) = (
        share(after.server.saturating_sub(before.server)),
        share(after.tmux.saturating_sub(before.tmux)),
    );
    report.figure(
        &format!("{count} idle agents, processor of server + tmux"),
        format!("{server:.2} % + {tmux:.2} % of a core"),
        "at most 5 % for 500",
    );
    report.size(&format!("{count} idle agents, server memory"), "120 MB for 100", after.resident);
    report.size(&format!("{count} idle agents, tmux memory"), "-", after.tmux_resident);

    let before = Costs::of(&instance).await?.server;
    let mut times = Vec::new();
    for _ in 0..PAGES {
        let begin = Instant::now();
        let (status, _) = http::send(&instance, "GET", "/", None).await?;
        times.push(begin.elapsed());
        if status != 200 {
            return Err(format!("the page answers {status}").into());
        }
    }
    let each = Costs::of(&instance).await?.server.saturating_sub(before) / PAGES;
    report.times(&format!("page with {count} agents"), "-", times);
    report.figure(
        &format!("page with {count} agents, processor"),
        format!("{:.1} ms", each.as_secs_f64() * 1000.0),
        "-",
    );

    let mut ready = Vec::new();
    for _ in 0..restarts {
        instance = instance.restart(binary).await?;
        ready.push(instance.ready_after);
    }
    if restarts > 0 {
        report.times(&format!("restart to ready with {count} agents"), "1 s", ready);
    }
    instance.stop().await
}

async fn create(instance: &Instance, count: usize) -> Outcome<()> {
    let agents: Vec<Value> = (0..count)
        .map(|number| {
            let name = format!("team-group{}-agent {number}", number % 10);
            json!({ "name": name, "program": "cat", "folder": instance.work() })
        })
        .collect();
    let body = json!({ "agents": agents });
    let (status, answer) = http::send(instance, "POST", "/api/agents/batch", Some(&body)).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    if status != 200 {
        return Err(format!("the batch answers {status}: {answer}").into());
    }
    let answer: Value = serde_json::from_str(&answer)?;
    let outcomes = answer["data"]["outcomes"].as_array().ok_or("no outcomes")?;
    let running = |outcome: &&Value| outcome["agent"]["state"]["kind"] == "running";
    let started = outcomes.iter().filter(running).count();
    if started == count {
        return Ok(());
    }
    let refused = outcomes.iter().find(|outcome| !running(outcome));
    Err(format!("{started} of {count} agents run; one that does not: {refused:?}").into())
}

/// Processor time and memory so far.
struct Costs {
    server: Duration,
    tmux: Duration,
    resident: u64,
    tmux_resident: u64,
}

impl Costs {
    async fn of(instance: &Instance) -> Outcome<Self> {
        let (server, tmux) = (instance.pid()?, instance.tmux_pid().await?);
        Ok(Self {
            server: process::processor_time(server)?,
            tmux: process::processor_time(tmux)?,
            resident: process::resident(server)?,
            tmux_resident: process::resident(tmux)?,
        })
    }
}

/// Share of one core over [`IDLE`], in per cent.
fn share(time: Duration) -> f64 {
    time.as_secs_f64() / IDLE.as_secs_f64() * 100.0
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
