//! F2: the server is killed again and again under load; what it acknowledged is there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentId};
use protocol::terminals::TerminalId;
use serde_json::json;

use crate::Outcome;
use crate::content;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::{ms, percentile};
use crate::world::http::Api;
use crate::world::{World, wait};

const READY: Duration = Duration::from_secs(1);
const SETTLED: Duration = Duration::from_secs(10);
/// New agents of one round.
const CREATED: usize = 30;

/// What the server has acknowledged, over all rounds.
#[derive(Default)]
struct Ledger {
    created: BTreeSet<AgentId>,
    trashed: BTreeSet<AgentId>,
    /// Version and label of the last edit.
    edited: Option<(u32, String)>,
    /// Whether the last answer to waking and hibernating said that it runs.
    cycled: Option<bool>,
    /// Requests that were acknowledged.
    count: usize,
}

/// Agents that always run, one that is edited, one that is woken and hibernated.
struct Cast {
    steady: Vec<Agent>,
    edited: Agent,
    cycled: Agent,
}

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let rounds = lab.size(8, 100);
    let mut world = lab.served().await?;
    let mut steady = Vec::new();
    for number in 0..5 {
        steady.push(world.script(&format!("steady {number}"), "exec cat").await?);
    }
    let cast = Cast {
        steady,
        edited: world.script("edited", "exec cat").await?,
        cycled: world.script("cycled", "exec cat").await?,
    };
    let before = world.panes().pids().await?;
    let mut ledger = Ledger::default();
    let mut ready = Vec::new();
    for round in 0..rounds {
        let dead = Arc::new(AtomicBool::new(false));
        let workers = [
            tokio::spawn(create(world.api(), dead.clone(), world.settings("", "cat", &[]), round)),
            tokio::spawn(edit(world.api(), dead.clone(), cast.edited.id.clone(), round)),
            tokio::spawn(cycle(world.api(), dead.clone(), cast.cycled.id.clone())),
        ];
        wait::pass(lab.dice.within(Duration::from_secs(2))).await;
        world.kill().await?;
        dead.store(true, Ordering::Relaxed);
        let mut unsure = Vec::new();
        for worker in workers {
            let part = worker.await??;
            ledger.count += part.count;
            ledger.created.extend(part.created);
            ledger.trashed.extend(part.trashed);
            ledger.edited = part.edited.or(ledger.edited);
            unsure.push(part.cycled);
        }
        ledger.cycled = unsure.into_iter().flatten().next_back();
        let copy = world.copy_database("copy")?;
        let sound = content::open(&copy).await;
        sound.map_err(|error| format!("round {round}: the database is refused: {error}"))?;
        ready.push(world.up().await?);
        let kept = check(&world, &cast, &ledger, &before).await;
        kept.map_err(|error| format!("round {round}: {error}"))?;
        // What was stored without anybody being told counts as acknowledged from here on.
        let path = format!("/api/agents/{}", cast.edited.id);
        let edited: Agent = world.api().ask("GET", &path, None).await?;
        ledger.edited = Some((edited.version, edited.settings.label));
    }
    let p95 = percentile(&ready, 95);
    ensure(p95 <= READY, || format!("ready only after {} (p95)", ms(p95)))?;
    let count = ledger.count;
    Ok(Verdict::held(rounds, format!("{count} acknowledged requests kept; ready p95 {}", ms(p95))))
}

/// Creates agents, and moves every third to the trash.
async fn create(
    api: Api,
    dead: Arc<AtomicBool>,
    mut settings: serde_json::Value,
    round: usize,
) -> Outcome<Ledger> {
    let mut part = Ledger::default();
    settings["start"] = json!(false);
    for number in 0..CREATED {
        settings["name"] = json!(format!("new {round} {number}"));
        let Ok(reply) = api.send("POST", "/api/agents", Some(&settings)).await else { break };
        ensure(reply.status == 201, || format!("creating answers {}", reply.text))?;
        let id = reply.data::<Agent>()?.id;
        part.created.insert(id.clone());
        part.count += 1;
        if number % 3 == 0 {
            let path = format!("/api/agents/{id}");
            let Ok(reply) = api.send("DELETE", &path, None).await else { break };
            ensure(reply.status == 200, || format!("trashing answers {}", reply.text))?;
            part.trashed.insert(id);
            part.count += 1;
        }
        if dead.load(Ordering::Relaxed) {
            break;
        }
    }
    Ok(part)
}

/// Edits one agent as fast as it can.
async fn edit(api: Api, dead: Arc<AtomicBool>, id: AgentId, round: usize) -> Outcome<Ledger> {
    let mut part = Ledger::default();
    for number in 0.. {
        let label = format!("edit {round} {number}");
        let path = format!("/api/agents/{id}");
        let body = json!({ "label": label });
        let Ok(reply) = api.send("PATCH", &path, Some(&body)).await else { break };
        ensure(reply.status == 200, || format!("editing answers {}", reply.text))?;
        part.edited = Some((reply.data::<Agent>()?.version, label));
        part.count += 1;
        if dead.load(Ordering::Relaxed) {
            break;
        }
    }
    Ok(part)
}

/// Wakes and hibernates one agent; unsure when the last request had no answer.
async fn cycle(api: Api, dead: Arc<AtomicBool>, id: AgentId) -> Outcome<Ledger> {
    let mut part = Ledger::default();
    for number in 0.. {
        let runs = number % 2 == 1;
        let path = format!("/api/agents/{id}/{}", if runs { "wake" } else { "hibernate" });
        let Ok(reply) = api.send("POST", &path, None).await else {
            part.cycled = None;
            break;
        };
        ensure(reply.status == 200, || format!("{path} answers {}", reply.text))?;
        part.cycled = Some(runs);
        part.count += 1;
        if dead.load(Ordering::Relaxed) {
            break;
        }
    }
    Ok(part)
}

async fn check(
    world: &World,
    cast: &Cast,
    ledger: &Ledger,
    before: &std::collections::BTreeMap<String, u32>,
) -> Outcome<()> {
    let api = world.api();
    let used = world.agents().await?;
    let trashed: Vec<Agent> = api.ask("GET", "/api/trash", None).await?;
    let in_use = |id: &AgentId| used.iter().any(|agent| agent.id == *id);
    let in_trash = |id: &AgentId| trashed.iter().any(|agent| agent.id == *id);
    for id in &ledger.created {
        ensure(in_use(id) || in_trash(id), || format!("agent {id} was acknowledged and is gone"))?;
    }
    for id in &ledger.trashed {
        ensure(in_trash(id) && !in_use(id), || format!("agent {id} is not in the trash"))?;
    }
    if let Some((version, label)) = &ledger.edited {
        let path = format!("/api/agents/{}/versions", cast.edited.id);
        let versions: Vec<AgentVersion> = api.ask("GET", &path, None).await?;
        let known = versions.iter().find(|known| known.version == *version);
        let right = known.is_some_and(|known| known.settings.label == *label);
        ensure(right, || format!("version {version} “{label}” was acknowledged, not {known:?}"))?;
        // One more may have been stored without anybody being told.
        let newest = versions.iter().map(|known| known.version).max().unwrap_or_default();
        ensure(newest <= version + 1, || format!("version {newest} after {version}"))?;
    }
    let pids = world.panes().pids().await?;
    for agent in cast.steady.iter().chain([&cast.edited]) {
        let (was, is) = (before.get(agent.id.as_str()), pids.get(agent.id.as_str()));
        ensure(was == is, || format!("{} was {was:?}, now {is:?}", agent.settings.name))?;
    }
    if let Some(runs) = ledger.cycled {
        let state = used.iter().find(|agent| agent.id == cast.cycled.id).map(|one| one.state);
        let right = state.is_some_and(|state| state.is_running() == runs);
        ensure(right, || format!("“runs: {runs}” was acknowledged, the state is {state:?}"))?;
    }
    wait::asking("sessions are those of running agents", SETTLED, async || {
        let sessions: BTreeSet<String> = world.panes().pids().await?.into_keys().collect();
        Ok(sessions == running(&world.agents().await?))
    })
    .await
    .map(drop)
}

/// Terminals that run, as tmux would name their sessions.
fn running(agents: &[Agent]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for agent in agents {
        if agent.state.is_running() {
            names.insert(agent.id.to_string());
        }
        for terminal in agent.terminals.iter().filter(|one| one.state.is_running()) {
            let id = TerminalId { agent: agent.id.clone(), number: terminal.number };
            names.insert(id.to_string());
        }
    }
    names
}
