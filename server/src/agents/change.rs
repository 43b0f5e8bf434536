//! Settings and their versions.

use domain::settings;
use protocol::agents::history::HistoryEvent;
use protocol::agents::{Agent, AgentId, AgentSettings, EditAgent};
use protocol::error::{ApiError, ErrorCode};

use super::create::runs_here;
use super::service::Agents;
use crate::clock::now_ms;

impl Agents {
    /// Changes what the edit names. A running program goes on with what it was started with.
    pub(super) async fn change_settings(
        &self,
        id: &AgentId,
        edit: EditAgent,
    ) -> Result<Agent, ApiError> {
        let _turn = self.turns.take(id).await;
        let agent = self.known(id)?;
        if edit.if_version.is_some_and(|version| version != agent.version) {
            return Err(changed_meanwhile(&agent));
        }
        let wanted = edit.applied_to(&agent.settings);
        self.take_settings(agent, wanted, None).await
    }

    /// Gives the agent the settings of an earlier version again.
    pub(super) async fn go_back_to(&self, id: &AgentId, version: u32) -> Result<Agent, ApiError> {
        let _turn = self.turns.take(id).await;
        let agent = self.known(id)?;
        let wanted = self.store.agents().version(id, version).await?.settings;
        self.take_settings(agent, wanted, Some(version)).await
    }

    /// Stores settings as a new version; settings that change nothing make none.
    async fn take_settings(
        &self,
        mut agent: Agent,
        wanted: AgentSettings,
        from: Option<u32>,
    ) -> Result<Agent, ApiError> {
        let wanted = settings::check(wanted, &self.home_text())?;
        let fields: Vec<String> =
            agent.settings.changes_to(&wanted).into_iter().map(|change| change.field).collect();
        if fields.is_empty() {
            return Ok(agent);
        }
        // Only what is new must be there now: an agent whose folder has vanished can be renamed.
        let moved = |field: &str| fields.iter().any(|changed| changed == field);
        if moved("folder") || moved("program") {
            runs_here(&wanted).await?;
        }
        let next = agent.version.saturating_add(1);
        let event = match from {
            Some(to) => HistoryEvent::RolledBack { version: next, to },
            None => HistoryEvent::Edited { version: next, fields },
        };
        agent.version = self
            .store
            .agents()
            .edit(&agent.id, &wanted, agent.version, from, &event, now_ms())
            .await?;
        agent.settings = wanted;
        self.publish(&agent);
        Ok(agent)
    }
}

fn changed_meanwhile(agent: &Agent) -> ApiError {
    ApiError::new(
        ErrorCode::Conflict,
        format!(
            "The settings were changed meanwhile: they are at version {} now. Load them again, \
             then make your change.",
            agent.version
        ),
    )
    .about("if_version")
}
