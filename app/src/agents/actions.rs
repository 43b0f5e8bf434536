//! What can be done with one agent, from wherever it is offered on its page.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use protocol::agents::requests::{RestoreAgent, WakeAgent};
use protocol::agents::{Agent, AgentState, EditAgent};
use protocol::error::ApiError;

use super::name::OwnName;
use super::state::use_agents;
use crate::api::agents as api;
use crate::error::AppError;
use crate::routes::agent_at;
use crate::ui::use_toasts;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Start its program.
    Wake(WakeAgent),
    /// End all its sessions.
    Hibernate,
    /// End its program and start it again.
    Restart(WakeAgent),
    /// Change settings.
    Edit(Box<EditAgent>),
    /// Move it to the trash, and leave its page if that is open.
    Trash,
}

/// The actions of one agent's page. One runs at a time; what was refused is kept to be shown.
#[derive(Clone, Copy)]
pub(super) struct AgentActions {
    action: Action<Deed, ()>,
    /// What was refused last; an agent that moved on since is no longer spoken of.
    pub(super) refusal: RwSignal<Option<ApiError>>,
}

impl Deed {
    /// Start its program, which takes up its conversation if it can.
    pub(super) const WAKE: Self = Self::Wake(WakeAgent { fresh: false });
    /// End its program and start it again, with its conversation if it can.
    pub(super) const RESTART: Self = Self::Restart(WakeAgent { fresh: false });
}

impl AgentActions {
    /// The actions of this agent; they end with its page.
    pub(super) fn new(agent: Memo<Agent>) -> Self {
        let refusal = RwSignal::new(None::<ApiError>);
        let navigate = use_navigate();
        let path = use_location().pathname;
        let toasts = use_toasts();
        let agents = use_agents();
        let action = Action::new(move |deed: &Deed| {
            let deed = deed.clone();
            let navigate = navigate.clone();
            let (id, name) =
                agent.with_untracked(|agent| (agent.id.clone(), agent.own_name().to_owned()));
            refusal.set(None);
            async move {
                let outcome: Result<(), AppError> = match deed {
                    Deed::Wake(how) => api::wake(id, how).await.map(drop),
                    Deed::Hibernate => api::hibernate(id).await.map(drop),
                    Deed::Restart(how) => api::restart(id, how).await.map(drop),
                    Deed::Edit(edit) => api::edit(id, *edit).await.map(drop),
                    Deed::Trash => api::trash(id.clone()).await.map(|()| {
                        // When the answer comes, the socket may have taken this page away: from
                        // here on only what the whole app holds is used.
                        let is_open = agent_at(&path.get_untracked()).as_ref() == Some(&id);
                        if is_open {
                            navigate("/", NavigateOptions::default());
                        }
                        toasts.offer(format!("Moved {name} to the trash"), "Undo", move || {
                            let id = id.clone();
                            leptos::task::spawn_local(async move {
                                match api::restore(id, RestoreAgent::default()).await {
                                    Ok(agent) => agents.learn(agent),
                                    Err(error) => toasts.fail(error.0.message),
                                }
                            });
                        });
                    }),
                };
                if let Err(error) = outcome {
                    refusal.try_set(Some(error.0));
                }
            }
        });
        let state = Memo::new(move |_| agent.with(|agent| agent.state));
        Effect::new(move |before: Option<AgentState>| {
            let now = state.get();
            if before.is_some_and(|before| before != now) {
                refusal.set(None);
            }
            now
        });
        Self { action, refusal }
    }

    /// Does it, unless something else is being done.
    pub(super) fn run(self, deed: Deed) {
        if !self.action.pending().get_untracked() {
            self.action.dispatch(deed);
        }
    }

    /// Whether this is being done.
    pub(super) fn busy(self, deed: Deed) -> Signal<bool> {
        let (pending, input) = (self.action.pending(), self.action.input());
        Signal::derive(move || {
            pending.get() && input.with(|running| running.as_ref() == Some(&deed))
        })
    }
}
