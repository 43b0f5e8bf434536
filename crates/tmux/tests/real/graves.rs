//! An end is kept by tmux until somebody has stored it.

use tmux::TmuxError;

use crate::host::{Host, SIZE, Viewer, exited, id};

#[tokio::test]
async fn an_end_that_nobody_stored_is_told_again_after_a_restart() {
    let mut host = Host::start().await;
    let terminal = host.sh(&id(1), "echo last words; exit 9").await;
    assert_eq!(host.event().await, exited(&terminal, id(1), Some(9)));
    for _ in 0..2 {
        host.restart().await;
        assert_eq!(host.tmux.running().await.unwrap(), [id(1)]);
        let again = host.tmux.adopt(&id(1)).await.unwrap();
        assert_eq!(host.event().await, exited(&again, id(1), Some(9)));
        assert_eq!(again.screen_text().rows, ["last words"]);
        assert_ne!(again.epoch(), terminal.epoch());
        // A life that is over for this process says nothing about the one it took up.
        host.tmux.bury(&id(1), terminal.epoch()).await.unwrap();
        assert_eq!(host.tmux.running().await.unwrap(), [id(1)]);
    }
    let again = host.tmux.adopt(&id(1)).await.unwrap();
    host.tmux.bury(&id(1), again.epoch()).await.unwrap();
    assert_eq!(host.tmux.running().await.unwrap(), []);
    host.tmux.bury(&id(1), again.epoch()).await.unwrap();
}

#[tokio::test]
async fn a_dead_session_makes_way_and_its_funeral_spares_the_next_life() {
    let mut host = Host::start().await;
    let first = host.sh(&id(1), "exit 1").await;
    assert_eq!(host.event().await, exited(&first, id(1), Some(1)));
    let second = host.sh(&id(1), "echo second; read x; exit 2").await;
    host.tmux.bury(&id(1), first.epoch()).await.unwrap();
    let mut viewer = Viewer::attach(&second);
    viewer.until("second").await;
    second.input(b"\r").await.unwrap();
    assert_eq!(viewer.exit().await, Some(2));
    assert_eq!(host.event().await, exited(&second, id(1), Some(2)));
    // Nor does the late funeral of the first concern the dead second.
    host.tmux.bury(&id(1), first.epoch()).await.unwrap();
    assert_eq!(host.tmux.running().await.unwrap(), [id(1)]);
    host.tmux.kill(&id(1)).await.unwrap();
    assert_eq!(host.tmux.running().await.unwrap(), []);
}

#[tokio::test]
async fn a_living_session_never_makes_way() {
    let mut host = Host::start().await;
    let terminal = host.sh(&id(1), "stty -echo; echo here; read x; echo got $x; read x").await;
    Viewer::attach(&terminal).until("here").await;
    host.restart().await;
    let refused = host.tmux.spawn(host.launch(&id(1), "/bin/sh", &[]), SIZE).await;
    assert!(matches!(refused.err().unwrap(), TmuxError::Running(_)));
    let terminal = host.tmux.adopt(&id(1)).await.unwrap();
    terminal.input(b"it\r").await.unwrap();
    Viewer::attach(&terminal).until("got it").await;
}

#[tokio::test]
async fn a_funeral_takes_only_the_pane_that_died() {
    let mut host = Host::start().await;
    let stays = host.sh(&id(1), "stty -echo; echo here; read x; echo got $x; read x").await;
    let goes = host.sh(&id(2), "read x; exit 4").await;
    // A person puts the second program's pane beside the first.
    let (one, two) = (format!("={}:", id(1)), format!("={}:", id(2)));
    host.tmux_says(&["join-pane", "-s", &two, "-t", &one]).await;
    goes.input(b"\r").await.unwrap();
    assert_eq!(host.event().await, exited(&goes, id(2), Some(4)));
    host.tmux.bury(&id(2), goes.epoch()).await.unwrap();
    assert_eq!(host.tmux.running().await.unwrap(), [id(1)]);
    stays.input(b"it\r").await.unwrap();
    Viewer::attach(&stays).until("got it").await;
}

#[tokio::test]
async fn what_a_person_opened_beside_a_program_outlives_it_and_blocks_nothing() {
    let mut host = Host::start().await;
    let first = host.sh(&id(1), "read x; exit 4").await;
    let own = format!("={}:", id(1));
    host.tmux_says(&["split-window", "-d", "-t", &own, "cat"]).await;
    first.input(b"\r").await.unwrap();
    assert_eq!(host.event().await, exited(&first, id(1), Some(4)));
    host.tmux.bury(&id(1), first.epoch()).await.unwrap();
    assert_eq!(host.tmux.running().await.unwrap(), []);
    let again = host.sh(&id(1), "echo again; read x").await;
    Viewer::attach(&again).until("again").await;
    let panes = host.tmux_says(&["list-panes", "-a", "-F", "#{pane_current_command}"]).await;
    assert!(panes.lines().filter(|program| *program == "cat").count() >= 2, "{panes}");
}
