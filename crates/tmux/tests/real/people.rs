//! A person uses tmux beside Maestro.

use std::process::Stdio;

use protocol::terminals::TerminalSize;
use tmux::{Output, TmuxEvent};
use tokio::io::AsyncWriteExt;

use crate::host::{Host, SIZE, Viewer, id, lost, within};

/// Waits until a viewer is told this size.
async fn until_size(viewer: &mut Viewer, cols: u16, rows: u16) {
    let wanted = TerminalSize { cols, rows };
    while !matches!(viewer.next().await, Output::Size { size, .. } if size == wanted) {}
}

#[tokio::test]
async fn sizes_that_a_person_chose_are_followed() {
    let host = Host::start().await;
    let terminal = host.sh(&id(1), "echo here; read x").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("here").await;
    let target = format!("={}:", id(1));
    host.tmux_says(&["resize-window", "-t", &target, "-x", "100", "-y", "40"]).await;
    until_size(&mut viewer, 100, 40).await;
    // Half of it for a pane of the person's own: a line is between them.
    host.tmux_says(&["split-window", "-v", "-t", &target, "cat"]).await;
    until_size(&mut viewer, 100, 20).await;
    assert_eq!(host.tmux.running().await.unwrap(), [id(1)]);
    host.tmux_says(&["kill-pane", "-t", &format!("{target}.1")]).await;
    until_size(&mut viewer, 100, 40).await;
    // What Maestro wants counts again.
    terminal.resize(SIZE).await.unwrap();
    until_size(&mut viewer, SIZE.cols, SIZE.rows).await;
    let shown = host.tmux_says(&["display-message", "-p", "-t", &target, "#{pane_width}"]).await;
    assert_eq!(shown.trim(), "80");
}

#[tokio::test]
async fn a_client_of_a_person_changes_the_size_only_if_it_is_let() {
    let host = Host::start().await;
    let terminal = host.sh(&id(1), "echo here; read x").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("here").await;
    let target = format!("={}:", id(1));
    let mut person = host
        .tmux_command(&["-C", "attach-session", "-t", &target])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut keys = person.stdin.take().unwrap();
    keys.write_all(b"refresh-client -C 60x15\nset-option -w @seen 1\nwait-for -S seen\n")
        .await
        .unwrap();
    host.tmux_says(&["wait-for", "seen"]).await;
    assert_eq!(terminal.facts().size, SIZE);
    keys.write_all(b"set-option -w window-size latest\nrefresh-client -C 61x16\n").await.unwrap();
    until_size(&mut viewer, 61, 16).await;
}

#[tokio::test]
async fn a_renamed_session_is_still_the_same_terminal() {
    let mut host = Host::start().await;
    let script = "stty -echo; echo here; while read x; do echo \"<$x>\"; done";
    let terminal = host.sh(&id(1), script).await;
    Viewer::attach(&terminal).until("here").await;
    host.tmux_says(&["rename-session", "-t", &format!("={}", id(1)), "mine"]).await;
    host.tmux_says(&["new-window", "-d", "-t", "=mine:", "cat"]).await;
    terminal.input(b"a\r").await.unwrap();
    Viewer::attach(&terminal).until("<a>").await;
    assert_eq!(host.tmux.running().await.unwrap(), [id(1)]);

    host.restart().await;
    assert_eq!(host.tmux.running().await.unwrap(), [id(1)]);
    let terminal = host.tmux.adopt(&id(1)).await.unwrap();
    terminal.input(b"b\r").await.unwrap();
    Viewer::attach(&terminal).until("<b>").await;
    host.tmux.kill(&id(1)).await.unwrap();
    assert_eq!(host.tmux.running().await.unwrap(), []);
    let sessions = host.tmux_says(&["list-sessions", "-F", "#{session_name}"]).await;
    assert_eq!(sessions.trim(), "maestro");
    assert!(host.events.try_recv().is_err());
}

#[tokio::test]
async fn a_killed_window_is_lost_and_only_its_own_pane_counts() {
    let mut host = Host::start().await;
    let terminal = host.sh(&id(1), "echo here; read x").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("here").await;
    let target = format!("={}:", id(1));
    // A pane of the person's own that dies says nothing about the program.
    host.tmux_says(&["set-hook", "-ag", "pane-died", "wait-for -S test"]).await;
    let died = host.tmux_command(&["wait-for", "test"]).spawn().unwrap();
    // The sleeper keeps the terminal open, so that tmux is not busy closing it when it has to
    // notice the end.
    let short = "sleep 1000 & read x; exit 5";
    host.tmux_says(&["split-window", "-t", &target, short, ";", "send-keys", "Enter"]).await;
    assert!(within(died.wait_with_output()).await.unwrap().status.success());
    terminal.resize(TerminalSize { cols: 90, rows: 30 }).await.unwrap();
    assert!(host.events.try_recv().is_err());
    host.tmux_says(&["kill-window", "-t", &target]).await;
    let event: TmuxEvent = host.event().await;
    assert_eq!(event, lost(&terminal, id(1)));
    assert_eq!(viewer.exit().await, None);
}
