//! F24: a backup is made under load, and gone back to; nothing older than it is missing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use protocol::agents::{Agent, AgentId};
use protocol::host::Backup;
use serde_json::json;

use crate::Outcome;
use crate::content;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::ms;
use crate::world::http::Api;
use crate::world::wait;

/// Agents in the order in which they were acknowledged.
type Acknowledged = Arc<Mutex<Vec<AgentId>>>;

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let load = lab.size(Duration::from_millis(700), Duration::from_secs(3));
    let mut world = lab.served().await?;
    let acknowledged = Acknowledged::default();
    let enough = Arc::new(AtomicBool::new(false));
    let mut settings = world.settings("", "cat", &[]);
    settings["start"] = json!(false);
    let worker = create(world.api(), settings, Arc::clone(&acknowledged), Arc::clone(&enough));
    let worker = tokio::spawn(worker);
    wait::pass(load).await;
    let before = snapshot(&acknowledged);
    let begin = Instant::now();
    let backup: Backup = world.api().ask("POST", "/api/backups", None).await?;
    let took = begin.elapsed();
    let at_most: BTreeSet<AgentId> = snapshot(&acknowledged).into_iter().collect();
    wait::pass(load).await;
    enough.store(true, Ordering::Relaxed);
    worker.await??;
    let all = snapshot(&acknowledged);
    world.kill().await?;

    let ended = world.run(&["restore", &backup.path, "--yes"]).await?;
    ensure(ended.status.success(), || {
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        format!("restore ended with {}: {said}", ended.status)
    })?;
    let sound = content::open(&world.copy_database("copy")?).await;
    sound.map_err(|error| format!("what was restored is refused: {error}"))?;
    world.up().await?;
    let kept: BTreeSet<AgentId> = world.agents().await?.into_iter().map(|one| one.id).collect();
    let missing = before.iter().filter(|id| !kept.contains(id)).count();
    ensure(missing == 0, || format!("{missing} agents older than the backup are missing"))?;
    // One may have been stored before the backup and acknowledged after it.
    let newer = kept.difference(&at_most).count();
    ensure(newer <= 1, || format!("{newer} agents are newer than the backup"))?;
    let lost = all.len().saturating_sub(kept.len());
    Ok(Verdict::held(
        all.len(),
        format!("backup of {} made in {}; {lost} newer ones lost", kept.len(), ms(took)),
    ))
}

fn snapshot(acknowledged: &Acknowledged) -> Vec<AgentId> {
    acknowledged.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

async fn create(
    api: Api,
    mut settings: serde_json::Value,
    acknowledged: Acknowledged,
    enough: Arc<AtomicBool>,
) -> Outcome<()> {
    let mut number = 0;
    while !enough.load(Ordering::Relaxed) {
        number += 1;
        settings["name"] = json!(format!("agent {number}"));
        let agent: Agent = api.ask("POST", "/api/agents", Some(settings.clone())).await?;
        acknowledged.lock().unwrap_or_else(PoisonError::into_inner).push(agent.id);
    }
    Ok(())
}
