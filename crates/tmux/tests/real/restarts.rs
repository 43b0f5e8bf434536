//! Agents outlive the process that started them.

use protocol::message::Resume;
use rustix::process::Signal;
use tmux::{Output, TmuxError};

use crate::host::{Host, Viewer, exited, id, signal, tap_of, within};

#[tokio::test]
async fn an_adopted_agent_keeps_its_process_and_screen() {
    let mut host = Host::start().await;
    let script = "printf '\\033[?1h\\033[31mred\\033[m pid %s\\n' $$; stty -echo; \
                  while read line; do echo \"got $line\"; done";
    let terminal = host.sh(&id(1), script).await;
    Viewer::attach(&terminal).until("pid").await;
    terminal.input(b"one\r").await.unwrap();
    Viewer::attach(&terminal).until("got one").await;
    let before = terminal.screen_text();
    let old = terminal.facts();

    host.restart().await;
    assert!(terminal.input(b"lost").await.is_err());
    assert_eq!(host.tmux.running().await.unwrap(), [id(1)]);
    let terminal = host.tmux.adopt(&id(1)).await.unwrap();
    assert_eq!(terminal.screen_text(), before);
    assert_ne!(terminal.facts().epoch, old.epoch);
    assert!(matches!(host.tmux.adopt(&id(1)).await, Err(TmuxError::Running(_))));

    let mut viewer = Viewer::attach(&terminal);
    viewer.cursor = terminal.attach(Some(Resume { epoch: old.epoch, offset: old.head }));
    assert!(matches!(viewer.next().await, Output::Snapshot { offset: 0, .. }));
    let snapshot = String::from_utf8_lossy(&viewer.bytes).into_owned();
    assert!(snapshot.contains("\x1b[31mred") && snapshot.contains("\x1b[?1h"), "{snapshot:?}");
    terminal.input(b"two\r").await.unwrap();
    viewer.until("got two").await;
    host.tmux.kill(&id(1)).await.unwrap();
    assert_eq!(viewer.exit().await, None);
}

#[tokio::test]
async fn what_ended_meanwhile_is_told_with_its_last_screen() {
    let mut host = Host::start().await;
    let file = host.folder.path().join("go");
    rustix::fs::mkfifoat(rustix::fs::CWD, &file, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
        .unwrap();
    // The sleeper keeps the terminal open, so that tmux is not busy closing it when the program
    // ends and its own hook can be relied on.
    let script = "sleep 1000 & echo before; cat go; exit 9";
    let terminal = host.sh(&id(1), script).await;
    Viewer::attach(&terminal).until("before").await;
    host.tmux_says(&["set-hook", "-ag", "pane-died", "wait-for -S test"]).await;
    let mut waiting = host.tmux_command(&["wait-for", "test"]);
    host.restart_around(async || {
        std::fs::write(&file, "").unwrap();
        assert!(within(waiting.spawn().unwrap().wait()).await.unwrap().success());
    })
    .await;
    assert!(matches!(host.tmux.adopt(&id(7)).await, Err(TmuxError::NoSession(_))));
    let terminal = host.tmux.adopt(&id(1)).await.unwrap();
    assert_eq!(host.event().await, exited(&terminal, id(1), Some(9)));
    assert_eq!(terminal.screen_text().rows, ["before"]);
    host.tmux.bury(&id(1), terminal.epoch()).await.unwrap();
    assert_eq!(host.tmux.running().await.unwrap(), []);
}

#[tokio::test]
async fn a_killed_tap_is_replaced_and_viewers_go_on() {
    let host = Host::start().await;
    let script = "stty -echo; echo start; while read line; do echo \"got $line\"; done";
    let terminal = host.sh(&id(1), script).await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("start").await;
    signal(tap_of(&terminal), Signal::KILL);
    // The lost bytes are unknown, so the viewer is given the screen again.
    while !matches!(viewer.next().await, Output::Snapshot { offset, .. } if offset > 0) {}
    terminal.input(b"more\r").await.unwrap();
    viewer.until("got more").await;
    assert_eq!(terminal.screen_text().rows, ["start", "got more"]);
}
