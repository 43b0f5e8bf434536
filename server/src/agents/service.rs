//! The agents of this host: every change goes to the database first, then to tmux, then to
//! everybody who watches.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use domain::agents::NewAgent;
use domain::lifecycle::{self, LifecycleEvent};
use protocol::agents::{Agent, AgentId, AgentList, AgentState, CreateAgent};
use protocol::error::{ApiError, ErrorCode};
use protocol::events::AgentEvent;
use protocol::ports::AgentsPort;
use store::Store;
use tmux::{Launch, Tmux, TmuxEvent};

use super::turns::Turns;
use super::{folder, program};
use crate::clock::now_ms;
use crate::events::AgentsTopic;
use crate::terminals::Hub;

/// Carries out what is asked of agents.
pub struct Agents {
    pub(super) store: Store,
    pub(super) tmux: Tmux,
    pub(super) topic: Arc<AgentsTopic>,
    pub(super) hub: Arc<Hub>,
    user_home: PathBuf,
    turns: Turns,
}

impl Agents {
    /// Puts the parts together; nothing happens yet.
    pub fn new(
        store: Store,
        tmux: Tmux,
        topic: Arc<AgentsTopic>,
        hub: Arc<Hub>,
        user_home: PathBuf,
    ) -> Self {
        Self { store, tmux, topic, hub, user_home, turns: Turns::default() }
    }

    /// Applies what tmux reports.
    pub async fn observe(&self, event: TmuxEvent) {
        let (agent, event) = match event {
            TmuxEvent::Exited { agent, code } => (agent, LifecycleEvent::Exited { code }),
            TmuxEvent::Lost { agent } => (agent, LifecycleEvent::Lost),
            TmuxEvent::ServerGone => {
                tracing::error!("the tmux server is gone; its agents are lost");
                return;
            }
            TmuxEvent::ServerBack => {
                tracing::info!("the tmux server is back");
                return;
            }
        };
        let _turn = self.turns.take(&agent).await;
        let Some(record) = self.topic.get(&agent) else { return };
        if let Err(error) = self.advance(record, event).await {
            tracing::error!(agent.id = %agent, %error, "an agent's new state was not stored");
        }
    }

    /// Stores and publishes the state that follows from an event.
    pub(super) async fn advance(
        &self,
        mut agent: Agent,
        event: LifecycleEvent,
    ) -> Result<Agent, ApiError> {
        let state = lifecycle::step(agent.state, event, now_ms());
        if state != agent.state {
            self.store.agents().set_state(&agent.id, state).await?;
            agent.state = state;
            self.topic.publish(AgentEvent::Upserted(agent.clone()));
        }
        Ok(agent)
    }

    async fn run(&self, agent: &Agent) -> Result<(), ApiError> {
        let launch = Launch {
            agent: agent.id.clone(),
            program: program::find(&agent.program).await?,
            args: agent.args.clone(),
            folder: folder::check(&agent.folder).await?,
            env: vec![
                ("MAESTRO_AGENT_ID".into(), agent.id.to_string()),
                ("MAESTRO_AGENT_NAME".into(), agent.name.clone()),
            ],
        };
        let size = self.hub.size_for(&agent.id);
        let terminal = self.tmux.spawn(launch, size).await.map_err(|error| {
            tracing::error!(agent.id = %agent.id, %error, "an agent could not be started");
            ApiError::new(
                ErrorCode::Unavailable,
                format!(
                    "tmux did not start the agent: {error}. Try again, or run `maestro doctor`."
                ),
            )
        })?;
        self.hub.show(&agent.id, terminal).await;
        Ok(())
    }

    fn known(&self, id: &AgentId) -> Result<Agent, ApiError> {
        self.topic.get(id).ok_or_else(|| {
            ApiError::new(
                ErrorCode::NotFound,
                format!("There is no agent {id}. It may have been deleted; list the agents again."),
            )
        })
    }
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
        let new = NewAgent::check(new, &self.user_home.to_string_lossy())?;
        folder::check(&new.folder).await?;
        program::find(&new.program).await?;
        let id = ulid::Ulid::new().to_string().to_lowercase();
        let agent = Agent {
            id: id.parse().map_err(|_never| ApiError::internal())?,
            name: new.name,
            program: new.program,
            args: new.args,
            folder: new.folder,
            note: new.note,
            state: AgentState::Stopped,
            created_at_ms: now_ms(),
        };
        let _turn = self.turns.take(&agent.id).await;
        self.store.agents().insert(&agent).await?;
        if !new.start {
            self.topic.publish(AgentEvent::Upserted(agent.clone()));
            return Ok(agent);
        }
        let started = match self.run(&agent).await {
            Ok(()) => self.advance(agent.clone(), LifecycleEvent::Started).await,
            Err(error) => Err(error),
        };
        if started.is_err() {
            // Nothing half-made stays behind.
            self.hub.forget(&agent.id);
            if let Err(error) = self.tmux.kill(&agent.id).await {
                tracing::debug!(agent.id = %agent.id, %error, "no session to take back");
            }
            self.store.agents().delete(&agent.id).await?;
        }
        started
    }

    async fn start(&self, id: &AgentId) -> Result<Agent, ApiError> {
        let _turn = self.turns.take(id).await;
        let agent = self.known(id)?;
        if agent.state.is_running() {
            return Ok(agent);
        }
        self.run(&agent).await?;
        self.advance(agent, LifecycleEvent::Started).await
    }

    async fn stop(&self, id: &AgentId) -> Result<Agent, ApiError> {
        let _turn = self.turns.take(id).await;
        let agent = self.known(id)?;
        if !agent.state.is_running() {
            // Whatever the record says: after a stop nothing runs.
            self.end_session(id).await?;
            return Ok(agent);
        }
        // The exit that follows waits for this turn and then changes nothing: a stopped agent
        // stays stopped.
        self.end_session(id).await?;
        self.advance(agent, LifecycleEvent::Stopped).await
    }

    async fn delete(&self, id: &AgentId) -> Result<(), ApiError> {
        let _turn = self.turns.take(id).await;
        self.known(id)?;
        self.end_session(id).await?;
        self.store.agents().delete(id).await?;
        self.topic.publish(AgentEvent::Deleted(id.clone()));
        self.hub.forget(id);
        Ok(())
    }
}

impl Agents {
    async fn end_session(&self, id: &AgentId) -> Result<(), ApiError> {
        self.tmux.kill(id).await.map_err(|error| {
            tracing::error!(agent.id = %id, %error, "a session could not be ended");
            ApiError::new(
                ErrorCode::Unavailable,
                format!("tmux did not end the session: {error}. Try again."),
            )
        })
    }
}
