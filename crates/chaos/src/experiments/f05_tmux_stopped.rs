//! F5: tmux is stopped; what needs no tmux stays quick, what needs it says so, no key comes twice.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use protocol::agents::Agent;
use protocol::host::ProblemKind;
use serde_json::{Value, json};

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::{ms, percentile};
use crate::world::http::Api;
use crate::world::process::{self, Signal};
use crate::world::{World, wait};

const QUICK_ENOUGH: Duration = Duration::from_millis(200);
/// What the sentence may take, and a moment for a busy machine.
const GIVES_UP: Duration = Duration::from_millis(5_500);
const PATIENCE: Duration = Duration::from_secs(20);
/// Lines before, during and after.
const LINES: usize = 5;

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let stopped = lab.size(Duration::from_secs(8), Duration::from_secs(30));
    let world = lab.served().await?;
    let agent = world.script("echo", "stty -echo; echo ready; exec cat").await?;
    let ended = world.script("ended", "exec cat").await?;
    let widened = world.script("widened", "exec cat").await?;
    let mut socket = world.socket().await?;
    socket.terminal(1, &agent.id, None).await?;
    socket.shows(1, "ready", PATIENCE).await?;
    for line in 0..LINES {
        socket.type_in(1, &format!("before {line}.\r")).await?;
    }
    socket.shows(1, &format!("before {}.", LINES - 1), PATIENCE).await?;

    let server = world.panes().server().await?;
    process::signal(server, Signal::STOP);
    let begin = Instant::now();
    let asked = tokio::spawn(without_tmux(world.api(), agent.clone(), stopped));
    for line in 0..LINES {
        socket.type_in(1, &format!("during {line}.\r")).await?;
    }
    let refused = with_tmux(&world, &ended, &widened).await?;
    let told = socket.until("problem `tmux`", stopped, |socket| socket.suffers(ProblemKind::Tmux));
    told.await?;
    let times = asked.await??;
    socket.listen(stopped.saturating_sub(begin.elapsed())).await?;
    process::signal(server, Signal::CONT);

    let well = "problem `tmux` is solved";
    socket.until(well, PATIENCE, |socket| !socket.suffers(ProblemKind::Tmux)).await?;
    for line in 0..LINES {
        socket.type_in(1, &format!("after {line}.\r")).await?;
    }
    socket.shows(1, &format!("after {}.", LINES - 1), PATIENCE).await?;
    let lost = typed_once(&world, &agent).await?;
    let p99 = percentile(&times, 99);
    ensure(p99 < QUICK_ENOUGH, || format!("requests without tmux took {} (p99)", ms(p99)))?;
    Ok(Verdict::held(
        times.len(),
        format!(
            "p99 {} without tmux; refused after {}; {lost} lines typed meanwhile did not arrive",
            ms(p99),
            ms(refused)
        ),
    ))
}

/// Times of requests that need no tmux.
async fn without_tmux(api: Api, agent: Agent, time: Duration) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    let begin = Instant::now();
    let label = format!("/api/agents/{}", agent.id);
    let edit = json!({ "note": "while tmux does not answer" });
    while begin.elapsed() < time {
        for (method, path, body) in [
            ("GET", "/healthz", None),
            ("GET", "/api/agents", None),
            ("GET", "/", None),
            ("PATCH", label.as_str(), Some(&edit)),
        ] {
            let asked = Instant::now();
            let reply = api.send(method, path, body).await?;
            times.push(asked.elapsed());
            let fine = reply.status == 200;
            ensure(fine, || format!("{method} {path} answers {}: {}", reply.status, reply.text))?;
        }
        wait::pass(Duration::from_millis(10)).await;
    }
    Ok(times)
}

/// How long it takes until everything that needs tmux is refused with a sentence; asked at the
/// same time, since one that waits must not hold up the next.
async fn with_tmux(world: &World, ended: &Agent, widened: &Agent) -> Outcome<Duration> {
    let settings = world.settings("cannot start", "sleep", &["1000"]);
    let requests = [
        ("/api/agents".to_owned(), Some(settings)),
        (format!("/api/agents/{}/hibernate", ended.id), None),
        (format!("/api/agents/{}/terminals", widened.id), None),
    ];
    let asked = requests.iter().map(|(path, body)| refused(world.api(), path, body.as_ref()));
    let times = try_join_all(asked).await?;
    Ok(times.into_iter().max().unwrap_or_default())
}

async fn refused(api: Api, path: &str, body: Option<&Value>) -> Outcome<Duration> {
    let begin = Instant::now();
    let reply = api.send("POST", path, body).await?;
    let took = begin.elapsed();
    ensure(reply.status == 503, || {
        format!("{path} answers {} and not 503: {}", reply.status, reply.text)
    })?;
    let sentence = reply.sentence()?;
    ensure(sentence.contains("tmux"), || format!("this does not name tmux: {sentence}"))?;
    ensure(took <= GIVES_UP, || format!("{path} was refused only after {}", ms(took)))?;
    Ok(took)
}

/// No line is there twice and those before and after are there; how many of those during are not.
async fn typed_once(world: &World, agent: &Agent) -> Outcome<usize> {
    let rows = world.output(&agent.id, 1_000).await?;
    let mut lost = 0;
    for (when, may_lack) in [("before", false), ("during", true), ("after", false)] {
        for line in 0..LINES {
            let text = format!("{when} {line}.");
            let count = rows.iter().filter(|row| **row == text).count();
            let right = count == 1 || (count == 0 && may_lack);
            ensure(right, || format!("“{text}” is there {count} times: {rows:?}"))?;
            lost += usize::from(count == 0);
        }
    }
    Ok(lost)
}
