//! What viewers see: snapshots, resumption, sizes, and floods.

use protocol::message::Resume;
use protocol::terminals::TerminalSize;
use tmux::Output;

use crate::host::{Host, SIZE, Viewer, contains, id};

#[tokio::test]
async fn viewers_resume_where_they_stopped() {
    let host = Host::start().await;
    let terminal =
        host.sh(&id(1), "stty -echo; echo start; while read x; do echo \"<$x>\"; done").await;
    let mut viewer = Viewer::attach(&terminal);
    assert!(matches!(viewer.next().await, Output::Snapshot { .. }));
    viewer.until("start\r\n").await;
    let resume = Resume { epoch: terminal.facts().epoch, offset: viewer.cursor.offset() };
    terminal.input(b"a\r").await.unwrap();
    viewer.until("<a>\r\n").await;

    let mut second = Viewer::attach(&terminal);
    second.cursor = terminal.attach(Some(resume));
    second.until("<a>\r\n").await;
    assert!(matches!(second.outputs[0], Output::Data { offset, .. } if offset == resume.offset));
    assert_eq!(second.cursor.offset(), viewer.cursor.offset());

    let beyond = Resume { offset: u64::MAX, ..resume };
    let other = Resume { epoch: resume.epoch.wrapping_add(1), ..resume };
    for invalid in [beyond, other] {
        let mut third = Viewer::attach(&terminal);
        third.cursor = terminal.attach(Some(invalid));
        assert!(matches!(third.next().await, Output::Snapshot { .. }));
        assert!(contains(&third.bytes, b"<a>"));
    }
}

#[tokio::test]
async fn sizes_reach_program_and_viewers_in_order() {
    let host = Host::start().await;
    let terminal =
        host.sh(&id(1), "trap 'stty size' WINCH; stty size; while :; do read x; done").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("24 80").await;
    terminal.resize(SIZE).await.unwrap();
    terminal.resize(TerminalSize { cols: 100, rows: 30 }).await.unwrap();
    viewer.until("30 100").await;
    terminal.resize(TerminalSize { cols: 1, rows: 9999 }).await.unwrap();
    viewer.until("200 20").await;
    let sizes: Vec<TerminalSize> = viewer
        .outputs
        .iter()
        .filter_map(|output| match output {
            Output::Size { size, .. } => Some(*size),
            _ => None,
        })
        .collect();
    let expected = [TerminalSize { cols: 100, rows: 30 }, TerminalSize { cols: 20, rows: 200 }];
    assert_eq!(sizes, expected);
    assert_eq!(terminal.facts().size, expected[1]);
    let offsets: Vec<u64> = viewer
        .outputs
        .iter()
        .map(|output| match output {
            Output::Snapshot { offset, .. }
            | Output::Data { offset, .. }
            | Output::Size { offset, .. }
            | Output::Exit { offset, .. } => *offset,
        })
        .collect();
    assert!(offsets.is_sorted());
}

#[tokio::test]
async fn a_viewer_that_sleeps_through_a_flood_gets_the_last_screen() {
    let host = Host::start().await;
    let terminal = host.sh(&id(1), "echo start; read x; seq 1 200000; echo end; read x").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("start").await;
    let asleep = viewer.cursor.offset();
    let mut awake = Viewer::attach(&terminal);
    terminal.input(b"\r").await.unwrap();
    awake.until("200000\r\nend\r\n").await;
    let facts = terminal.facts();
    assert!(facts.tail > asleep && facts.head - facts.tail <= 256 * 1024);
    viewer.bytes.clear();
    assert!(matches!(viewer.next().await, Output::Snapshot { offset, .. } if offset == facts.head));
    assert!(contains(&viewer.bytes, b"200000") && contains(&viewer.bytes, b"end"));
    assert!(viewer.bytes.len() < 8 * 1024);
    terminal.input(b"\r").await.unwrap();
    assert_eq!(viewer.exit().await, Some(0));
}
