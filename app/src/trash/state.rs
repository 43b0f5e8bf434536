//! What the trash page knows and does.

use leptos::prelude::*;
use protocol::agents::requests::RestoreAgent;
use protocol::agents::{Agent, AgentId};
use protocol::error::ErrorCode;

use crate::agents::{OwnName, use_agents};
use crate::api::agents as api;
use crate::error::AppError;
use crate::loaded::Loaded;
use crate::seed::{FirstData, PageData};
use crate::ui::{PAGE_TITLE, Toasts, focus, use_toasts};

/// State of the page; a copy of handles.
#[derive(Clone, Copy)]
pub(super) struct TrashState {
    /// What is in the trash, last trashed first.
    pub(super) agents: Loaded<Vec<Agent>>,
    /// The agent that an open dialog is about.
    pub(super) asked: RwSignal<Option<Agent>>,
    /// Whether the dialog for another name is open.
    pub(super) renaming: RwSignal<bool>,
    /// Why another name is needed, or why that one does not do either.
    pub(super) name_refused: RwSignal<Option<String>>,
    /// Whether the dialog for deleting one agent is open.
    pub(super) purging: RwSignal<bool>,
    /// Whether the dialog for deleting all is open.
    pub(super) emptying: RwSignal<bool>,
    /// The agent that is being restored.
    pub(super) busy: RwSignal<Option<AgentId>>,
    toasts: Toasts,
}

impl TrashState {
    /// Loads the trash now, and again whenever the agents in use become others.
    pub(super) fn new() -> Self {
        let agents = use_agents();
        let in_use = move || -> Vec<AgentId> {
            agents.list.with(|list| list.agents.iter().map(|agent| agent.id.clone()).collect())
        };
        let first = FirstData::take(|data| match data {
            PageData::Trash(agents) => Ok(agents),
            other => Err(other),
        });
        Self {
            agents: Loaded::new(first, in_use, |_| api::trashed()),
            asked: RwSignal::new(None),
            renaming: RwSignal::new(false),
            name_refused: RwSignal::new(None),
            purging: RwSignal::new(false),
            emptying: RwSignal::new(false),
            busy: RwSignal::new(None),
            toasts: use_toasts(),
        }
    }

    /// All agents in the trash, none while they are not known; tracks changes.
    pub(super) fn list(self) -> Vec<Agent> {
        self.agents.with(Clone::clone).unwrap_or_default()
    }

    /// How many there are, once that is known; tracks changes.
    pub(super) fn count(self) -> Option<usize> {
        self.agents.with(Vec::len)
    }

    /// Takes an agent back; a taken name is asked for in a dialog.
    pub(super) async fn restore(self, agent: Agent, name: Option<String>) {
        self.busy.set(Some(agent.id.clone()));
        let outcome = api::restore(agent.id.clone(), RestoreAgent { name }).await;
        self.busy.set(None);
        match outcome {
            Ok(restored) => {
                self.renaming.set(false);
                self.toasts.say(format!("Restored {}.", restored.own_name()));
                self.leave(&agent.id);
            }
            Err(AppError(error)) if is_about_name(&error) => {
                self.name_refused.set(Some(error.message));
                if !self.renaming.get_untracked() {
                    self.asked.set(Some(agent));
                    self.renaming.set(true);
                }
            }
            Err(error) => self.toasts.fail(error.0.message),
        }
    }

    /// Deletes agents for good and answers with why some were not.
    pub(super) async fn purge(self, agents: Vec<Agent>) -> Vec<String> {
        let mut refusals = Vec::new();
        for agent in agents {
            match api::purge(agent.id.clone()).await {
                // Somebody else was faster: it is gone, which was the point.
                Err(AppError(error)) if error.code == ErrorCode::NotFound => self.leave(&agent.id),
                Ok(()) => self.leave(&agent.id),
                Err(error) => {
                    refusals.push(format!("{}: {}", agent.settings.name, error.0.message));
                }
            }
        }
        refusals
    }

    /// Takes an agent off the list and hands the focus to its neighbour.
    fn leave(self, id: &AgentId) {
        let mut neighbour = None;
        self.agents.update(|agents| {
            if let Some(at) = agents.iter().position(|agent| agent.id == *id) {
                agents.remove(at);
                let next = agents.get(at).or_else(|| agents.last());
                neighbour = next.map(|agent| restore_button(&agent.id));
            }
        });
        focus(neighbour.unwrap_or_else(|| PAGE_TITLE.to_owned()));
    }
}

/// Element id of an agent's “Restore” button.
pub(super) fn restore_button(id: &AgentId) -> String {
    format!("restore-{id}")
}

fn is_about_name(error: &protocol::error::ApiError) -> bool {
    error.code == ErrorCode::Conflict || error.field.as_deref() == Some("name")
}
