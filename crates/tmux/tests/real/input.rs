//! Bytes into programs.

use std::fmt::Write;

use crate::host::{Host, Viewer, id};

#[tokio::test]
async fn every_byte_reaches_the_program_and_comes_back() {
    let host = Host::start().await;
    let terminal = host.sh(&id(1), "stty raw -echo; printf ready; exec cat").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("ready").await;
    let start = viewer.bytes.len();
    let sent: Vec<u8> = (0..=u8::MAX).cycle().take(20_000).collect();
    terminal.input(&sent).await.unwrap();
    while viewer.bytes.len() < start + sent.len() {
        viewer.next().await;
    }
    assert_eq!(&viewer.bytes[start..], sent);
}

#[tokio::test]
async fn typing_keeps_its_order_without_waiting() {
    let host = Host::start().await;
    let terminal = host.sh(&id(1), "stty raw -echo; printf ready; exec cat").await;
    let mut viewer = Viewer::attach(&terminal);
    viewer.until("ready").await;
    let start = viewer.bytes.len();
    let mut typed = String::new();
    let mut keys = tokio::task::JoinSet::new();
    for number in 0..200 {
        let word = format!("{number} ");
        typed.push_str(&word);
        let terminal = terminal.clone();
        let mut sending = Box::pin(async move { terminal.input(word.as_bytes()).await });
        // The first poll takes the turn; the answer is awaited elsewhere.
        let waker = std::task::Waker::noop();
        let polled = sending.as_mut().poll(&mut std::task::Context::from_waker(waker));
        if polled.is_pending() {
            keys.spawn(sending);
        }
    }
    while let Some(sent) = keys.join_next().await {
        sent.unwrap().unwrap();
    }
    viewer.until("199 ").await;
    assert_eq!(String::from_utf8_lossy(&viewer.bytes[start..]), typed);
}

#[tokio::test]
async fn many_agents_share_one_client() {
    let host = Host::start().await;
    let mut terminals = Vec::new();
    for number in 0..8 {
        terminals.push(host.sh(&id(number), "stty -echo; read line; echo \"[$line]\"; cat").await);
    }
    let mut expected = String::new();
    for (number, terminal) in terminals.iter().enumerate() {
        let mut viewer = Viewer::attach(terminal);
        terminal.input(format!("for {number}\r").as_bytes()).await.unwrap();
        viewer.until(&format!("[for {number}]")).await;
        write!(expected, "[for {number}]").unwrap();
    }
    let shown: String = terminals
        .iter()
        .flat_map(|terminal| terminal.screen_text().rows)
        .filter(|row| row.starts_with('['))
        .collect();
    assert_eq!(shown, expected);
}
