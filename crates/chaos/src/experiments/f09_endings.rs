//! F9: programs end in all ways, and one of them forks without end; the server does not mind.

use std::time::{Duration, Instant};

use protocol::agents::{Agent, AgentState};

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::{ms, percentile};
use crate::world::process::{self, Process, is_installed};
use crate::world::{World, wait};

const PATIENCE: Duration = Duration::from_secs(20);
const QUICK_ENOUGH: Duration = Duration::from_millis(500);
/// Copies of itself that the bomb may have: enough to be a nuisance.
const LIMIT: &str = "--nproc=60";
/// A process that cannot fork ends and makes room for those of the others, so it goes on. With
/// the first one, which only sleeps, all of its space ends.
const BOMB: &str = "b() { while :; do b & done; }; b & exec sleep 1000";
const SECONDS: u64 = 5;

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let world = lab.served().await?;
    let mut socket = world.socket().await?;
    let endings = [
        ("ends well", "exit 0", Some(0)),
        ("ends badly", "exit 1", Some(1)),
        ("crashes", "kill -SEGV $$", None),
    ];
    for (name, script, expected) in endings {
        let agent = world.script(name, script).await?;
        let ended = |state| matches!(state, AgentState::Exited { .. });
        socket.state(&agent.id, PATIENCE, ended).await?;
        let state = socket.state_of(&agent.id);
        let right = matches!(state, Some(AgentState::Exited { code, .. }) if code == expected);
        ensure(right, || format!("“{name}” should give {expected:?}, the state is {state:?}"))?;
    }
    if !may_bomb() {
        return Ok(Verdict::held(3, "no fork bomb: it needs root, unshare, setpriv and prlimit"));
    }
    let worst = bomb(&world).await?;
    Ok(Verdict::held(4, format!("a request took at most {} beside the bomb (p99)", ms(worst))))
}

/// A limit on processes does not bind root, so the bomb is another user, in a space of process
/// ids of its own: with the first process of that space all others end.
fn may_bomb() -> bool {
    rustix::process::geteuid().is_root()
        && ["unshare", "setpriv", "prlimit"].iter().all(|tool| is_installed(tool))
}

async fn bomb(world: &World) -> Outcome<Duration> {
    let words = [
        "--pid",
        "--fork",
        "--kill-child=KILL",
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "prlimit",
        LIMIT,
        "sh",
        "-c",
        BOMB,
    ];
    let settings = world.settings("bomb", "unshare", &words);
    let agent: Agent = world.api().ask("POST", "/api/agents", Some(settings)).await?;
    wait::asking("the bomb has gone off", PATIENCE, async || {
        Ok(world.output(&agent.id, 5).await?.iter().any(|row| row.contains("fork")))
    })
    .await?;
    let mut times = Vec::new();
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(SECONDS) {
        let asked = Instant::now();
        let reply = world.api().send("GET", "/api/agents", None).await?;
        times.push(asked.elapsed());
        ensure(reply.status == 200, || format!("the list answers {}", reply.text))?;
        wait::pass(Duration::from_millis(10)).await;
    }
    // Another agent works as ever, and the bomb can be ended.
    let beside = world.script("beside", "echo here; exec cat").await?;
    wait::asking("an agent starts beside the bomb", PATIENCE, async || {
        Ok(world.output(&beside.id, 5).await?.iter().any(|row| row == "here"))
    })
    .await?;
    let path = format!("/api/agents/{}/hibernate", agent.id);
    let state = world.api().ask::<Agent>("POST", &path, None).await?.state;
    ensure(state == AgentState::Hibernated, || format!("the bomb is {state:?}"))?;
    let first = |process: &Process| process.name == "sleep";
    let over = || !process::of_folder(world.folder()).iter().any(first);
    let ended = wait::until(PATIENCE, over).await;
    ensure(ended, || "the bomb goes on after its agent was hibernated".into())?;
    let p99 = percentile(&times, 99);
    ensure(p99 < QUICK_ENOUGH, || format!("requests took {} (p99)", ms(p99)))?;
    Ok(p99)
}
