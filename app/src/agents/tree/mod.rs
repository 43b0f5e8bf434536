//! The sidebar's tree. One tab stop; arrows move, Enter opens, letters jump (ARIA tree pattern),
//! Shift+F10 opens a row's menu. Dragging a row onto a group moves the agent there. A viewer has
//! neither menus nor dragging.

#[cfg(not(feature = "ssr"))]
mod browser;
mod menu;
mod move_dialog;
mod mover;
mod moving;
mod row;
mod rows;
#[cfg(feature = "ssr")]
mod server;

use std::collections::HashSet;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use protocol::access::Role;
use protocol::agents::AgentId;

#[cfg(not(feature = "ssr"))]
use browser::reveal;
#[cfg(feature = "ssr")]
use server::reveal;

use self::menu::{Asked, RowMenus};
use self::mover::Mover;
use self::row::{AgentRow, GroupRow, RowSignals, element_id};
use self::rows::{Row, RowKey, Rows, Step};
use super::state::use_agents;
use crate::caller::{OperatorOnly, may};
use crate::host::use_host;
use crate::routes::agent_at;
use crate::ui::focus;

/// All agents by host and group, favourites before them.
#[component]
pub(crate) fn AgentTree() -> impl IntoView {
    let agents = use_agents();
    let host = use_host();
    let mover = Mover::new();
    let asked: Asked = RwSignal::new(None);
    let collapsed = RwSignal::new(HashSet::<RowKey>::new());
    let rows = Memo::new(move |_| {
        let name = host.name();
        agents.list.with(|list| collapsed.with(|closed| Rows::of(&name, &list.agents, closed)))
    });
    let path = use_location().pathname;
    let selected = Memo::new(move |_| path.with(|path| agent_at(path)).map(RowKey::Agent));
    Effect::new(move |_| {
        if let Some(key) = selected.get() {
            reveal(element_id(&key));
        }
    });
    let moved_to = RwSignal::new(None::<RowKey>);
    let tab_stop = Memo::new(move |_| {
        rows.with(|rows| {
            [moved_to.get(), selected.get()]
                .into_iter()
                .flatten()
                .find(|key| rows.get(key).is_some())
                .unwrap_or(RowKey::Host)
        })
    });
    let toggle = move |key: RowKey| {
        collapsed.update(|closed| {
            if !closed.remove(&key) {
                closed.insert(key);
            }
        });
    };
    // The menu key is followed by an event for the browser's own menu, at once or when it is let go.
    let menu_by_key = StoredValue::new(false);
    let acts = may(Role::Operator);
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let from = tab_stop.get_untracked();
        let menu_key = event.key() == "ContextMenu" || (event.shift_key() && event.key() == "F10");
        if let (true, Some(id)) = (menu_key && acts, from.agent()) {
            event.prevent_default();
            menu_by_key.set_value(true);
            asked.set(Some((id.clone(), element_id(&from))));
            return;
        }
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let Some(step) = rows.with_untracked(|rows| rows.step(&from, &event.key())) else { return };
        event.prevent_default();
        match step {
            Step::Focus(key) => {
                focus(element_id(&key));
                moved_to.set(Some(key));
            }
            Step::Toggle(key) => toggle(key),
        }
    };
    let on_browser_menu = move |event: leptos::ev::MouseEvent| {
        if menu_by_key.get_value() {
            menu_by_key.set_value(false);
            event.prevent_default();
        }
    };
    let row = move |key: RowKey| {
        let found = {
            let key = key.clone();
            Memo::new(move |last: Option<&Option<Row>>| {
                let now = rows.with(|rows| rows.get(&key).cloned());
                now.or_else(|| last.cloned().flatten())
            })
        };
        let is_tab_stop = {
            let key = key.clone();
            Memo::new(move |_| tab_stop.with(|stop| *stop == key))
        };
        let is_selected = {
            let key = key.clone();
            Memo::new(move |_| selected.with(|selected| selected.as_ref() == Some(&key)))
        };
        let common = RowSignals { found, is_tab_stop, is_selected };
        let focused = key.clone();
        let on_focus = move |_| moved_to.set(Some(focused.clone()));
        if key.agent().is_some() {
            view! { <AgentRow key row=common mover asked on:focusin=on_focus/> }.into_any()
        } else {
            let clicked = key.clone();
            view! {
                <GroupRow
                    key
                    row=common
                    mover
                    on:click=move |_| toggle(clicked.clone())
                    on:focusin=on_focus
                />
            }
            .into_any()
        }
    };
    view! {
        <ul
            role="tree"
            aria-label="Agents by host"
            class="tree"
            on:keydown=on_key
            on:pointerdown=move |_| menu_by_key.set_value(false)
            on:contextmenu=on_browser_menu
        >
            <For each=move || rows.with(|rows| rows.order().to_vec()) key=Clone::clone children=row/>
        </ul>
        <OperatorOnly><RowMenus asked mover/></OperatorOnly>
        <p class="vh" role="status">{move || mover.said.get()}</p>
    }
    .into_any()
}

impl RowKey {
    /// The agent of this row.
    fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Agent(id) | Self::Pin(id) => Some(id),
            Self::Host | Self::Pins | Self::Group(_) => None,
        }
    }

    /// The group that agents come into when they are dropped here.
    fn group(&self) -> Option<&str> {
        match self {
            Self::Host => Some(""),
            Self::Group(group) => Some(group),
            Self::Pins | Self::Pin(_) | Self::Agent(_) => None,
        }
    }
}
