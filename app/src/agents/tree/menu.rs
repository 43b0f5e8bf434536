//! The menu of a row. All rows share one: it is made for the row that asks for it.

use leptos::prelude::*;
use protocol::agents::{Agent, AgentId, AgentState};

use super::move_dialog::MoveDialog;
use super::mover::Mover;
use crate::agents::actions::{AgentActions, Deed};
use crate::agents::menu::{AgentItems, CloneDialog, DialogIds, RenameDialog};
use crate::agents::name::OwnName;
use crate::agents::state::use_agents;
use crate::ui::{Icon, MenuItem, MenuSeparator, SharedMenu, use_toasts};

/// Whose menu was asked for last, and the element that it opens at.
pub(super) type Asked = RwSignal<Option<(AgentId, String)>>;

/// The menu, once somebody asked for one.
#[component]
pub(super) fn RowMenus(asked: Asked, mover: Mover) -> impl IntoView {
    let agents = use_agents();
    let who = Memo::new(move |_| asked.with(|asked| asked.as_ref().map(|(id, _)| id.clone())));
    let menu = move |id: AgentId| {
        agents
            .find_untracked(&id)
            .map(|agent| view! { <RowMenu agent=agents.follow(agent) asked mover/> })
    };
    view! { <For each=move || who.get() key=Clone::clone children=menu/> }.into_any()
}

#[component]
fn RowMenu(agent: Memo<Agent>, asked: Asked, mover: Mover) -> impl IntoView {
    let toasts = use_toasts();
    let actions = AgentActions::new(agent);
    let renaming = RwSignal::new(false);
    let cloning = RwSignal::new(false);
    let moving = RwSignal::new(false);
    let state = Memo::new(move |_| agent.with(|agent| agent.state));
    let running = Memo::new(move |_| state.get().is_running());
    let id = agent.with_untracked(|agent| agent.id.clone());
    let at = Signal::derive(move || {
        asked.with(|asked| {
            asked.as_ref().filter(|(who, _)| *who == id).map(|(_, place)| place.clone())
        })
    });
    // There is no page beside the tree to say it on.
    Effect::new(move |_| {
        if let Some(error) = actions.refusal.get() {
            toasts.fail(error.message);
        }
    });
    let wake =
        move || if matches!(state.get(), AgentState::Lost { .. }) { "Restore" } else { "Wake" };
    view! {
        <SharedMenu
            id="row-menu"
            label=Signal::derive(move || agent.with(|agent| format!("Actions for {}", agent.own_name())))
            at
        >
            <Show when=move || running.get()>
                <MenuItem icon=Icon::CircleStop on:click=move |_| actions.run(Deed::Hibernate)>
                    "Hibernate"
                </MenuItem>
            </Show>
            <Show when=move || !running.get()>
                <MenuItem icon=Icon::Play on:click=move |_| actions.run(Deed::WAKE)>{wake}</MenuItem>
            </Show>
            <MenuItem icon=Icon::FolderInput on:click=move |_| moving.set(true)>"Move…"</MenuItem>
            <MenuSeparator/>
            <AgentItems agent actions renaming cloning/>
        </SharedMenu>
        <RenameDialog agent open=renaming ids=IN_TREE_RENAME/>
        <CloneDialog agent open=cloning ids=IN_TREE_CLONE/>
        <MoveDialog agent mover open=moving/>
    }
    .into_any()
}

/// Elements of this place: the page of an agent has the same dialogs.
const IN_TREE_RENAME: DialogIds = DialogIds { title: "row-rename-title", field: "row-rename-name" };
const IN_TREE_CLONE: DialogIds = DialogIds { title: "row-clone-title", field: "row-clone-name" };
