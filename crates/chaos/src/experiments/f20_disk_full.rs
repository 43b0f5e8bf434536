//! F20: the disk fills up; writes say so, all else goes on, and with space it is well again.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use protocol::agents::{Agent, AgentState};
use protocol::host::ProblemKind;
use serde_json::json;

use crate::Outcome;
use crate::content;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::ms;
use crate::world::World;
use crate::world::process::{is_installed, program};

/// Makes the folder a small disk that only this process and its children see.
const MOUNT: &str = "mount -t tmpfs -o size=8m,mode=700 tmpfs \"$1\" && shift && exec \"$@\"";
const PATIENCE: Duration = Duration::from_secs(20);
/// A full log is written over from its start, so the first edits may still find room.
const EDITS: usize = 2_000;

/// A problem is told within this time.
const TOLD: Duration = Duration::from_secs(3);

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let mut world = lab.world()?;
    std::fs::create_dir_all(world.home())?;
    if !may_mount(&world.home()).await {
        return Ok(Verdict::impossible("no file system can be mounted in a space of its own"));
    }
    let home = world.home();
    world.start_through(&[
        OsStr::new("unshare"),
        OsStr::new("--mount"),
        OsStr::new("sh"),
        OsStr::new("-c"),
        OsStr::new(MOUNT),
        OsStr::new("sh"),
        home.as_os_str(),
    ]);
    world.up().await?;
    let inside = world.home_inside()?;
    let edited = world.script("edited", "stty -echo; echo ready; exec cat").await?;
    let ends = world.script("ends", "echo ready; read line; exit 3").await?;
    let mut socket = world.socket().await?;
    for (channel, agent) in [(1, &edited), (2, &ends)] {
        socket.terminal(channel, &agent.id, None).await?;
        socket.shows(channel, "ready", PATIENCE).await?;
    }

    let fill = inside.join("fill");
    fill_up(&fill)?;
    let (label, refused) = edit_until_refused(&world, &edited).await?;
    let sentence = refused.to_lowercase();
    let names_it = sentence.contains("disk") && sentence.contains("full");
    ensure(names_it, || format!("this does not say that the disk is full: {refused}"))?;
    let list = world.api().send("GET", "/api/agents", None).await?;
    ensure(list.status == 200, || format!("the list answers {}: {}", list.status, list.text))?;
    let kept: Agent = world.api().ask("GET", &format!("/api/agents/{}", edited.id), None).await?;
    ensure(kept.settings.label == label, || {
        format!("“{label}” was acknowledged, the label is “{}”", kept.settings.label)
    })?;
    socket.type_in(1, "still here\r").await?;
    socket.shows(1, "still here", PATIENCE).await?;
    // It ends while nothing can be stored: told now, stored later.
    socket.type_in(2, "\r").await?;
    let over = |state| matches!(state, AgentState::Exited { code: Some(3), .. });
    socket.state(&ends.id, PATIENCE, over).await?;
    // Emptying the write-ahead log can make just enough room: then it is stored, full disk or not.
    let problem = "problem `store`";
    let told = socket.until(problem, TOLD, |socket| socket.suffers(ProblemKind::Store)).await;
    if told.is_err() {
        stored(&world, "copy-full", &kept, &ends).await?;
    }

    std::fs::remove_file(&fill)?;
    let well = "problem `store` is solved";
    let solved = socket.until(well, PATIENCE, |socket| !socket.suffers(ProblemKind::Store)).await?;
    let path = format!("/api/agents/{}", edited.id);
    let body = json!({ "label": "after" });
    let after: Agent = world.api().ask("PATCH", &path, Some(body)).await?;
    ensure(after.version == kept.version + 1, || {
        format!("version {} after version {}", after.version, kept.version)
    })?;
    stored(&world, "copy", &after, &ends).await?;
    Ok(Verdict::held(1, format!("refused with a sentence; well again {} after space", ms(solved))))
}

async fn may_mount(folder: &Path) -> bool {
    if !is_installed("unshare") {
        return false;
    }
    let mut tried = program("unshare");
    tried.args(["--mount", "sh", "-c", MOUNT, "sh"]).arg(folder).arg("true").kill_on_drop(true);
    tried.output().await.is_ok_and(|output| output.status.success())
}

/// Writes until there is no room for one more byte.
fn fill_up(path: &Path) -> Outcome<()> {
    let mut file = std::fs::File::create(path)?;
    for block in [64 * 1024, 4096, 1] {
        let bytes = vec![b'x'; block];
        while file.write_all(&bytes).is_ok() {}
    }
    Ok(())
}

/// The last label that was acknowledged, and the sentence of the refusal.
async fn edit_until_refused(world: &World, agent: &Agent) -> Outcome<(String, String)> {
    let path = format!("/api/agents/{}", agent.id);
    let mut acknowledged = String::new();
    for number in 0..EDITS {
        let label = format!("label {number}");
        let body = json!({ "label": label, "note": "n".repeat(4_000 + number % 7) });
        let reply = world.api().send("PATCH", &path, Some(&body)).await?;
        match reply.status {
            200 => acknowledged = label,
            503 => return Ok((acknowledged, reply.sentence()?)),
            other => return Err(format!("editing answers {other}: {}", reply.text).into()),
        }
    }
    Err(format!("{EDITS} edits were taken with no space left").into())
}

/// What is on the disk is what was told.
async fn stored(world: &World, copy: &str, edited: &Agent, ends: &Agent) -> Outcome<()> {
    let (records, _) = content::open(&world.copy_database(copy)?).await?;
    let find = |agent: &Agent| records.iter().find(|record| record.agent.id == agent.id);
    let on_disk = find(edited).ok_or("the edited agent is not on the disk")?;
    ensure(on_disk.agent.settings == edited.settings, || {
        format!("on the disk it is {:?}", on_disk.agent.settings.label)
    })?;
    let on_disk = find(ends).ok_or("the ended agent is not on the disk")?.agent.state;
    let right = matches!(on_disk, AgentState::Exited { code: Some(3), .. });
    ensure(right, || format!("the end of a program was not stored: {on_disk:?}"))
}
