//! The past of a terminal as plain text.

use tmux::TmuxError;

use crate::host::{Host, Viewer, exited, id};

#[tokio::test]
async fn the_last_lines_come_from_history_and_screen() {
    let mut host = Host::start().await;
    let script = "seq 1 300; printf '%0200d\\n' 7; printf '\\033[31mred\\033[m   \\n\\n'; read x";
    let terminal = host.sh(&id(1), script).await;
    Viewer::attach(&terminal).until("red").await;
    let wrapped = format!("{:0>200}", 7);
    assert_eq!(host.tmux.output(&id(1), 4).await.unwrap(), ["299", "300", &wrapped, "red"]);
    let all = host.tmux.output(&id(1), u32::MAX).await.unwrap();
    assert_eq!((all.len(), all[0].as_str()), (302, "1"));
    assert!(host.tmux.output(&id(1), 0).await.unwrap().is_empty());

    // It stays until the dead are buried.
    terminal.input(b"\r").await.unwrap();
    assert_eq!(host.event().await, exited(&terminal, id(1), Some(0)));
    assert_eq!(host.tmux.output(&id(1), 302).await.unwrap(), all);
    host.tmux.bury(&id(1), terminal.epoch()).await.unwrap();
    assert!(matches!(host.tmux.output(&id(1), 1).await, Err(TmuxError::NoSession(_))));
    let statistics = host.tmux.statistics();
    assert_eq!(statistics.output_bytes, terminal.facts().head);
    assert!(statistics.commands > 0 && statistics.latency.counts.iter().sum::<u64>() > 0);
    assert_eq!((statistics.terminals, statistics.timeouts, statistics.queue_depth), (0, 0, 0));
}
