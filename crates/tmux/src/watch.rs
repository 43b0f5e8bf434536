//! Learns without polling that a program ended or that a person changed a pane's size.
//!
//! Hooks of our configuration signal a tmux channel, and a small client waits on it. tmux forgets
//! an even number of signals that nobody waited for, so panes are looked at only after the client
//! says that it waits: what happened before is seen then, what happens later wakes it.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;

use crate::control::tmux_command;
use crate::pane::{SIZE_FORMAT, SIZE_MARK, panes};
use crate::session::Services;

/// The channel's name, as in the configuration.
const CHANNEL: &str = "maestro-look";
/// Waits after a failure, which is a server that is gone: doubling from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_secs(5);

/// Looks at panes after every signal, for ever.
pub(crate) async fn watch(services: Arc<Services>) {
    let mut wait = FIRST_WAIT;
    loop {
        if wait_for_signal(&services).await.is_some() {
            wait = FIRST_WAIT;
        } else if !services.keeper.mend().await {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LAST_WAIT);
        }
    }
}

/// Returns after a signal; `None` if the client could not wait for one.
async fn wait_for_signal(services: &Services) -> Option<()> {
    let mut client = tmux_command(&services.config)
        // Both run in one go, so whoever reads the word knows that the client waits.
        .args(["display-message", "-p", "waiting", ";", "wait-for", CHANNEL])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut said = [0; 1];
    client.stdout.as_mut()?.read_exact(&mut said).await.ok()?;
    look(services).await;
    client.wait().await.ok()?.success().then_some(())
}

async fn look(services: &Services) {
    let changed = format!("#{{||:#{{pane_dead}},#{{!=:#{{{SIZE_MARK}}},{SIZE_FORMAT}}}}}");
    match panes(&services.control, &changed).await {
        Ok((panes, _)) => {
            for terminal in panes.iter().filter_map(|facts| services.registry.look_at(facts)) {
                // It may have to wait for a viewer that changes the size too.
                tokio::spawn(async move { terminal.follow_size().await });
            }
        }
        Err(error) => tracing::warn!(%error, "cannot look at the panes"),
    }
}
