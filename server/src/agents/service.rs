//! The agents of this host: every change goes to the database first, then to everybody who
//! watches. Only what has already happened, such as the end of a program, is shown first.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use protocol::agents::history::{HistoryEntry, HistoryQuery};
use protocol::agents::requests::{BulkReport, BulkRequest, RestoreAgent, WakeAgent};
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentId, AgentList, CloneAgent, CreateAgent, EditAgent};
use protocol::error::{ApiError, ErrorCode};
use protocol::events::AgentEvent;
use protocol::ports::AgentsPort;
use store::Store;
use tmux::Tmux;

use super::turns::Turns;
use super::unsaved::Unsaved;
use crate::access::about::about;
use crate::access::tokens::Tokens;
use crate::events::AgentsTopic;
use crate::health::Health;
use crate::terminals::Hub;

/// Folders that programs of agents are told of.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Of the user.
    pub user_home: PathBuf,
    /// Of this instance.
    pub maestro_home: PathBuf,
}

/// Carries out what is asked of agents. Clones share it.
#[derive(Clone)]
pub struct Agents {
    pub(super) store: Store,
    pub(super) tmux: Tmux,
    pub(super) topic: Arc<AgentsTopic>,
    pub(super) hub: Arc<Hub>,
    pub(super) health: Arc<Health>,
    pub(super) user_home: PathBuf,
    pub(super) tokens: Arc<Tokens>,
    /// Told to programs, for the command line that they may call.
    pub(super) maestro_home: PathBuf,
    pub(super) turns: Arc<Turns>,
    pub(super) unsaved: Arc<Unsaved>,
}

impl Agents {
    /// Puts the parts together; nothing happens yet.
    pub fn new(
        store: Store,
        tmux: Tmux,
        topic: Arc<AgentsTopic>,
        hub: Arc<Hub>,
        health: Arc<Health>,
        folders: Folders,
        tokens: Arc<Tokens>,
    ) -> Self {
        Self {
            store,
            tmux,
            topic,
            hub,
            health,
            user_home: folders.user_home,
            maestro_home: folders.maestro_home,
            tokens,
            turns: Arc::default(),
            unsaved: Arc::default(),
        }
    }

    /// The record of an agent that is not in the trash.
    pub(super) fn known(&self, id: &AgentId) -> Result<Agent, ApiError> {
        self.topic.get(id).ok_or_else(|| unknown(id))
    }

    /// Shows a record as it is now to everybody who watches.
    pub(super) fn publish(&self, agent: &Agent) {
        self.topic.publish(AgentEvent::Upserted(Box::new(agent.clone())));
    }

    /// The user's home folder as settings write it out.
    pub(super) fn home_text(&self) -> String {
        self.user_home.to_string_lossy().into_owned()
    }
}

/// There is no such agent.
pub(super) fn unknown(id: &AgentId) -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        format!("There is no agent {id}. It may be in the trash; list the agents again."),
    )
}

#[async_trait]
impl AgentsPort for Agents {
    async fn list(&self) -> Result<AgentList, ApiError> {
        Ok(self.topic.list())
    }

    async fn get(&self, id: &AgentId) -> Result<Agent, ApiError> {
        self.known(id)
    }

    async fn create(&self, new: CreateAgent) -> Result<Agent, ApiError> {
        about(&new.settings.name);
        self.create_one(new, None).await
    }

    async fn create_many(&self, new: Vec<CreateAgent>) -> Result<BulkReport, ApiError> {
        about(format!("{} agents", new.len()));
        self.create_all(new).await
    }

    async fn edit(&self, id: &AgentId, edit: EditAgent) -> Result<Agent, ApiError> {
        about(id);
        self.change_settings(id, edit).await
    }

    async fn duplicate(&self, id: &AgentId, copy: CloneAgent) -> Result<Agent, ApiError> {
        about(id);
        self.copy_of(id, copy).await
    }

    async fn wake(&self, id: &AgentId, how: WakeAgent) -> Result<Agent, ApiError> {
        about(id);
        let _turn = self.turns.take(id).await;
        self.wake_now(self.known(id)?, how).await
    }

    async fn hibernate(&self, id: &AgentId) -> Result<Agent, ApiError> {
        about(id);
        let _turn = self.turns.take(id).await;
        self.hibernate_now(self.known(id)?).await
    }

    async fn restart(&self, id: &AgentId, how: WakeAgent) -> Result<Agent, ApiError> {
        about(id);
        let _turn = self.turns.take(id).await;
        self.restart_now(self.known(id)?, how).await
    }

    async fn trash(&self, id: &AgentId) -> Result<(), ApiError> {
        about(id);
        let _turn = self.turns.take(id).await;
        self.trash_now(self.known(id)?).await
    }

    async fn bulk(&self, request: BulkRequest) -> Result<BulkReport, ApiError> {
        self.act_on_many(request).await
    }

    async fn trashed(&self) -> Result<Vec<Agent>, ApiError> {
        Ok(self.store.agents().trashed().await?)
    }

    async fn restore(&self, id: &AgentId, how: RestoreAgent) -> Result<Agent, ApiError> {
        about(id);
        self.take_back(id, how).await
    }

    async fn purge(&self, id: &AgentId) -> Result<(), ApiError> {
        about(id);
        self.forget(id).await
    }

    async fn versions(&self, id: &AgentId) -> Result<Vec<AgentVersion>, ApiError> {
        Ok(self.store.agents().versions(id).await?)
    }

    async fn roll_back(&self, id: &AgentId, version: u32) -> Result<Agent, ApiError> {
        about(id);
        self.go_back_to(id, version).await
    }

    async fn history(
        &self,
        id: &AgentId,
        part: HistoryQuery,
    ) -> Result<Vec<HistoryEntry>, ApiError> {
        Ok(self.store.agents().history(id, part).await?)
    }
}
