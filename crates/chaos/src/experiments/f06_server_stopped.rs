//! F6: the server sleeps and wakes; what was typed arrives once, and nothing is torn.

use std::time::Duration;

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::world::process::Signal;
use crate::world::wait;

const PATIENCE: Duration = Duration::from_secs(20);
const LINES: usize = 5;

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let stopped = lab.size(Duration::from_secs(5), Duration::from_mins(1));
    let world = lab.served().await?;
    let agent = world.script("echo", "stty -echo; echo ready; exec cat").await?;
    let mut socket = world.socket().await?;
    socket.terminal(1, &agent.id, None).await?;
    socket.shows(1, "ready", PATIENCE).await?;
    let mut last = 0;
    for line in 0..LINES {
        last = socket.type_in(1, &format!("before {line}.\r")).await?;
    }
    let acked = |socket: &crate::world::socket::Socket| socket.terminals[&1].acked_input >= last;
    socket.until("the input is taken", PATIENCE, acked).await?;

    world.signal(Signal::STOP)?;
    for line in 0..LINES {
        socket.type_in(1, &format!("during {line}.\r")).await?;
    }
    wait::pass(stopped).await;
    world.signal(Signal::CONT)?;
    // A server that slept too long closes the socket, perhaps while it is answered.
    let listened = socket.listen(Duration::from_secs(2)).await;

    // The page's own way back: a new socket that goes on where the old one stopped.
    let stayed = listened.is_ok() && !socket.ended;
    let resume = socket.terminals[&1].resume();
    let mut again = world.socket().await?;
    again.terminal(1, &agent.id, resume).await?;
    for line in 0..LINES {
        again.type_in(1, &format!("after {line}.\r")).await?;
    }
    again.shows(1, &format!("after {}.", LINES - 1), PATIENCE).await?;
    let torn = socket.terminals[&1].torn || again.terminals[&1].torn;
    ensure(!torn, || "output is missing or came twice".into())?;

    let rows = world.output(&agent.id, 1_000).await?;
    for (when, may_lack) in [("before", false), ("during", !stayed), ("after", false)] {
        for line in 0..LINES {
            let text = format!("{when} {line}.");
            let count = rows.iter().filter(|row| **row == text).count();
            let right = count == 1 || (count == 0 && may_lack);
            ensure(right, || format!("“{text}” is there {count} times: {rows:?}"))?;
        }
    }
    let kept = if stayed { "stayed open" } else { "was closed, the next one went on" };
    Ok(Verdict::held(3 * LINES, format!("{} s; the socket {kept}", stopped.as_secs())))
}
