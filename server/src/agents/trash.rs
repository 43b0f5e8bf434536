//! The trash: an agent goes there with everything it has, and comes back with it.

use domain::settings;
use protocol::agents::requests::RestoreAgent;
use protocol::agents::{Agent, AgentId, AgentSettings};
use protocol::error::{ApiError, ErrorCode};
use protocol::events::AgentEvent;

use super::service::{Agents, unknown};
use crate::clock::now_ms;

impl Agents {
    /// Ends all its sessions and moves it to the trash. Whoever calls holds its turn.
    pub(super) async fn trash_now(&self, agent: Agent) -> Result<(), ApiError> {
        let agent = self.hibernate_now(agent).await?;
        self.store.agents().trash(&agent.id, now_ms()).await?;
        self.topic.publish(AgentEvent::Deleted(agent.id.clone()));
        self.hub.forget(&agent.id);
        Ok(())
    }

    /// Takes an agent out of the trash, hibernated as it went there.
    pub(super) async fn take_back(
        &self,
        id: &AgentId,
        how: RestoreAgent,
    ) -> Result<Agent, ApiError> {
        let _turn = self.turns.take(id).await;
        if self.topic.get(id).is_some() {
            return Err(not_in_trash(id));
        }
        if let Some(name) = &how.name {
            let old = self.store.agents().get(id).await?.settings;
            settings::check(AgentSettings { name: name.clone(), ..old }, &self.home_text())?;
        }
        let agent = self.store.agents().restore(id, how.name.as_deref(), now_ms()).await?;
        self.publish(&agent);
        Ok(agent)
    }

    /// Deletes an agent in the trash for good.
    pub(super) async fn forget(&self, id: &AgentId) -> Result<(), ApiError> {
        let _turn = self.turns.take(id).await;
        if self.topic.get(id).is_some() {
            return Err(not_in_trash(id));
        }
        let agent = self.store.agents().get(id).await.map_err(|_unreadable| unknown(id))?;
        if agent.trashed_at_ms.is_none() {
            return Err(not_in_trash(id));
        }
        self.store.agents().purge(id).await?;
        self.unsaved.forget_agent(id);
        Ok(())
    }
}

fn not_in_trash(id: &AgentId) -> ApiError {
    ApiError::new(
        ErrorCode::Conflict,
        format!("Agent {id} is not in the trash. Move it there first."),
    )
}
