//! Everything else that can be done with an agent: the “⋯” of its header.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::agents::requests::WakeAgent;
use protocol::agents::{Agent, CloneAgent, EditAgent};
use protocol::error::ApiError;

use super::actions::{AgentActions, Deed};
use super::header::resumes;
use super::name_dialog::{NameDialog, NameWords};
use super::state::use_agents;
use crate::api::agents as api;
use crate::routes::agent_path;
use crate::ui::{Icon, Menu, MenuItem, MenuSeparator};

const LEVELS: &str =
    "The first two hyphens make groups: team-project-task is task in team / project.";

/// Element ids of a dialog, which may be on a page twice.
#[derive(Clone, Copy)]
pub(super) struct DialogIds {
    /// Of its heading.
    pub(super) title: &'static str,
    /// Of its field.
    pub(super) field: &'static str,
}

/// The menu and the dialogs that it opens.
#[component]
pub(super) fn AgentMenu(agent: Memo<Agent>, actions: AgentActions) -> impl IntoView {
    let renaming = RwSignal::new(false);
    let cloning = RwSignal::new(false);
    let rename = DialogIds { title: "rename-agent-title", field: "rename-agent-name" };
    let clone = DialogIds { title: "clone-agent-title", field: "clone-agent-name" };
    view! {
        <Menu id="agent-menu" label="More actions">
            <AgentItems agent actions renaming cloning/>
        </Menu>
        <RenameDialog agent open=renaming ids=rename/>
        <CloneDialog agent open=cloning ids=clone/>
    }
    .into_any()
}

/// The entries, wherever the menu is.
#[component]
pub(super) fn AgentItems(
    agent: Memo<Agent>,
    actions: AgentActions,
    renaming: RwSignal<bool>,
    cloning: RwSignal<bool>,
) -> impl IntoView {
    let running = Memo::new(move |_| agent.with(|agent| agent.state.is_running()));
    let resumes = Memo::new(move |_| agent.with(resumes));
    let favourite = Memo::new(move |_| agent.with(|agent| agent.settings.favourite));
    let autostart = Memo::new(move |_| agent.with(|agent| agent.settings.autostart));
    let edit = move |edit: EditAgent| actions.run(Deed::Edit(Box::new(edit)));
    view! {
            <Show when=move || running.get()>
                <MenuItem
                    icon=Icon::RotateCw
                    on:click=move |_| actions.run(Deed::RESTART)
                >
                    "Restart"
                </MenuItem>
            </Show>
            <Show when=move || resumes.get()>
                <MenuItem
                    icon=Icon::MessageSquare
                    on:click=move |_| {
                        let fresh = WakeAgent { fresh: true };
                        let running = running.get_untracked();
                        actions.run(if running { Deed::Restart(fresh) } else { Deed::Wake(fresh) });
                    }
                >
                    {move || if running.get() { "Restart" } else { "Wake" }} " with a new conversation"
                </MenuItem>
            </Show>
            <Show when=move || running.get() || resumes.get()>
                <MenuSeparator/>
            </Show>
            <MenuItem icon=Icon::Pencil on:click=move |_| renaming.set(true)>"Rename…"</MenuItem>
            <MenuItem icon=Icon::Copy on:click=move |_| cloning.set(true)>"Clone…"</MenuItem>
            <MenuItem
                icon=Icon::Star
                on:click=move |_| edit(EditAgent {
                    favourite: Some(!favourite.get_untracked()),
                    ..EditAgent::default()
                })
            >
                {move || if favourite.get() { "Remove from favourites" } else { "Add to favourites" }}
            </MenuItem>
            <MenuItem
                icon=Icon::Power
                checked=autostart
                on:click=move |_| edit(EditAgent {
                    autostart: Some(!autostart.get_untracked()),
                    ..EditAgent::default()
                })
            >
                "Start with the machine"
            </MenuItem>
            <MenuSeparator/>
            <MenuItem icon=Icon::Trash on:click=move |_| actions.run(Deed::Trash)>"Move to trash"</MenuItem>
    }
    .into_any()
}

#[component]
pub(super) fn RenameDialog(
    agent: Memo<Agent>,
    open: RwSignal<bool>,
    ids: DialogIds,
) -> impl IntoView {
    let refusal = RwSignal::new(None::<ApiError>);
    let rename = Action::new(move |name: &String| {
        let edit = EditAgent { name: Some(name.clone()), ..EditAgent::default() };
        let id = agent.with_untracked(|agent| agent.id.clone());
        async move {
            match api::edit(id, edit).await {
                Ok(_) => open.try_set(false),
                Err(error) => {
                    refusal.try_set(Some(error.0));
                    None
                }
            };
        }
    });
    let words = NameWords {
        title_id: ids.title,
        field_id: ids.field,
        title: "Rename agent",
        hint: Some(LEVELS),
        act: "Rename",
    };
    let first = Signal::derive(move || agent.with(|agent| agent.settings.name.clone()));
    let run = Callback::new(move |name| {
        rename.dispatch(name);
    });
    view! { <NameDialog open words first refusal busy=rename.pending() run/> }.into_any()
}

#[component]
pub(super) fn CloneDialog(
    agent: Memo<Agent>,
    open: RwSignal<bool>,
    ids: DialogIds,
) -> impl IntoView {
    let refusal = RwSignal::new(None::<ApiError>);
    let agents = use_agents();
    let navigate = use_navigate();
    let duplicate = Action::new(move |name: &String| {
        let copy = CloneAgent { name: name.clone(), start: false };
        let id = agent.with_untracked(|agent| agent.id.clone());
        let navigate = navigate.clone();
        async move {
            match api::duplicate(id, copy).await {
                Ok(copy) => {
                    let path = agent_path(&copy.id);
                    agents.learn(copy);
                    open.try_set(false);
                    navigate(&path, NavigateOptions::default());
                }
                Err(error) => {
                    refusal.try_set(Some(error.0));
                }
            }
        }
    });
    let words = NameWords {
        title_id: ids.title,
        field_id: ids.field,
        title: "Clone agent",
        hint: Some("The copy has the same settings and its own conversation. It is not started."),
        act: "Clone",
    };
    let first = Signal::derive(move || agent.with(|agent| format!("{}-copy", agent.settings.name)));
    let run = Callback::new(move |name| {
        duplicate.dispatch(name);
    });
    view! { <NameDialog open words first refusal busy=duplicate.pending() run/> }.into_any()
}
