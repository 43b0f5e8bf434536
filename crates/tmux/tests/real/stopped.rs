//! tmux does not answer, and then it does.

use std::time::{Duration, Instant};

use protocol::terminals::TerminalSize;
use rustix::process::Signal;
use tmux::{TmuxError, TmuxEvent};
use tokio::task::JoinSet;

use crate::host::{Host, SIZE, Viewer, id, within};

/// The five seconds of a call, and what a busy machine adds.
const SOON: Duration = Duration::from_secs(7);

fn timed_out<T>(result: Result<T, TmuxError>) -> bool {
    matches!(result, Err(TmuxError::Timeout(_)))
}

#[tokio::test]
async fn every_call_fails_in_time_and_nothing_happens_twice_later() {
    let mut host = Host::start().await;
    let terminal = host.sh(&id(1), "stty raw -echo; printf ready; exec cat").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("ready").await;
    let start = viewer.bytes.len();
    host.signal_server(Signal::STOP);

    let began = Instant::now();
    // More than the queue holds.
    let mut others = JoinSet::new();
    for _ in 0..1000 {
        let tmux = host.tmux.clone();
        others.spawn(async move { timed_out(tmux.running().await) });
    }
    let launch = host.launch(&id(2), "/bin/cat", &[]);
    let (first, third) = (id(1), id(3));
    let (typed, resized, spawned, killed, adopted, printed) = tokio::join!(
        terminal.input(b"a"),
        terminal.resize(TerminalSize { cols: 100, rows: 30 }),
        host.tmux.spawn(launch, SIZE),
        host.tmux.kill(&first),
        host.tmux.adopt(&third),
        host.tmux.output(&first, 10),
    );
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(timed_out(typed) && timed_out(resized) && timed_out(spawned));
    assert!(timed_out(killed) && timed_out(adopted) && timed_out(printed));
    assert!(others.join_all().await.into_iter().all(|timed_out| timed_out));
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert_eq!(host.event().await, TmuxEvent::Silent);
    assert!(host.tmux.statistics().timeouts >= 1006);

    host.signal_server(Signal::CONT);
    assert_eq!(host.event().await, TmuxEvent::Answering);
    terminal.input(b"z").await.unwrap();
    viewer.until("z").await;
    assert_eq!(viewer.bytes[start..], *b"az");
    assert_eq!(host.tmux.running().await.unwrap(), [id(1)]);
    assert_eq!(terminal.facts().size, SIZE);
    let target = format!("={}:", id(1));
    let look = ["display-message", "-p", "-t", &target, "#{pane_width}x#{pane_height}"];
    assert_eq!(host.tmux_says(&look).await.trim(), "80x24");
    assert!(host.events.try_recv().is_err());
    assert_eq!(host.tmux.statistics().queue_depth, 0);
}

#[tokio::test]
async fn a_late_session_ends_before_the_next_one_begins() {
    let host = Host::start().await;
    host.signal_server(Signal::STOP);
    assert!(timed_out(host.tmux.spawn(host.launch(&id(1), "/bin/cat", &[]), SIZE).await));
    let launch = host.launch(&id(1), "/bin/sh", &["-c", "echo second; read x"]);
    let tmux = host.tmux.clone();
    let second = tokio::spawn(async move { tmux.spawn(launch, SIZE).await });
    while host.tmux.statistics().queue_depth < 3 {
        tokio::task::yield_now().await;
    }
    host.signal_server(Signal::CONT);
    let second = within(second).await.unwrap().unwrap();
    Viewer::attach(&second).until("second").await;
    assert_eq!(host.tmux.running().await.unwrap(), [id(1)]);
}

#[tokio::test]
async fn a_spawn_that_nobody_waits_for_leaves_nothing_behind() {
    let host = Host::start().await;
    host.signal_server(Signal::STOP);
    let mut spawn = Box::pin(host.tmux.spawn(host.launch(&id(1), "/bin/cat", &[]), SIZE));
    let sent = host.tmux.statistics().commands;
    let waker = std::task::Waker::noop();
    while host.tmux.statistics().commands == sent {
        assert!(spawn.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        tokio::task::yield_now().await;
    }
    drop(spawn);
    host.signal_server(Signal::CONT);
    assert_eq!(host.tmux.running().await.unwrap(), []);
    assert_eq!(std::fs::read_dir(host.folder.path().join("run/launch")).unwrap().count(), 0);
}
