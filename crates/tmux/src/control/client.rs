//! Keeps a control client connected for as long as anybody may send commands.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::connection::{Office, SILENT_AFTER};
use super::{Connection, Incarnation};
use crate::server::TmuxEvent;

/// Waits between attempts to reach the server: doubling from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_secs(5);

/// Serves requests, and connects again whenever the client ends. When the server itself is gone,
/// its sessions are declared lost before a command can reach the next one. That nobody reaches it
/// says nothing: it may be stopped, or this machine short of something for a moment.
pub(super) async fn drive(mut connection: Connection, mut office: Office) {
    let mut incarnation: Incarnation = 0;
    loop {
        let server = connection.server().to_vec();
        let Some(reason) = connection.serve(&mut office, incarnation).await else {
            return;
        };
        tracing::warn!(reason, "lost the control client; connecting again");
        let mut gone = false;
        let mut wait = FIRST_WAIT;
        let lost = Instant::now();
        connection = loop {
            if !gone && office.keeper.is_gone() {
                gone = true;
                office.registry.server_gone().await;
            }
            match Connection::open(&office.keeper).await {
                Ok(connection) => break connection,
                Err(error) => tracing::warn!(%error, "tmux is not reachable"),
            }
            if lost.elapsed() >= SILENT_AFTER {
                office.tell_silent().await;
            }
            // When the server ends, a new one can be started at once, but only once at once.
            if gone {
                tokio::time::sleep(wait).await;
            } else {
                let _ended = tokio::time::timeout(wait, office.keeper.ended()).await;
            }
            wait = (wait * 2).min(LAST_WAIT);
        };
        if !gone && connection.server() != server {
            gone = true;
            office.registry.server_gone().await;
        }
        office.counters.reconnects.fetch_add(1, Relaxed);
        office.tell_answering().await;
        if gone {
            incarnation += 1;
            office.registry.tell(TmuxEvent::ServerBack).await;
        }
    }
}
