//! F3: the service manager stops the service. What it kills is decided by the unit file that
//! Maestro installs: only the server, and never the whole control group with tmux in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::agents::AgentState;

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::world::process::{self, Signal};
use crate::world::{World, wait};

/// Where groups can be made: the hierarchy of the service manager, or the one of version 2.
const HIERARCHIES: [&str; 2] = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup"];
/// Goes into the group whose file is its first argument and becomes the rest.
const ENTER: &str = "echo $$ > \"$1\" && shift && exec \"$@\"";
const PATIENCE: Duration = Duration::from_secs(10);
const AGENTS: usize = 5;

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let Some(group) = Group::make() else {
        return Ok(Verdict::impossible("no control group can be made under /sys/fs/cgroup"));
    };
    let mut world = lab.world()?;
    let file = group.processes_file();
    world.start_through(&[
        OsStr::new("sh"),
        OsStr::new("-c"),
        OsStr::new(ENTER),
        OsStr::new("sh"),
        file.as_os_str(),
    ]);
    let unit = world.run(&["service", "install", "--print"]).await?;
    let unit = String::from_utf8_lossy(&unit.stdout).into_owned();
    let mode = unit.lines().find_map(|line| line.strip_prefix("KillMode="));
    let mode = mode.ok_or_else(|| format!("the unit file has no KillMode: {unit}"))?.to_owned();

    world.up().await?;
    for number in 0..AGENTS {
        world.script(&format!("agent {number}"), "exec cat").await?;
    }
    let before = world.panes().pids().await?;
    let server = world.pid()?;
    let members = group.processes();
    ensure(members.contains(&server), || "the server is not in its group".into())?;
    let stopped = if mode == "process" { vec![server] } else { members };
    stop(&mut world, &stopped).await?;
    let left: Vec<u32> = before.values().copied().filter(|pid| process::lives(*pid)).collect();
    ensure(left.len() == AGENTS, || {
        format!("KillMode={mode} left {} of {AGENTS} agents alive", left.len())
    })?;
    world.up().await?;
    let after = world.panes().pids().await?;
    ensure(after == before, || format!("other processes run: {before:?}, now {after:?}"))?;

    // The proof that this could fail: with the other mode, tmux dies with the server.
    let inside = group.processes();
    let tmux = world.panes().server().await?;
    let figure = if inside.contains(&tmux) {
        stop(&mut world, &inside).await?;
        let gone = wait::until(PATIENCE, || before.values().all(|pid| !process::lives(*pid)));
        ensure(gone.await, || "agents survived the end of their whole group".into())?;
        world.up().await?;
        let agents = world.agents().await?;
        let lost = agents.iter().filter(|one| matches!(one.state, AgentState::Lost { .. }));
        let lost = lost.count();
        ensure(lost == AGENTS, || format!("{lost} of {AGENTS} are said to be lost"))?;
        format!("KillMode={mode} keeps {AGENTS}; the whole group killed: {lost} lost, and said so")
    } else {
        format!("KillMode={mode} keeps {AGENTS}; tmux is in a group of its own")
    };
    Ok(Verdict::held(2, figure))
}

/// What the manager does: first kindly, then not.
async fn stop(world: &mut World, pids: &[u32]) -> Outcome<()> {
    for pid in pids {
        process::signal(*pid, Signal::TERM);
    }
    let ended = wait::until(PATIENCE, || pids.iter().all(|pid| !process::lives(*pid))).await;
    if !ended {
        for pid in pids {
            process::signal(*pid, Signal::KILL);
        }
    }
    // Whatever ended it: the world must know that it is gone.
    world.kill().await
}

/// A control group of this experiment.
struct Group(PathBuf);

impl Group {
    fn make() -> Option<Self> {
        let name = format!("maestro-chaos-{}", std::process::id());
        HIERARCHIES.iter().find_map(|hierarchy| {
            let folder = Path::new(hierarchy).join(&name);
            std::fs::create_dir(&folder).ok()?;
            let group = Self(folder);
            group.processes_file().is_file().then_some(group)
        })
    }

    fn processes_file(&self) -> PathBuf {
        self.0.join("cgroup.procs")
    }

    fn processes(&self) -> Vec<u32> {
        let text = std::fs::read_to_string(self.processes_file()).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A group goes when nobody is in it: what is left goes back to where all began.
        for pid in self.processes() {
            let root = self.0.parent().map(|parent| parent.join("cgroup.procs"));
            let _ended_meanwhile = root.map(|file| std::fs::write(file, pid.to_string()));
        }
        let _still_used = std::fs::remove_dir(&self.0);
    }
}
