//! Learns that a program ended, without polling.
//!
//! The `pane-died` hook of our configuration signals a tmux channel, and a small client waits on
//! it. tmux forgets an even number of signals that nobody waited for, so panes are looked at only
//! after the client says that it waits: what died before is seen then, what dies later wakes it.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;

use crate::config::TmuxConfig;
use crate::control::{Control, tmux_command};
use crate::pane::all_panes;
use crate::registry::Registry;

/// The channel's name, as in the configuration.
const CHANNEL: &str = "maestro-pane-died";
/// Waits after a failure, which is a server that is gone: doubling from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_secs(5);

/// Looks for dead panes after every signal, for ever.
pub(crate) async fn watch(config: Arc<TmuxConfig>, control: Control, registry: Arc<Registry>) {
    let mut wait = FIRST_WAIT;
    loop {
        if wait_for_signal(&config, &control, &registry).await.is_some() {
            wait = FIRST_WAIT;
        } else {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LAST_WAIT);
        }
    }
}

/// Returns after a signal; `None` if the client could not wait for one.
async fn wait_for_signal(
    config: &TmuxConfig,
    control: &Control,
    registry: &Registry,
) -> Option<()> {
    let mut client = tmux_command(config)
        // Both run in one go, so whoever reads the word knows that the client waits.
        .args(["display-message", "-p", "waiting", ";", "wait-for", CHANNEL])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut said = [0; 1];
    client.stdout.as_mut()?.read_exact(&mut said).await.ok()?;
    report_dead(control, registry).await;
    client.wait().await.ok()?.success().then_some(())
}

async fn report_dead(control: &Control, registry: &Registry) {
    match all_panes(control).await {
        Ok((panes, _)) => panes.iter().for_each(|facts| registry.look_at(facts)),
        Err(error) => tracing::warn!(%error, "cannot look for ended programs"),
    }
}
