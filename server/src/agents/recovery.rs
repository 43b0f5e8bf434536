//! After a start of the server: finds the sessions that went on without it, and starts what
//! should run when the machine has started.

use std::collections::BTreeSet;

use domain::lifecycle::LifecycleEvent;
use futures_util::{StreamExt as _, stream};
use protocol::agents::history::HistoryEvent;
use protocol::agents::requests::WakeAgent;
use protocol::agents::{Agent, AgentId};
use protocol::error::{ApiError, ErrorCode};
use protocol::ports::AgentsPort as _;
use protocol::terminals::TerminalId;

use super::create::AT_ONCE;
use super::service::Agents;

impl Agents {
    /// Brings records and sessions together: a session that lives is shown again, an agent whose
    /// session is gone is lost.
    pub async fn recover(&self) -> Result<(), ApiError> {
        let sessions: BTreeSet<TerminalId> = self
            .tmux
            .running()
            .await
            .map_err(|error| {
                ApiError::new(ErrorCode::Unavailable, format!("tmux lists no sessions: {error}"))
            })?
            .into_iter()
            .collect();
        let agents = self.topic.list().agents;
        let known: BTreeSet<&AgentId> = agents.iter().map(|agent| &agent.id).collect();
        for stranger in sessions.iter().filter(|id| !known.contains(&id.agent)) {
            tracing::warn!(terminal = %stranger, "a session has no record; it is left alone");
        }
        let found = stream::iter(&agents)
            .map(|agent| self.rejoin(agent.clone(), &sessions))
            .buffer_unordered(AT_ONCE);
        for outcome in found.collect::<Vec<_>>().await {
            outcome?;
        }
        let running: Vec<TerminalId> = sessions.into_iter().collect();
        self.tokens.keep_sessions(&running).await
    }

    async fn rejoin(
        &self,
        mut agent: Agent,
        sessions: &BTreeSet<TerminalId>,
    ) -> Result<(), ApiError> {
        for number in agent.terminals.iter().map(|record| record.number).collect::<Vec<_>>() {
            let id = TerminalId { agent: agent.id.clone(), number };
            if sessions.contains(&id) && self.adopt(&id).await {
                if !self.hub.has_ended(&id) {
                    agent = self.advance_shell(agent, &id, LifecycleEvent::Started).await?;
                }
            } else if agent.terminal(number).is_some_and(|record| record.state.is_running()) {
                agent = self.advance_shell(agent, &id, LifecycleEvent::Lost).await?;
            }
        }
        let id = TerminalId::program(agent.id.clone());
        let was_running = agent.state.is_running();
        if sessions.contains(&id) && self.adopt(&id).await {
            // The end of one that is dead comes as an event.
            if !self.hub.has_ended(&id) {
                let rejoined = HistoryEvent::Rejoined;
                self.advance(agent, LifecycleEvent::Started, Some(rejoined)).await?;
            }
        } else if was_running {
            self.advance(agent, LifecycleEvent::Lost, Some(HistoryEvent::Lost)).await?;
        }
        Ok(())
    }

    async fn adopt(&self, id: &TerminalId) -> bool {
        match self.tmux.adopt(id).await {
            Ok(terminal) => {
                self.hub.show(id, terminal).await;
                true
            }
            Err(error) => {
                tracing::error!(terminal = %id, %error, "a session could not be rejoined");
                false
            }
        }
    }

    /// Starts the agents that should run when the machine has started, if it has started since
    /// the last time. `boot` names this start of the machine, where the system tells.
    pub async fn start_with_machine(&self, boot: Option<String>) {
        let Some(boot) = boot else { return };
        let before = match self.store.instance().boot_id().await {
            Ok(before) => before,
            Err(error) => {
                tracing::error!(%error, "it is not known whether the machine was restarted");
                return;
            }
        };
        if before.as_deref() == Some(boot.as_str()) {
            return;
        }
        // Stored first: a crash on the way must not start everything a second time.
        if let Err(error) = self.store.instance().set_boot_id(&boot).await {
            tracing::error!(%error, "this start of the machine was not stored");
        }
        if before.is_none() {
            return;
        }
        let due = self.topic.list().agents.into_iter().filter(|agent| agent.settings.autostart);
        stream::iter(due.filter(|agent| !agent.state.is_running()))
            .for_each_concurrent(AT_ONCE, |agent| async move {
                if let Err(error) = self.wake(&agent.id, WakeAgent::default()).await {
                    tracing::error!(agent.id = %agent.id, %error, "an agent did not start with the machine");
                }
            })
            .await;
    }
}
