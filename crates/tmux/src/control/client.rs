//! Keeps a control client connected for as long as anybody may send commands.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::{Connection, Incarnation, Request};
use crate::config::TmuxConfig;
use crate::registry::Registry;
use crate::server::TmuxEvent;

/// Waits between attempts to reach the server: doubling from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_secs(5);
/// A server that nobody reaches for this long is taken for gone.
const GIVE_UP: Duration = Duration::from_secs(2);

/// Serves requests, and connects again whenever the client ends. When the server itself is gone,
/// its sessions are declared lost before a command can reach the next one.
pub(crate) async fn drive(
    config: Arc<TmuxConfig>,
    mut connection: Connection,
    mut requests: mpsc::Receiver<Request>,
    registry: Arc<Registry>,
) {
    let mut incarnation: Incarnation = 0;
    loop {
        let server = connection.server().to_vec();
        let Some(reason) = connection.serve(&mut requests, incarnation).await else {
            return;
        };
        tracing::warn!(reason, "lost the control client; connecting again");
        let mut gone = false;
        let mut wait = FIRST_WAIT;
        let lost = Instant::now();
        connection = loop {
            match Connection::open(&config).await {
                Ok(connection) => break connection,
                Err(error) => {
                    tracing::warn!(%error, "tmux is not reachable");
                    // A client that cannot be started says nothing about the server: it may be
                    // this machine that is short of something for a moment.
                    if !gone && lost.elapsed() + wait >= GIVE_UP {
                        gone = true;
                        registry.server_gone().await;
                    }
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LAST_WAIT);
                }
            }
        };
        if !gone && connection.server() != server {
            gone = true;
            registry.server_gone().await;
        }
        if gone {
            incarnation += 1;
            registry.tell(TmuxEvent::ServerBack).await;
        }
    }
}
