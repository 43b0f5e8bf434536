//! F21: the Nth write and the Nth fsync of the database fail; a change is there or is not.
//!
//! strace makes the system call fail, for one file only, so the program under test is as it is.

use std::process::Stdio;
use std::time::Duration;

use protocol::agents::Agent;
use protocol::agents::versions::AgentVersion;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;
use tokio::time::timeout;

use crate::Outcome;
use crate::content;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::world::World;
use crate::world::http::Reply;
use crate::world::process::{self, Signal, is_installed, program};

const PATIENCE: Duration = Duration::from_secs(20);
/// A change is one transaction: it has no more calls than this.
const CALLS: [(&str, u32); 3] = [("pwrite64", 12), ("fdatasync", 3), ("fsync", 3)];
const CHANGES: [Change; 4] = [Change::Create, Change::Edit, Change::Trash, Change::RollBack];

/// What is asked for while the call fails.
#[derive(Clone, Copy, Debug)]
enum Change {
    Create,
    Edit,
    Trash,
    RollBack,
}

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    if !is_installed("strace") {
        return Ok(Verdict::impossible("strace is not installed"));
    }
    let mut world = lab.served().await?;
    let (mut tried, mut refused) = (0, 0);
    for (call, most) in CALLS {
        for nth in 1..=lab.size(1, most) {
            for change in CHANGES {
                let name = format!("{change:?} {call} {nth}").to_lowercase();
                let told = one(&mut world, &name, change, call, nth).await;
                let told = told.map_err(|error| format!("{name}: {error}"))?;
                refused += usize::from(!told);
                tried += 1;
            }
        }
    }
    ensure(refused > 0, || "not one call was made to fail".into())?;
    Ok(Verdict::held(tried, format!("{refused} refused, all of them whole or not at all")))
}

/// One change with one failing call; whether it was acknowledged.
async fn one(world: &mut World, name: &str, change: Change, call: &str, nth: u32) -> Outcome<bool> {
    let subject = create(world, name).await?;
    let edited: Agent = ask(world, &subject, "PATCH", "", json!({ "label": "second" })).await?;
    let strace = attach(world, call, nth).await?;
    let reply = make(world, &edited, change).await?;
    let acknowledged = match reply.status {
        200 | 201 => true,
        503 | 500 => {
            reply.sentence()?;
            false
        }
        other => return Err(format!("it answers {other}: {}", reply.text).into()),
    };
    detach(strace).await?;
    whole(world, &edited, change, acknowledged, "at once").await?;
    // What the file itself holds is what the next server sees.
    world.kill().await?;
    content::open(&world.copy_database("copy")?).await?;
    world.up().await?;
    whole(world, &edited, change, acknowledged, "after kill -9").await?;
    Ok(acknowledged)
}

async fn create(world: &World, name: &str) -> Outcome<Agent> {
    let mut settings = world.settings(name, "cat", &[]);
    settings["start"] = json!(false);
    settings["label"] = json!("first");
    world.api().ask("POST", "/api/agents", Some(settings)).await
}

async fn ask<T: serde::de::DeserializeOwned>(
    world: &World,
    agent: &Agent,
    method: &str,
    rest: &str,
    body: Value,
) -> Outcome<T> {
    world.api().ask(method, &format!("/api/agents/{}{rest}", agent.id), Some(body)).await
}

/// The name that a created agent has.
fn created(agent: &Agent) -> String {
    format!("{} made", agent.settings.name)
}

async fn make(world: &World, agent: &Agent, change: Change) -> Outcome<Reply> {
    let path = format!("/api/agents/{}", agent.id);
    let api = world.api();
    match change {
        Change::Create => {
            let mut settings = world.settings(&created(agent), "cat", &[]);
            settings["start"] = json!(false);
            api.send("POST", "/api/agents", Some(&settings)).await
        }
        Change::Edit => api.send("PATCH", &path, Some(&json!({ "label": "third" }))).await,
        Change::Trash => api.send("DELETE", &path, None).await,
        Change::RollBack => {
            api.send("POST", &format!("{path}/rollback"), Some(&json!({ "version": 1 }))).await
        }
    }
}

/// The change is there with all its parts, or with none; an acknowledged one is there.
async fn whole(
    world: &World,
    agent: &Agent,
    change: Change,
    acknowledged: bool,
    when: &str,
) -> Outcome<()> {
    let used = world.agents().await?;
    let done = match change {
        Change::Create => {
            let made = used.iter().find(|one| one.settings.name == created(agent));
            if let Some(made) = made {
                let versions: Vec<AgentVersion> = versions(world, made).await?;
                ensure(versions.len() == 1, || format!("{when}: versions {versions:?}"))?;
            }
            made.is_some()
        }
        Change::Trash => {
            let trash: Vec<Agent> = world.api().ask("GET", "/api/trash", None).await?;
            let in_trash = trash.iter().any(|one| one.id == agent.id);
            let in_use = used.iter().any(|one| one.id == agent.id);
            ensure(in_trash != in_use, || format!("{when}: in use {in_use}, trash {in_trash}"))?;
            in_trash
        }
        Change::Edit | Change::RollBack => {
            let now = used.iter().find(|one| one.id == agent.id).ok_or("the agent is gone")?;
            let label = if matches!(change, Change::Edit) { "third" } else { "first" };
            let versions = versions(world, agent).await?;
            let newest = versions.iter().max_by_key(|known| known.version);
            let newest = newest.ok_or("no versions")?;
            let (old, new) = (agent.version, agent.version + 1);
            let is = (now.version, now.settings.label.as_str(), newest.version);
            let right = is == (old, "second", old) || is == (new, label, new);
            ensure(right, || format!("{when}: half of it is there: {is:?}"))?;
            now.version == new
        }
    };
    ensure(done || !acknowledged, || format!("{when}: acknowledged, and not there"))
}

async fn versions(world: &World, agent: &Agent) -> Outcome<Vec<AgentVersion>> {
    world.api().ask("GET", &format!("/api/agents/{}/versions", agent.id), None).await
}

/// Lets this call fail at its Nth time, in the database and its log.
async fn attach(world: &World, call: &str, nth: u32) -> Outcome<Child> {
    let database = world.database();
    let log = format!("{}-wal", database.display());
    let mut strace = program("strace")
        .args(["-f", "-o", "/dev/null", "-P"])
        .arg(&database)
        .args(["-P", &log, "-e", &format!("trace={call}"), "-e"])
        .arg(format!("inject={call}:error=EIO:when={nth}"))
        .args(["-p", &world.pid()?.to_string()])
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut said = BufReader::new(strace.stderr.take().ok_or("no output")?).lines();
    let line = timeout(PATIENCE, said.next_line()).await;
    let line = line.map_err(|_| "strace says nothing")??.unwrap_or_default();
    ensure(line.contains("attached"), || format!("strace: {line}"))?;
    // It goes on talking about threads; nobody needs to hear it, but the pipe must stay.
    tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
    Ok(strace)
}

async fn detach(mut strace: Child) -> Outcome<()> {
    if let Some(pid) = strace.id() {
        process::signal(pid, Signal::INT);
    }
    timeout(PATIENCE, strace.wait()).await.map_err(|_| "strace does not let go")??;
    Ok(())
}
