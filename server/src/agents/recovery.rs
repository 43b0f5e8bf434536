//! After a start of the server: finds the sessions that went on without it.

use std::collections::BTreeSet;

use domain::lifecycle::LifecycleEvent;
use protocol::agents::{Agent, AgentId};
use protocol::error::{ApiError, ErrorCode};

use super::Agents;

impl Agents {
    /// Brings records and sessions together: a session that lives is shown again, an agent whose
    /// session is gone is lost.
    pub async fn recover(&self) -> Result<(), ApiError> {
        let sessions: BTreeSet<AgentId> = self
            .tmux
            .running()
            .await
            .map_err(|error| {
                ApiError::new(ErrorCode::Unavailable, format!("tmux lists no sessions: {error}"))
            })?
            .into_iter()
            .collect();
        let agents = self.topic.list().agents;
        for agent in &agents {
            if sessions.contains(&agent.id) {
                self.rejoin(agent).await?;
            } else if agent.state.is_running() {
                self.advance(agent.clone(), LifecycleEvent::Lost).await?;
            }
        }
        for stranger in sessions.iter().filter(|id| !agents.iter().any(|a| a.id == **id)) {
            tracing::warn!(agent.id = %stranger, "a session has no record; it is left alone");
        }
        Ok(())
    }

    async fn rejoin(&self, agent: &Agent) -> Result<(), ApiError> {
        match self.tmux.adopt(&agent.id).await {
            Ok(terminal) => {
                self.hub.show(&agent.id, terminal).await;
                if !agent.state.is_running() {
                    self.advance(agent.clone(), LifecycleEvent::Started).await?;
                }
            }
            Err(error) => {
                tracing::error!(agent.id = %agent.id, %error, "a session could not be rejoined");
                self.advance(agent.clone(), LifecycleEvent::Lost).await?;
            }
        }
        Ok(())
    }
}
