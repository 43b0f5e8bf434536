//! Moving agents: shown at once, taken back when the server refuses.

use leptos::prelude::*;
use protocol::agents::{AgentId, EditAgent};

use super::moving::{group_of, moved, readable};
use crate::agents::name::OwnName;
use crate::agents::state::{AgentsState, use_agents};
use crate::api::agents as api;
use crate::error::AppError;
use crate::ui::{Toasts, use_toasts};

/// What moving needs, and what it says.
#[derive(Clone, Copy)]
pub(super) struct Mover {
    agents: AgentsState,
    toasts: Toasts,
    /// The agent that is being dragged.
    pub(super) dragged: RwSignal<Option<AgentId>>,
    /// What became of the last move, for those who cannot see it.
    pub(super) said: RwSignal<String>,
}

impl Mover {
    /// The mover of this page.
    pub(super) fn new() -> Self {
        Self {
            agents: use_agents(),
            toasts: use_toasts(),
            dragged: RwSignal::new(None),
            said: RwSignal::new(String::new()),
        }
    }

    /// Whether the dragged agent would be somewhere else in this group.
    pub(super) fn takes(self, group: &str) -> bool {
        let dragged = self.dragged.get_untracked().and_then(|id| self.agents.find_untracked(&id));
        dragged.is_some_and(|agent| moved(&agent.settings.name, group) != agent.settings.name)
    }

    /// Puts the dragged agent into this group.
    pub(super) fn drop_into(self, group: &str) {
        let Some(id) = self.dragged.get_untracked() else { return };
        self.dragged.set(None);
        let name = self.agents.find_untracked(&id).map(|agent| moved(&agent.settings.name, group));
        if let Some(name) = name {
            leptos::task::spawn_local(async move {
                if let Err(error) = self.rename(id, name).await {
                    self.toasts.fail(error.0.message);
                }
            });
        }
    }

    /// Gives an agent another name: shown at once, taken back when it is refused.
    pub(super) async fn rename(self, id: AgentId, name: String) -> Result<(), AppError> {
        let Some(before) = self.agents.find_untracked(&id) else { return Ok(()) };
        let old = before.settings.name.clone();
        self.agents.foresee_name(&id, &old, &name);
        let edit = EditAgent { name: Some(name.clone()), ..EditAgent::default() };
        let answer = api::edit(id.clone(), edit).await;
        if answer.is_ok() {
            let place = readable(&group_of(&name));
            self.said.set(format!("{} moved to {place}.", before.own_name()));
        } else {
            self.agents.foresee_name(&id, &name, &old);
            self.said.set(format!("{} was not moved.", before.own_name()));
        }
        answer.map(drop)
    }
}
