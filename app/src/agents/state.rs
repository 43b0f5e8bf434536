//! The agents as client state: seeded by the page, kept up to date by the socket.

use leptos::prelude::*;
use protocol::agents::{Agent, AgentId, AgentList};
use protocol::error::ApiError;
use protocol::events::AgentEvent;

use crate::api;
use crate::host::use_host;

/// Whether the list can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Load {
    /// It was loaded; events keep it true.
    Ready,
    /// It could not be loaded, for this reason.
    Failed(ApiError),
}

/// All agents of this host.
#[derive(Clone, Copy)]
pub struct AgentsState {
    /// The agents, ordered by name.
    pub list: RwSignal<AgentList>,
    /// Whether the list can be believed.
    pub load: RwSignal<Load>,
}

/// The agents of this page.
pub fn use_agents() -> AgentsState {
    expect_context()
}

impl AgentsState {
    /// Provides the state to every component below.
    pub(crate) fn provide(loaded: Result<AgentList, ApiError>) -> Self {
        let (list, load) = match loaded {
            Ok(list) => (list, Load::Ready),
            Err(error) => (AgentList::default(), Load::Failed(error)),
        };
        let state = Self { list: RwSignal::new(list), load: RwSignal::new(load) };
        provide_context(state);
        state
    }

    /// The whole list, as a subscription starts with it.
    pub fn apply_state(&self, list: AgentList) {
        self.load.maybe_update(|load| replace_if_new(load, Load::Ready));
        self.list.maybe_update(|known| replace_if_new(known, list));
    }

    /// One change; old and repeated ones do nothing.
    pub fn apply_event(&self, revision: u64, event: AgentEvent) {
        self.list.maybe_update(|list| {
            let newer = revision > list.revision;
            list.apply(revision, event);
            newer
        });
    }

    /// An agent that a server function just made, ahead of the event that says the same. An
    /// agent that is already known stays as the events left it.
    pub(super) fn learn(self, agent: Agent) {
        self.list.maybe_update(|list| {
            let unknown = list.agents.iter().all(|known| known.id != agent.id);
            if unknown {
                let revision = list.revision;
                list.apply(revision + 1, AgentEvent::Upserted(Box::new(agent)));
                list.revision = revision;
            }
            unknown
        });
    }

    /// Shows an agent under another name, ahead of the event that says the same. Nothing happens
    /// when it no longer has the name that it had.
    pub(super) fn foresee_name(self, id: &AgentId, from: &str, to: &str) {
        self.list.maybe_update(|list| {
            let known = find(list, id).filter(|agent| agent.settings.name == from).cloned();
            let found = known.is_some();
            if let Some(mut agent) = known {
                to.clone_into(&mut agent.settings.name);
                let revision = list.revision;
                list.apply(revision + 1, AgentEvent::Upserted(Box::new(agent)));
                list.revision = revision;
            }
            found
        });
    }

    /// This agent, if it exists; does not track changes.
    pub(super) fn find_untracked(&self, id: &AgentId) -> Option<Agent> {
        self.list.with_untracked(|list| find(list, id).cloned())
    }

    /// Whether this agent exists; tracks changes.
    pub(super) fn knows(&self, id: &AgentId) -> bool {
        self.list.with(|list| find(list, id).is_some())
    }

    /// This agent from now on; after its end, what was last known of it.
    pub(crate) fn follow(self, agent: Agent) -> Memo<Agent> {
        Memo::new(move |last: Option<&Agent>| {
            self.list.with(|list| find(list, &agent.id).or(last).unwrap_or(&agent).clone())
        })
    }

    /// Loads what the page could not bring along.
    pub(super) fn retry(self) -> Action<(), ()> {
        let host = use_host();
        Action::new(move |(): &()| async move {
            match api::agents::list().await {
                Ok(list) => self.apply_state(list),
                Err(error) => self.load.set(Load::Failed(error.0)),
            }
            if let Ok(facts) = api::host::facts().await {
                host.set(facts);
            }
        })
    }
}

fn find<'list>(list: &'list AgentList, id: &AgentId) -> Option<&'list Agent> {
    list.agents.iter().find(|agent| agent.id == *id)
}

fn replace_if_new<T: PartialEq>(old: &mut T, new: T) -> bool {
    let changed = *old != new;
    if changed {
        *old = new;
    }
    changed
}
