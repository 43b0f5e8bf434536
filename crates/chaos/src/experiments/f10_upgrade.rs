//! F10: the binary is replaced while agents run; they stay, and so do those who are logged in.

use std::time::Duration;

use protocol::agents::AgentState;

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::ms;

const PATIENCE: Duration = Duration::from_secs(20);
const AGENTS: usize = 10;

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let mut world = lab.world()?;
    let installed = world.folder().join("maestro");
    std::fs::copy(&lab.binary, &installed)?;
    world.binary.clone_from(&installed);
    world.up().await?;
    let browser = world.api().log_in(world.link()?).await?;
    let mut last = None;
    for number in 0..AGENTS {
        last = Some(world.script(&format!("agent {number}"), "echo ready; exec cat").await?);
    }
    let agent = last.ok_or("no agents")?;
    let before = world.panes().pids().await?;
    let mut old = world.socket().await?;
    old.terminal(1, &agent.id, None).await?;
    old.shows(1, "ready", PATIENCE).await?;

    let fresh = world.folder().join("maestro.new");
    std::fs::copy(&lab.binary, &fresh)?;
    std::fs::rename(&fresh, &installed)?;
    // The old server still starts agents: the path, not the open file, is what tmux is told.
    let meanwhile = world.script("meanwhile", "echo ready; exec cat").await?;
    old.state(&meanwhile.id, PATIENCE, AgentState::is_running).await?;
    old.terminal(2, &meanwhile.id, None).await?;
    old.shows(2, "ready", PATIENCE).await?;

    world.stop().await?;
    old.listen(PATIENCE).await?;
    ensure(old.ended, || "the old socket is still open".into())?;
    let code = old.close_code.ok_or("the old socket was not told why it ended")?;
    let ready = world.up().await?;
    let mut after = world.panes().pids().await?;
    after.remove(meanwhile.id.as_str()).ok_or("the agent started meanwhile is gone")?;
    ensure(after == before, || format!("other processes run: {before:?}, now {after:?}"))?;
    let status = browser.get("/api/agents").await?;
    ensure(status == 200, || format!("the page's login answers {status}"))?;
    let mut again = world.socket().await?;
    let build = again.build.clone().unwrap_or_default();
    ensure(!build.is_empty(), || "the new socket is told no build".into())?;
    again.terminal(1, &agent.id, old.terminals[&1].resume()).await?;
    again.type_in(1, "goes on\r").await?;
    again.shows(1, "goes on", PATIENCE).await?;
    let figure = format!("ready after {}; old socket closed with {code}, build told", ms(ready));
    Ok(Verdict::held(AGENTS + 1, figure))
}
