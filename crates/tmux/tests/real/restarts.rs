//! Agents outlive the process that started them.

use protocol::message::Resume;
use tmux::{Output, TmuxError, TmuxEvent};

use crate::host::{Host, Viewer, agent, within};

#[tokio::test]
async fn an_adopted_agent_keeps_its_process_and_screen() {
    let mut host = Host::start().await;
    let script = "printf '\\033[?1h\\033[31mred\\033[m pid %s\\n' $$; stty -echo; \
                  while read line; do echo \"got $line\"; done";
    let terminal = host.sh(&agent(1), script).await;
    Viewer::attach(&terminal).until("pid").await;
    terminal.input(b"one\r").await.unwrap();
    Viewer::attach(&terminal).until("got one").await;
    let before = terminal.screen_text();
    let old = terminal.facts();

    host.restart().await;
    assert!(terminal.input(b"lost").await.is_err());
    assert_eq!(host.tmux.running().await.unwrap(), [agent(1)]);
    let terminal = host.tmux.adopt(&agent(1)).await.unwrap();
    assert_eq!(terminal.screen_text(), before);
    assert_ne!(terminal.facts().epoch, old.epoch);
    assert!(matches!(host.tmux.adopt(&agent(1)).await, Err(TmuxError::Running(_))));

    let mut viewer = Viewer::attach(&terminal);
    viewer.cursor = terminal.attach(Some(Resume { epoch: old.epoch, offset: old.head }));
    assert!(matches!(viewer.next().await, Output::Snapshot { offset: 0, .. }));
    let snapshot = String::from_utf8_lossy(&viewer.bytes).into_owned();
    assert!(snapshot.contains("\x1b[31mred") && snapshot.contains("\x1b[?1h"), "{snapshot:?}");
    terminal.input(b"two\r").await.unwrap();
    viewer.until("got two").await;
    host.tmux.kill(&agent(1)).await.unwrap();
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
    let terminal = host.sh(&agent(1), script).await;
    Viewer::attach(&terminal).until("before").await;
    host.tmux_says(&["set-hook", "-ag", "pane-died", "wait-for -S test"]).await;
    let mut waiting = host.tmux_command(&["wait-for", "test"]);
    host.restart_around(async || {
        std::fs::write(&file, "").unwrap();
        assert!(within(waiting.spawn().unwrap().wait()).await.unwrap().success());
    })
    .await;
    assert!(matches!(host.tmux.adopt(&agent(7)).await, Err(TmuxError::NoSession(_))));
    let terminal = host.tmux.adopt(&agent(1)).await.unwrap();
    assert_eq!(host.event().await, TmuxEvent::Exited { agent: agent(1), code: Some(9) });
    assert_eq!(terminal.screen_text().rows, ["before"]);
    assert_eq!(host.tmux.running().await.unwrap(), []);
}

#[tokio::test]
async fn a_killed_tap_is_replaced_and_viewers_go_on() {
    let host = Host::start().await;
    let script = "stty -echo; echo start; while read line; do echo \"got $line\"; done";
    let terminal = host.sh(&agent(1), script).await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("start").await;
    let epoch = terminal.facts().epoch.to_string();
    kill_tap(&epoch);
    // The lost bytes are unknown, so the viewer is given the screen again.
    while !matches!(viewer.next().await, Output::Snapshot { offset, .. } if offset > 0) {}
    terminal.input(b"more\r").await.unwrap();
    viewer.until("got more").await;
    assert_eq!(terminal.screen_text().rows, ["start", "got more"]);
}

/// Ends the process whose last argument is this epoch.
fn kill_tap(epoch: &str) {
    let taps = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let pid: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let last = line.split(|&byte| byte == 0).rfind(|word| !word.is_empty())?;
        (last == epoch.as_bytes()).then_some(pid)
    });
    for pid in taps {
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
}
