//! New agents: one, many, or a copy.

use std::collections::HashMap;

use domain::settings;
use futures_util::{StreamExt as _, stream};
use protocol::agents::history::HistoryEvent;
use protocol::agents::requests::{BulkOutcome, BulkReport, WakeAgent};
use protocol::agents::{Agent, AgentId, AgentSettings, AgentState, CloneAgent, CreateAgent};
use protocol::error::{ApiError, ErrorCode};
use protocol::events::AgentEvent;
use protocol::limits;
use protocol::terminals::TerminalId;

use super::service::Agents;
use super::{conversation, folder, programs};
use crate::clock::now_ms;

/// Agents that start at the same time: tmux carries out one command after the other anyway.
pub(super) const AT_ONCE: usize = 4;

impl Agents {
    /// Stores a new agent and, if asked, starts it. Nothing stays behind when it fails.
    pub(super) async fn create_one(
        &self,
        new: CreateAgent,
        from: Option<AgentId>,
    ) -> Result<Agent, ApiError> {
        let agent = self.draft(new.settings)?;
        runs_here(&agent.settings).await?;
        let conversation = conversation::new_id()?;
        let _turn = self.turns.take(&agent.id).await;
        self.store.agents().insert(&agent, &conversation, &HistoryEvent::Created { from }).await?;
        self.begin(agent, new.start).await
    }

    /// A new agent with the settings of this one.
    pub(super) async fn copy_of(&self, id: &AgentId, copy: CloneAgent) -> Result<Agent, ApiError> {
        let original = self.known(id)?;
        let settings = AgentSettings { name: copy.name, ..original.settings };
        self.create_one(CreateAgent { settings, start: copy.start }, Some(id.clone())).await
    }

    /// Stores all that are good in one transaction, then starts those that should run.
    pub(super) async fn create_all(&self, new: Vec<CreateAgent>) -> Result<BulkReport, ApiError> {
        if new.len() > limits::BULK {
            return Err(too_many(new.len()));
        }
        let names: Vec<String> = new.iter().map(|new| new.settings.name.clone()).collect();
        let mut outcomes: Vec<Option<Result<Agent, ApiError>>> = Vec::new();
        let mut good = Vec::new();
        // Agents of one batch mostly share program and folder: each is looked up once.
        let mut seen: HashMap<(String, String), Result<(), ApiError>> = HashMap::new();
        for (place, CreateAgent { settings, start }) in new.into_iter().enumerate() {
            let checked = match self.draft(settings) {
                Ok(agent) => {
                    let settings = &agent.settings;
                    let key = (settings.program.clone(), settings.folder.clone());
                    let runs = if let Some(known) = seen.get(&key) {
                        known.clone()
                    } else {
                        let found = runs_here(settings).await;
                        seen.insert(key, found.clone());
                        found
                    };
                    runs.map(|()| agent)
                }
                Err(error) => Err(error),
            };
            match checked {
                Ok(agent) => {
                    outcomes.push(None);
                    good.push((place, agent, start));
                }
                Err(error) => outcomes.push(Some(Err(error))),
            }
        }
        let mut rows = Vec::with_capacity(good.len());
        for (_, agent, _) in &good {
            let event = HistoryEvent::Created { from: None };
            rows.push((agent.clone(), conversation::new_id()?, event));
        }
        let stored = self.store.agents().insert_many(&rows).await?;
        let begun = stream::iter(good.into_iter().zip(stored))
            .map(|((place, agent, start), stored)| async move {
                let outcome = match stored {
                    Ok(()) => {
                        let _turn = self.turns.take(&agent.id).await;
                        self.begin(agent, start).await
                    }
                    Err(refused) => Err(refused.into()),
                };
                (place, outcome)
            })
            .buffer_unordered(AT_ONCE);
        let begun: Vec<_> = begun.collect().await;
        for (place, outcome) in begun {
            outcomes[place] = Some(outcome);
        }
        let outcomes = names
            .into_iter()
            .zip(outcomes)
            .map(|(name, outcome)| {
                BulkOutcome::of(name, outcome.unwrap_or_else(|| Err(ApiError::internal())))
            })
            .collect();
        Ok(BulkReport { outcomes })
    }

    /// A record for these settings, checked and with an id of its own.
    fn draft(&self, settings: AgentSettings) -> Result<Agent, ApiError> {
        let settings = settings::check(settings, &self.home_text())?;
        let id = ulid::Ulid::new().to_string().to_lowercase();
        Ok(Agent::new(id.parse().map_err(|_never| ApiError::internal())?, settings, now_ms()))
    }

    /// Shows a stored agent, started if it should run; takes it back when it does not start.
    async fn begin(&self, agent: Agent, start: bool) -> Result<Agent, ApiError> {
        if !start {
            self.publish(&agent);
            return Ok(agent);
        }
        let (id, stored) = (agent.id.clone(), agent.clone());
        let started = self.wake_now(agent, WakeAgent::default()).await;
        if started.is_err() {
            // Nothing half-made stays behind.
            self.take_down(&id, stored).await;
        }
        started
    }

    async fn take_down(&self, id: &AgentId, agent: Agent) {
        let terminal = TerminalId::program(id.clone());
        // A session that did not come about needs no end: tmux may be what does not answer.
        if self.hub.epoch(&terminal).is_some()
            && let Err(error) = self.tmux.kill(&terminal).await
        {
            tracing::warn!(agent.id = %id, %error, "a session was not taken back");
        }
        self.hub.forget(id);
        match self.store.agents().purge(id).await {
            Ok(()) => {
                self.unsaved.forget_agent(id);
                self.topic.publish(AgentEvent::Deleted(id.clone()));
            }
            Err(error) => {
                // What is stored must be seen, or nobody could remove it.
                tracing::error!(agent.id = %id, %error, "an agent that did not start stays");
                self.publish(&Agent { state: AgentState::Hibernated, ..agent });
            }
        }
    }
}

/// Whether program and folder are there; said before anything is stored.
pub(super) async fn runs_here(settings: &AgentSettings) -> Result<(), ApiError> {
    folder::check(&settings.folder).await?;
    programs::find(&settings.program).await?;
    Ok(())
}

/// A bulk request over its limit.
pub(super) fn too_many(count: usize) -> ApiError {
    ApiError::new(
        ErrorCode::TooLarge,
        format!("{count} agents in one request are too many. Send {} or fewer.", limits::BULK),
    )
    .about("agents")
}
