//! How terminals end: on purpose, or by themselves and then for good.

use std::time::Duration;

use protocol::terminals::TerminalId;

use crate::error::TmuxError;
use crate::pane::{find, kill_pane, kill_session, look};
use crate::platform::Process;
use crate::server::Tmux;

/// A program that was asked to end has this long, then it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// A killed session's last output is in the terminal within this time.
const SETTLE_WITHIN: Duration = Duration::from_secs(5);

impl Tmux {
    /// Ends a terminal's session, dead or alive; none is fine. What its program started and
    /// ignores the hang-up is killed after two seconds. No event follows.
    ///
    /// After a failure the terminal is as it was, and works if tmux does. If tmux carries it out
    /// late, [`crate::TmuxEvent::Lost`] follows.
    pub async fn kill(&self, terminal: &TerminalId) -> Result<(), TmuxError> {
        let asked = self.services.registry.ask(terminal);
        let killed = self.end(terminal).await;
        let Some(asked) = asked else { return killed };
        if killed.is_ok() {
            // The session's task drops its receiver when the last byte is in the terminal.
            let _settled = tokio::time::timeout(SETTLE_WITHIN, asked.signals.closed()).await;
            self.services.registry.forget(terminal, asked.epoch);
        } else {
            self.services.registry.spare(terminal, asked.epoch).await;
        }
        killed
    }

    async fn end(&self, terminal: &TerminalId) -> Result<(), TmuxError> {
        let control = &self.services.control;
        let Some((facts, server)) = find(control, terminal).await? else { return Ok(()) };
        let process = facts.ending.is_none().then(|| Process::open(facts.pid)).flatten();
        match kill_session(control, server, facts.pane).await {
            // Whatever ran there ended with it.
            Err(TmuxError::ServerGone) | Ok(()) => {}
            Err(error) => return Err(error),
        }
        if let Some(grave) = self.services.registry.grave(terminal) {
            self.services.registry.fill(terminal, grave);
        }
        if let Some(process) = process {
            process.end_session(GRACE).await;
        }
        Ok(())
    }

    /// Removes the dead session of this life of a terminal, once its end is stored. Harmless if
    /// it is gone already, or if another life of the terminal runs.
    pub async fn bury(&self, terminal: &TerminalId, epoch: u64) -> Result<(), TmuxError> {
        let registry = &self.services.registry;
        let Some(grave) = registry.grave(terminal).filter(|grave| grave.epoch == epoch) else {
            return Ok(());
        };
        let control = &self.services.control;
        let buried = match look(control, grave.server, grave.pane).await {
            // A person may have let something else run in the dead pane.
            Ok(Some(facts)) if facts.ended().is_some() => {
                kill_pane(control, grave.server, grave.pane).await
            }
            looked => looked.map(drop),
        };
        match buried {
            Ok(()) | Err(TmuxError::ServerGone) => {
                registry.fill(terminal, grave);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
