//! Echoes what a WebSocket client sends, on the stack and with the limits of the real `/ws`: the
//! conformance suite tries them here, where a message comes back as it went.
//!
//! The real endpoint answers frames of its own protocol, which no foreign suite speaks. Whatever
//! the suite is about (framing, fragments, UTF-8, control frames, the closing handshake) happens
//! below that, in the same crates.

#![expect(clippy::print_stdout, reason = "the caller reads the address from it")]

use std::error::Error;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use protocol::frame::close;
use protocol::limits;
use tokio::net::TcpListener;

/// Serves until it is killed, on a port that the system chooses and that it prints.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("ws://{}/", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/", get(upgrade))).await?;
    Ok(())
}

async fn upgrade(upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .max_message_size(limits::SOCKET_MESSAGE)
        .max_frame_size(limits::SOCKET_MESSAGE)
        .write_buffer_size(0)
        .on_upgrade(echo)
}

async fn echo(mut socket: WebSocket) {
    while let Some(received) = socket.recv().await {
        let answer = match received {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => message,
            // The stack itself answers pings and the closing handshake.
            Ok(_) => continue,
            Err(error) if error.to_string().contains("too long") => {
                let code = close::TOO_LARGE;
                Message::Close(Some(CloseFrame { code, reason: "message too large".into() }))
            }
            Err(_broken) => return,
        };
        if socket.send(answer).await.is_err() {
            return;
        }
    }
}
