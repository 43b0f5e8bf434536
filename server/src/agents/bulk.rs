//! One action on many agents.

use futures_util::{StreamExt as _, stream};
use protocol::agents::requests::{BulkAction, BulkOutcome, BulkReport, BulkRequest, WakeAgent};
use protocol::agents::{Agent, AgentId, EditAgent};
use protocol::error::{ApiError, ErrorCode};
use protocol::limits;
use protocol::ports::AgentsPort as _;

use super::create::{AT_ONCE, too_many};
use super::service::Agents;
use crate::access::about::about;

/// How often a change is tried that others come before.
const TRIES: u32 = 10;

impl Agents {
    /// Does it to each; one that fails does not hold up the others.
    pub(super) async fn act_on_many(&self, request: BulkRequest) -> Result<BulkReport, ApiError> {
        let BulkRequest { agents, action } = request;
        if agents.len() > limits::BULK {
            return Err(too_many(agents.len()));
        }
        let outcomes = stream::iter(agents)
            .map(|id| {
                let action = &action;
                async move {
                    let name = self.topic.get(&id).map(|agent| agent.settings.name);
                    let outcome = self.act_on(&id, action).await;
                    BulkOutcome::of(name.unwrap_or_else(|| id.to_string()), outcome)
                }
            })
            .buffered(AT_ONCE);
        let outcomes: Vec<BulkOutcome> = outcomes.collect().await;
        about(format!("{} agents", outcomes.len()));
        Ok(BulkReport { outcomes })
    }

    async fn act_on(&self, id: &AgentId, action: &BulkAction) -> Result<Agent, ApiError> {
        let edit = match action {
            BulkAction::Wake => return self.wake(id, WakeAgent::default()).await,
            BulkAction::Hibernate => return self.hibernate(id).await,
            BulkAction::Restart => return self.restart(id, WakeAgent::default()).await,
            BulkAction::Trash => {
                let agent = self.known(id)?;
                self.trash(id).await?;
                return Ok(agent);
            }
            BulkAction::AddTag(tag) => {
                return self
                    .retag(id, |tags| {
                        if !tags.contains(tag) {
                            tags.push(tag.clone());
                        }
                    })
                    .await;
            }
            BulkAction::RemoveTag(tag) => {
                return self.retag(id, |tags| tags.retain(|known| known != tag)).await;
            }
            BulkAction::Favourite(yes) => {
                EditAgent { favourite: Some(*yes), ..EditAgent::default() }
            }
            BulkAction::Autostart(yes) => {
                EditAgent { autostart: Some(*yes), ..EditAgent::default() }
            }
        };
        self.edit(id, edit).await
    }

    /// Changes tags; somebody else's change in between is not lost.
    async fn retag(
        &self,
        id: &AgentId,
        change: impl Fn(&mut Vec<String>),
    ) -> Result<Agent, ApiError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let Agent { version, settings, .. } = self.known(id)?;
            let mut tags = settings.tags;
            change(&mut tags);
            let edit =
                EditAgent { if_version: Some(version), tags: Some(tags), ..EditAgent::default() };
            match self.edit(id, edit).await {
                Err(error) if error.code == ErrorCode::Conflict && tries < TRIES => {}
                outcome => return outcome,
            }
        }
    }
}
