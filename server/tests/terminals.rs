//! Terminals over the socket: exact screens, sizes, input once, slow viewers, odd frames.

use bytes::Bytes;
use protocol::error::ErrorCode;
use protocol::frame::{Frame, close, kind};
use protocol::limits;
use protocol::message::{ClientMessage, Resume, View};
use protocol::terminals::TerminalSize;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::world::World;
use crate::world::socket::Socket;

const DESK: TerminalSize = TerminalSize { cols: 90, rows: 25 };

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_comes_back_on_every_screen() {
    let world = World::start().await;
    let agent = world.script("echo", "stty -echo; echo ready; exec cat").await;
    let (mut one, mut two) = (world.socket().await, world.socket().await);
    one.open(1, &agent.id).await;
    one.shows(1, "ready").await;
    two.open(7, &agent.id).await;
    two.shows(7, "ready").await;
    one.type_in(1, "hello from one\r").await;
    two.shows(7, "hello from one").await;
    two.type_in(7, "grüße 😀 von zwei\r").await;
    one.shows(1, "grüße 😀 von zwei").await;
    one.until("acknowledged", |socket| socket.terminals[&1].acked_input == 1).await;
    assert_eq!(one.terminals[&1].text(), {
        two.shows(7, "von zwei").await;
        two.terminals[&7].text()
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lone_desktop_window_sets_the_size_and_a_phone_never_does() {
    let world = World::start().await;
    // The program says its size again and again: tmux hands a new one on when it sees fit.
    let script = "while stty size; do sleep 0.05; done";
    let agent = world.script("size", script).await;
    let (mut desk, mut phone) = (world.socket().await, world.socket().await);
    let small = TerminalSize { cols: 40, rows: 20 };
    phone.open_with(1, &agent.id, View::Phone, small, None).await;
    phone.until("open", |socket| !socket.terminals[&1].opened.is_empty()).await;
    assert!(!phone.terminals[&1].opened[0].driver);
    desk.open_with(1, &agent.id, View::Desktop, DESK, None).await;
    desk.shows(1, "25 90").await;
    phone
        .until("the desk's size", |socket| {
            socket.terminals[&1]
                .sizes
                .last()
                .is_some_and(|change| change.size == DESK && !change.driver)
        })
        .await;
    phone.send(ClientMessage::Resize(1, small)).await;
    let wide = TerminalSize { cols: 130, rows: 35 };
    desk.send(ClientMessage::Resize(1, wide)).await;
    desk.until("wider", |socket| {
        socket.terminals[&1].sizes.last().is_some_and(|change| change.size == wide && change.driver)
    })
    .await;
    desk.shows(1, "35 130").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_comes_back_gets_the_bytes_it_missed_and_no_other() {
    let world = World::start().await;
    let agent = world.script("resume", "stty -echo; echo one; read -r x; echo two; exec cat").await;
    let mut first = world.socket().await;
    first.open(1, &agent.id).await;
    first.shows(1, "one").await;
    let resume =
        Resume { epoch: first.terminals[&1].opened[0].epoch, offset: first.terminals[&1].offset };
    drop(first);
    let mut other = world.socket().await;
    other.open(1, &agent.id).await;
    other.type_in(1, "\r").await;
    other.shows(1, "two").await;

    let mut back = world.socket().await;
    back.open_with(1, &agent.id, View::Phone, DESK, Some(resume)).await;
    back.shows(1, "two").await;
    assert_eq!(back.terminals[&1].snapshots, 0);
    assert!(!back.terminals[&1].text().contains("one"), "only what was missed is sent");

    let mut stranger = world.socket().await;
    let other_epoch = Resume { epoch: resume.epoch ^ 1, ..resume };
    stranger.open_with(1, &agent.id, View::Phone, DESK, Some(other_epoch)).await;
    stranger.shows(1, "one").await;
    assert_eq!(stranger.terminals[&1].snapshots, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_hangs_gets_a_snapshot_and_holds_nobody_up() {
    let world = World::start().await;
    let script = "read -r x; seq 1 200000; echo finished; exec cat";
    let agent = world.script("flood", script).await;
    let (mut slow, mut live) = (world.socket().await, world.socket().await);
    live.open(1, &agent.id).await;
    slow.open(1, &agent.id).await;
    slow.until("open", |socket| socket.terminals[&1].snapshots == 1).await;
    slow.hang(1);
    live.type_in(1, "\r").await;
    live.shows(1, "finished").await;
    slow.until("its window", |socket| {
        socket.terminals[&1].data.len() as u64 >= limits::UNACKED_HIGH - 32 * 1024
    })
    .await;
    assert!((slow.terminals[&1].data.len() as u64) < limits::UNACKED_HIGH + 64 * 1024);
    // It wakes up: acknowledges all it has, and gets the newest screen instead of the backlog.
    let offset = slow.terminals[&1].offset;
    slow.wake(1, offset).await;
    slow.shows(1, "finished").await;
    assert!(slow.terminals[&1].snapshots >= 2);
    assert!(slow.terminals[&1].data.len() < 1_000_000, "the backlog is left out");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_arrive_twice_are_typed_once_and_a_gap_is_refused() {
    let world = World::start().await;
    let agent = world.script("once", "stty -echo raw; echo ready; exec cat -v").await;
    let mut window = world.socket().await;
    window.open(1, &agent.id).await;
    window.shows(1, "ready").await;
    let input = |seq, bytes: &'static [u8]| ClientMessage::Input {
        channel: 1,
        seq,
        bytes: Bytes::from_static(bytes),
    };
    for message in [input(1, b"a"), input(1, b"a"), input(2, b"b"), input(1, b"a"), input(4, b"d")]
    {
        window.send(message).await;
    }
    window.until("refusal", |socket| !socket.errors.is_empty()).await;
    window.send(input(3, b"c.")).await;
    window.shows(1, "abc.").await;
    assert_eq!(window.errors.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_window_follows_its_agent_through_sleep_and_waking() {
    let world = World::start().await;
    let agent = world.script("phoenix", "echo life $$; exec cat").await;
    let mut window = world.socket().await;
    window.open(1, &agent.id).await;
    window.shows(1, "life").await;
    let path = |verb: &str| format!("/api/agents/{}{verb}", agent.id);
    world.command("POST", &path("/hibernate")).send().await;
    window.until("the end", |socket| socket.terminals[&1].exit.is_some()).await;
    world.command("POST", &path("/wake")).send().await;
    window.until("another life", |socket| socket.terminals[&1].opened.len() == 2).await;
    let opened = &window.terminals[&1].opened;
    assert_ne!(opened[0].epoch, opened[1].epoch);
    window.type_in(1, "again\r").await;
    window.shows(1, "again").await;
    world.command("DELETE", &path("")).send().await;
    window.until("the sentence", |socket| !socket.errors.is_empty()).await;
    assert_eq!(window.errors[0].1.code, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_frames_are_answered_or_end_their_own_socket_only() {
    let world = World::start().await;
    let agent = world.script("calm", "exec cat").await;
    let mut calm = world.socket().await;
    calm.open(1, &agent.id).await;

    let oversized = {
        let mut header = vec![kind::INPUT, 0, 1, 0];
        header.extend(u32::try_from(limits::INPUT_PAYLOAD + 1).unwrap().to_le_bytes());
        header.extend([0; 8]);
        Message::Binary(header.into())
    };
    for (message, code) in [
        (Message::Text("ls\n".into()), close::UNSUPPORTED),
        (Message::Binary(Bytes::from_static(&[kind::INPUT, 0, 1])), close::PROTOCOL),
        (oversized, close::TOO_LARGE),
        (Message::Binary(vec![0; 4 * 1024 * 1024].into()), close::TOO_LARGE),
        (
            Message::Binary(Frame::new(kind::AUTH, 0, 0, &b"{\"secret\":\"x\"}"[..]).encode()),
            close::PROTOCOL,
        ),
    ] {
        let mut odd = world.socket().await;
        odd.send_message(message).await;
        assert_eq!(odd.end().await, code);
    }

    let mut first =
        Socket::connect(&world, &[("authorization", &format!("Bearer {}", world.token()))])
            .await
            .unwrap();
    first.send(ClientMessage::Ping(1)).await;
    assert_eq!(first.end().await, close::PROTOCOL, "AUTH must come first");

    for frame in [
        Frame::new(0x7e, 1, 0, Bytes::from_static(b"rm -rf ~\r")),
        Frame::new(kind::DATA, 1, 0, Bytes::from_static(b"from the server?")),
        Frame::new(kind::OPEN, 2, 0, Bytes::from_static(b"{\"agent\":\"../..\"}")),
        Frame::new(kind::INPUT, 9, 1, Bytes::from_static(b"not open")),
        Frame::new(kind::INPUT, 0, 1, Bytes::from_static(b"no channel")),
    ] {
        calm.send_raw(frame.encode()).await;
    }
    calm.until("five refusals", |socket| socket.errors.len() == 5).await;
    calm.send(ClientMessage::Ping(42)).await;
    calm.until("pong", |socket| socket.pongs == [42]).await;
    calm.type_in(1, "undisturbed\r").await;
    calm.shows(1, "undisturbed").await;
    assert!(!calm.terminals[&1].text().contains("rm -rf"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_says_so_to_its_sockets() {
    let mut world = World::start().await;
    let mut window = world.socket().await;
    world.down().await;
    assert_eq!(window.end().await, close::GOING_AWAY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_agent_opens_as_ended() {
    let world = World::start().await;
    let new = json!({ "name": "later", "program": "sh", "folder": world.work(), "start": false });
    let id = world.create(new).await.body()["data"]["id"].as_str().unwrap().parse().unwrap();
    let mut window = world.socket().await;
    window.open(1, &id).await;
    window.until("the end", |socket| socket.terminals[&1].exit.is_some()).await;
    window.open(2, &"00000000000000000000000000".parse().unwrap()).await;
    window.until("refusal", |socket| socket.errors.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_with_a_colour_in_every_cell_is_shown_whole() {
    let world = World::start().await;
    let script = r#"read -r x; awk 'BEGIN { for (i = 0; i < 11900; i++) printf "\033[38;2;%d;%d;%dm\033[48;2;%d;%d;%dmX", i % 256, i % 251, i % 241, i % 239, i % 233, i % 229 }'; printf done; exec cat"#;
    let agent = world.script("picture", script).await;
    let large = TerminalSize { cols: 200, rows: 60 };
    let mut first = world.socket().await;
    first.open_with(1, &agent.id, View::Desktop, large, None).await;
    first.type_in(1, "\r").await;
    first.shows(1, "done").await;
    let mut second = world.socket().await;
    second.open_with(1, &agent.id, View::Phone, large, None).await;
    second.shows(1, "done").await;
    assert_eq!(second.terminals[&1].snapshots, 1);
    assert!(second.terminals[&1].text().matches('X').count() > 10_000);
}
