//! F28: the clock jumps; logins live as long as the rules say, history keeps its order, and
//! backups do not come in a burst.

use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::agents::Agent;
use protocol::agents::history::HistoryEntry;
use protocol::host::Backup;
use serde_json::json;

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::world::{World, wait};

/// Where distributions put it, below the folder of the architecture.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";
/// How long something may happen that must not.
const WATCHED: Duration = Duration::from_secs(3);

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let Some(library) = library() else {
        return Ok(Verdict::impossible("libfaketime is not installed"));
    };
    let mut world = lab.world()?;
    let clock = world.folder().join("clock");
    set(&clock, "+0")?;
    world.set("LD_PRELOAD", library);
    world.set("FAKETIME_TIMESTAMP_FILE", &clock);
    world.set("FAKETIME_NO_CACHE", "1");
    world.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    world.set("DONT_FAKE_MONOTONIC", "1");
    world.up().await?;
    let agent = world.script("aging", "exec cat").await?;
    let browser = world.api().log_in(world.link()?).await?;
    let at_first = browser.get("/api/agents").await?;
    ensure(at_first == 200, || format!("a fresh login answers {at_first}"))?;
    edit(&world, &agent, "now").await?;
    let now = newest(&world, &agent).await?;
    let backups = backups(&world).await?;

    set(&clock, "-1d")?;
    edit(&world, &agent, "a day ago").await?;
    let back = newest(&world, &agent).await?;
    ensure(back.at_ms < now.at_ms, || "the clock did not go back".into())?;
    ensure(back.seq > now.seq, || format!("{back:?} came after {now:?}"))?;
    let status = browser.get("/api/agents").await?;
    ensure(status == 200, || format!("a login of tomorrow answers {status}"))?;

    // Twelve hours without use end a login; two days are more.
    set(&clock, "+2d")?;
    edit(&world, &agent, "in two days").await?;
    ordered(&world, &agent).await?;
    let status = browser.get("/api/agents").await?;
    ensure(status == 401, || format!("a login unused for two days answers {status}"))?;
    wait::pass(WATCHED).await;
    let running = self::backups(&world).await?;
    ensure(running <= backups + 1, || format!("{backups} backups became {running}"))?;

    let before = world.panes().pids().await?;
    world.kill().await?;
    world.up().await?;
    wait::pass(WATCHED).await;
    let restarted = self::backups(&world).await?;
    ensure(restarted <= running + 1, || format!("{running} backups became {restarted}"))?;
    let after = world.panes().pids().await?;
    ensure(after == before, || format!("other processes run: {before:?}, now {after:?}"))?;
    let fresh = world.api().log_in(world.link()?).await?.get("/api/agents").await?;
    ensure(fresh == 200, || format!("a new login answers {fresh}"))?;
    ordered(&world, &agent).await?;
    Ok(Verdict::held(3, format!("backups {backups}, {running}, {restarted} over the jumps")))
}

/// The library that lies to one process about the time.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    let places = folders.flatten().map(|folder| folder.path().join(LIBRARY));
    places.into_iter().find(|path| path.is_file())
}

/// Sets the clock in one step: the server reads the file at any moment.
fn set(clock: &Path, offset: &str) -> Outcome<()> {
    let fresh = clock.with_extension("new");
    std::fs::write(&fresh, format!("{offset}\n"))?;
    std::fs::rename(&fresh, clock)?;
    Ok(())
}

async fn edit(world: &World, agent: &Agent, label: &str) -> Outcome<()> {
    let path = format!("/api/agents/{}", agent.id);
    let _: Agent = world.api().ask("PATCH", &path, Some(json!({ "label": label }))).await?;
    Ok(())
}

async fn history(world: &World, agent: &Agent) -> Outcome<Vec<HistoryEntry>> {
    world.api().ask("GET", &format!("/api/agents/{}/history", agent.id), None).await
}

async fn newest(world: &World, agent: &Agent) -> Outcome<HistoryEntry> {
    Ok(history(world, agent).await?.into_iter().next().ok_or("no history")?)
}

/// Newest first, whatever the clock said.
async fn ordered(world: &World, agent: &Agent) -> Outcome<()> {
    let all = history(world, agent).await?;
    ensure(all.is_sorted_by(|newer, older| newer.seq > older.seq), || {
        format!("the history is out of order: {all:?}")
    })
}

async fn backups(world: &World) -> Outcome<usize> {
    Ok(world.api().ask::<Vec<Backup>>("GET", "/api/backups", None).await?.len())
}
