//! How programs end, and what is told about it.

use std::time::{Duration, Instant};

use protocol::message::Resume;
use rustix::process::Signal;
use tmux::{Output, TmuxError, TmuxEvent};

use crate::host::{Host, SIZE, Viewer, exited, has_ended, id, lost, pid, signal, tap_of};

#[tokio::test]
async fn exit_codes_and_the_last_screen_arrive() {
    let mut host = Host::start().await;
    for (number, script, code) in [
        (1, "echo done; read x; exit 0", Some(0)),
        (2, "echo done; read x; exit 3", Some(3)),
        (3, "echo done; read x; kill -9 $$", None),
        (4, "echo done; read x; sleep 100 & exit 5", Some(5)),
    ] {
        let terminal = host.sh(&id(number), script).await;
        let mut viewer = Viewer::attach(&terminal);
        viewer.until("done").await;
        terminal.input(b"\r").await.unwrap();
        assert_eq!(viewer.exit().await, code, "{script}");
        assert_eq!(host.event().await, exited(&terminal, id(number), code));
        assert_eq!(terminal.screen_text().rows, ["done"]);
        assert!(matches!(terminal.input(b"x").await, Err(TmuxError::Ended)));
        host.tmux.bury(&id(number), terminal.epoch()).await.unwrap();
    }
    assert_eq!(host.tmux.running().await.unwrap(), []);
}

#[tokio::test]
async fn no_byte_is_lost_at_either_end() {
    let mut host = Host::start().await;
    for number in 0..20 {
        let script = format!(
            "stty -echo; printf 'first {number} '; seq 1 2000; printf 'last {number}'; read x"
        );
        let terminal = host.sh(&id(number), &script).await;
        let mut viewer = Viewer::attach(&terminal);
        let epoch = terminal.facts().epoch;
        viewer.cursor = terminal.attach(Some(Resume { epoch, offset: 0 }));
        viewer.until(&format!("last {number}")).await;
        // tmux itself may drop what it has not read when a program ends; so it ends afterwards.
        terminal.input(b"\r").await.unwrap();
        let ended = exited(&terminal, id(number), Some(0));
        assert_eq!(host.event().await, ended);
        viewer.exit().await;
        let text = String::from_utf8(viewer.bytes).unwrap();
        assert!(text.starts_with(&format!("first {number} 1\r\n2\r\n")), "{text:.20}");
        assert!(text.ends_with(&format!("2000\r\nlast {number}")), "run {number}");
        assert_eq!(text.len() as u64, terminal.facts().head);
    }
}

#[tokio::test]
async fn a_missing_program_explains_itself_in_the_pane() {
    let mut host = Host::start().await;
    let launch = host.launch(&id(1), "/nowhere/claude", &[]);
    let terminal = host.tmux.spawn(launch, SIZE).await.unwrap();
    assert_eq!(host.event().await, exited(&terminal, id(1), Some(127)));
    let shown = terminal.screen_text().rows.join(" ");
    assert!(shown.contains("cannot start \"/nowhere/claude\": No such file"), "{shown}");

    let mut launch = host.launch(&id(2), "/bin/sh", &[]);
    launch.folder = "/nowhere/at/all".into();
    let terminal = host.tmux.spawn(launch, SIZE).await.unwrap();
    assert_eq!(host.event().await, exited(&terminal, id(2), Some(127)));
    let shown = terminal.screen_text().rows.join(" ");
    assert!(shown.contains("cannot enter the folder \"/nowhere/at/all\""), "{shown}");
}

#[tokio::test]
async fn a_program_that_ignores_the_hangup_is_killed() {
    let mut host = Host::start().await;
    let script = "trap '' HUP TERM; echo $$ ready; while :; do sleep 1; done";
    let terminal = host.sh(&id(1), script).await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("ready").await;
    let program = pid(terminal.screen_text().rows[0].split(' ').next().unwrap());
    host.tmux.kill(&id(1)).await.unwrap();
    assert!(has_ended(program));
    assert_eq!(viewer.exit().await, None);
    // Asked for, so not reported; and asking again does no harm.
    host.tmux.kill(&id(1)).await.unwrap();
    assert!(host.events.try_recv().is_err());
    // The terminal's place is free again.
    let terminal = host.sh(&id(1), "exit 4").await;
    assert_eq!(Viewer::attach(&terminal).exit().await, Some(4));
    assert_eq!(host.event().await, exited(&terminal, id(1), Some(4)));
}

#[tokio::test]
async fn what_a_program_left_in_the_background_is_killed_with_it() {
    let host = Host::start().await;
    // The child has a process group of its own and ignores the hang-up that ends its parent.
    let script = "trap '' HUP; sleep 1000 & trap - HUP; echo $! ready; read x";
    let launch = host.launch(&id(1), "/bin/sh", &["-mc", script]);
    let terminal = host.tmux.spawn(launch, SIZE).await.unwrap();
    Viewer::attach(&terminal).until("ready").await;
    let child = pid(terminal.screen_text().rows[0].split(' ').next().unwrap());
    assert!(!has_ended(child));
    host.tmux.kill(&id(1)).await.unwrap();
    assert!(has_ended(child));
}

#[tokio::test]
async fn a_tap_that_takes_nothing_hides_no_end() {
    let mut host = Host::start().await;
    let script = "echo start; read x; seq 1 100000; echo last words; exit 7";
    let terminal = host.sh(&id(1), script).await;
    Viewer::attach(&terminal).until("start").await;
    signal(tap_of(&terminal), Signal::STOP);
    terminal.input(b"\r").await.unwrap();
    assert_eq!(host.event().await, exited(&terminal, id(1), Some(7)));
    let shown = terminal.screen_text().rows;
    assert_eq!(shown.last().map(String::as_str), Some("last words"), "{shown:?}");
}

#[tokio::test]
async fn a_session_that_someone_else_ends_is_lost() {
    let mut host = Host::start().await;
    let terminal = host.sh(&id(1), "echo here; cat").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("here").await;
    host.tmux_says(&["kill-session", "-t", &format!("={}", id(1))]).await;
    assert_eq!(host.event().await, lost(&terminal, id(1)));
    assert_eq!(viewer.exit().await, None);
}

#[tokio::test]
async fn after_the_server_is_killed_agents_are_lost_and_new_ones_start() {
    let mut host = Host::start().await;
    let terminal = host.sh(&id(1), "echo here; cat").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("here").await;
    let killed = Instant::now();
    host.signal_server(Signal::KILL);
    assert_eq!(host.event().await, TmuxEvent::ServerGone);
    assert_eq!(host.event().await, lost(&terminal, id(1)));
    assert!(killed.elapsed() < Duration::from_secs(3));
    assert_eq!(host.event().await, TmuxEvent::ServerBack);
    assert_eq!(host.tmux.statistics().reconnects, 1);
    assert_eq!(viewer.exit().await, None);

    // The new server numbers its panes anew: the old terminal must not reach one of them.
    let again = host.sh(&id(2), "echo again; read line; echo got $line; exit 6").await;
    assert!(terminal.input(b"stray\r").await.is_err());
    let mut viewer = Viewer::attach(&again);
    viewer.until("again").await;
    again.input(b"mine\r").await.unwrap();
    viewer.until("got mine").await;
    assert_eq!(viewer.exit().await, Some(6));
    assert_eq!(host.event().await, exited(&again, id(2), Some(6)));
}

#[tokio::test]
async fn a_cursor_says_exit_once_and_then_waits() {
    let host = Host::start().await;
    let terminal = host.sh(&id(1), "exit 1").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.exit().await;
    assert!(matches!(viewer.outputs.last(), Some(Output::Exit { code: Some(1), .. })));
    let mut next = std::pin::pin!(viewer.cursor.next(1));
    let waker = std::task::Waker::noop();
    assert!(next.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
}
