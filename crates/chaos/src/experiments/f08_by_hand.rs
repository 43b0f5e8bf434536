//! F8: a person attaches with tmux itself, resizes, renames and kills; Maestro follows.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use protocol::agents::AgentState;
use protocol::terminals::TerminalSize;

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::ms;
use crate::world::wait;

const FOLLOWS: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(20);
/// What the person makes of the window.
const BY_HAND: TerminalSize = TerminalSize { cols: 90, rows: 20 };

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let world = lab.served().await?;
    let agent = world.script("watched", "echo ready; exec cat").await?;
    let other = world.script("bystander", "exec cat").await?;
    let mut socket = world.socket().await?;
    socket.terminal(1, &agent.id, None).await?;
    socket.shows(1, "ready", PATIENCE).await?;
    let panes = world.panes();
    let target = format!("={}", agent.id);
    let client = attach(panes.socket(), &target)?;
    let attached = wait::until(PATIENCE, || client.sees_something()).await;
    ensure(attached, || "the person's own tmux shows nothing".into())?;

    let (cols, rows) = (BY_HAND.cols.to_string(), BY_HAND.rows.to_string());
    let window = format!("{target}:");
    panes.by_hand(&["resize-window", "-t", &window, "-x", &cols, "-y", &rows]).await?;
    let resized = socket
        .until("the size made by hand", FOLLOWS, |socket| {
            socket.terminals[&1].size == Some(BY_HAND)
        })
        .await?;

    panes.by_hand(&["rename-session", "-t", &target, "mine"]).await?;
    socket.type_in(1, "after the renaming\r").await?;
    socket.shows(1, "after the renaming", FOLLOWS).await?;
    wait::asking("its output can be read", FOLLOWS, async || {
        let path = format!("/api/terminals/{}/output", agent.id);
        let reply = world.api().send("GET", &path, None).await?;
        Ok(reply.status == 200 && reply.text.contains("after the renaming"))
    })
    .await?;
    let state = socket.state_of(&agent.id);
    let runs = state.is_some_and(AgentState::is_running);
    ensure(runs, || format!("renamed by hand, its state is {state:?}"))?;

    // By whatever name it has now.
    let renamed = panes.by_hand(&["has-session", "-t", "=mine"]).await.is_ok();
    let name = if renamed { "=mine:".to_owned() } else { window };
    panes.by_hand(&["kill-window", "-t", &name]).await?;
    let lost =
        socket.state(&agent.id, FOLLOWS, |state| matches!(state, AgentState::Lost { .. })).await?;
    let bystander = socket.state_of(&other.id);
    let runs = bystander.is_some_and(AgentState::is_running);
    ensure(runs, || format!("another agent is {bystander:?}"))?;
    let woken = world.api().send("POST", &format!("/api/agents/{}/wake", agent.id), None).await?;
    ensure(woken.status == 200, || format!("waking answers {}", woken.text))?;
    let figure = format!("size after {}, loss after {}", ms(resized), ms(lost));
    Ok(Verdict::held(4, figure))
}

/// A person's own client on a PTY of 100 by 40.
struct Client {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    seen: Arc<AtomicBool>,
}

fn attach(socket: &Path, target: &str) -> Outcome<Client> {
    let size = PtySize { rows: 40, cols: 100, pixel_width: 0, pixel_height: 0 };
    let pty = native_pty_system().openpty(size)?;
    let mut command = CommandBuilder::new("tmux");
    command.arg("-S");
    command.arg(socket);
    command.args(["attach", "-t", target]);
    command.env("TERM", "xterm-256color");
    let child = pty.slave.spawn_command(command)?;
    let mut reader = pty.master.try_clone_reader()?;
    let seen = Arc::new(AtomicBool::new(false));
    let shown = Arc::clone(&seen);
    std::thread::spawn(move || {
        let _master = pty.master;
        let mut buffer = [0; 4096];
        while let Ok(1..) = reader.read(&mut buffer) {
            shown.store(true, Ordering::Relaxed);
        }
    });
    Ok(Client { child, seen })
}

impl Client {
    fn sees_something(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It ends with its session anyway.
        let _already_gone = self.child.kill();
    }
}
