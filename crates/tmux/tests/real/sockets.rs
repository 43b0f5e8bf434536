//! The way to tmux breaks and tmux lives.

use rustix::process::Signal;
use tmux::TmuxEvent;

use crate::host::{Host, Viewer, id, pid, signal};

const ECHO: &str = "stty -echo; echo here; while read x; do echo \"<$x>\"; done";

/// The client through which Maestro's commands go.
async fn control_client(host: &Host) -> rustix::process::Pid {
    pid(&host.tmux_says(&["list-clients", "-t", "=maestro", "-F", "#{client_pid}"]).await)
}

#[tokio::test]
async fn a_deleted_socket_comes_back_and_nothing_is_lost() {
    let mut host = Host::start().await;
    let terminal = host.sh(&id(1), ECHO).await;
    Viewer::attach(&terminal).until("here").await;
    let server = host.server_pid();

    // For a client that is needed now.
    std::fs::remove_file(host.socket()).unwrap();
    assert_eq!(host.tmux.output(&id(1), 9).await.unwrap(), ["here"]);
    assert!(host.socket().exists());

    // For the control client.
    let client = control_client(&host).await;
    std::fs::remove_file(host.socket()).unwrap();
    signal(client, Signal::KILL);
    // tmux itself reads the client's input, so a command may still slip through.
    while host.tmux.statistics().reconnects == 0 {
        let _unknown = host.tmux.running().await;
    }
    terminal.input(b"a\r").await.unwrap();
    Viewer::attach(&terminal).until("<a>").await;

    // While no Maestro runs.
    let socket = host.socket();
    host.restart_around(async || std::fs::remove_file(socket).unwrap()).await;
    let terminal = host.tmux.adopt(&id(1)).await.unwrap();
    terminal.input(b"b\r").await.unwrap();
    Viewer::attach(&terminal).until("<b>").await;
    assert_eq!(host.server_pid(), server);
    assert!(host.events.try_recv().is_err());
}

#[tokio::test]
async fn a_stopped_server_is_not_a_lost_one() {
    let mut host = Host::start().await;
    let terminal = host.sh(&id(1), ECHO).await;
    Viewer::attach(&terminal).until("here").await;
    let client = control_client(&host).await;
    host.signal_server(Signal::STOP);
    signal(client, Signal::KILL);
    assert!(host.tmux.running().await.is_err());
    assert_eq!(host.event().await, TmuxEvent::Silent);
    host.signal_server(Signal::CONT);
    assert_eq!(host.event().await, TmuxEvent::Answering);
    terminal.input(b"a\r").await.unwrap();
    Viewer::attach(&terminal).until("<a>").await;
    assert!(host.events.try_recv().is_err());
}
