//! The sidebar's tree. One tab stop; arrows move, Enter opens, letters jump (ARIA tree pattern).

mod rows;

use std::collections::HashSet;

use leptos::attr::custom::custom_attribute;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use self::rows::{Row, RowKey, RowKind, Rows, Step};
use super::state::use_agents;
use super::status;
use crate::host::use_host;
use crate::routes::{agent_at, agent_path};
use crate::ui::{Icon, IconView, StatusGlyph, focus, stable_hash};

/// All agents by host and group.
#[component]
pub(crate) fn AgentTree() -> impl IntoView {
    let agents = use_agents();
    let host = use_host();
    let collapsed = RwSignal::new(HashSet::<RowKey>::new());
    let rows = Memo::new(move |_| {
        let name = host.name();
        agents.list.with(|list| collapsed.with(|closed| Rows::of(&name, &list.agents, closed)))
    });
    let path = use_location().pathname;
    let selected = Memo::new(move |_| path.with(|path| agent_at(path)).map(RowKey::Agent));
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
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let from = tab_stop.get_untracked();
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
        match key {
            RowKey::Agent(id) => {
                let key = RowKey::Agent(id.clone());
                view! {
                    <AgentRow
                        element=element_id(&key)
                        path=agent_path(&id)
                        row=common
                        on:focusin=move |_| moved_to.set(Some(key.clone()))
                    />
                }
                .into_any()
            }
            key => {
                let (clicked, focused) = (key.clone(), key.clone());
                view! {
                    <GroupRow
                        element=element_id(&key)
                        row=common
                        on:click=move |_| toggle(clicked.clone())
                        on:focusin=move |_| moved_to.set(Some(focused.clone()))
                    />
                }
                .into_any()
            }
        }
    };
    view! {
        <ul role="tree" aria-label="Agents by host" class="tree" on:keydown=on_key>
            <For each=move || rows.with(|rows| rows.order().to_vec()) key=Clone::clone children=row/>
        </ul>
    }
    .into_any()
}

/// What the two kinds of rows need alike.
#[derive(Clone, Copy)]
struct RowSignals {
    found: Memo<Option<Row>>,
    is_tab_stop: Memo<bool>,
    is_selected: Memo<bool>,
}

impl RowSignals {
    fn level(self) -> u8 {
        self.found.with(|row| row.as_ref().map_or(1, |row| row.level))
    }

    fn label(self) -> String {
        self.found.with(|row| row.as_ref().map(|row| row.label.clone()).unwrap_or_default())
    }

    fn tab_index(self) -> &'static str {
        if self.is_tab_stop.get() { "0" } else { "-1" }
    }
}

#[component]
fn GroupRow(element: String, row: RowSignals) -> impl IntoView {
    let expanded =
        move || row.found.with(|row| row.as_ref().and_then(Row::expanded)).unwrap_or_default();
    let caret =
        Signal::derive(move || if expanded() { Icon::ChevronDown } else { Icon::ChevronRight });
    let mark = move || {
        row.found.with(|row| match row.as_ref().map(|row| &row.kind) {
            Some(RowKind::Host { .. }) => Some(view! { <IconView icon=Icon::Server/> }.into_any()),
            Some(RowKind::Group { hue: Some(hue), .. }) => {
                Some(view! { <i class="hue" style=format!("--h:{hue}")></i> }.into_any())
            }
            _ => None,
        })
    };
    let count = move || {
        row.found.with(|row| match row.as_ref().map(|row| &row.kind) {
            Some(RowKind::Host { agents, .. }) => Some(agents.to_string()),
            _ => None,
        })
    };
    view! {
        <li
            id=element
            class="tree-row is-group"
            role="treeitem"
            style=move || format!("--lv:{}", row.level())
            {..custom_attribute("aria-level", move || row.level().to_string())}
            aria-expanded=move || if expanded() { "true" } else { "false" }
            tabindex=move || row.tab_index()
        >
            <IconView icon=caret class="ico caret"/>
            {mark}
            <span class="trunc">{move || row.label()}</span>
            {move || count().map(|count| view! { <span class="count">{count}</span> })}
        </li>
    }
    .into_any()
}

#[component]
fn AgentRow(element: String, path: String, row: RowSignals) -> impl IntoView {
    let state = Memo::new(move |_| {
        row.found.with(|row| match row.as_ref().map(|row| &row.kind) {
            Some(RowKind::Agent { state, .. }) => *state,
            _ => protocol::agents::AgentState::Stopped,
        })
    });
    let program = move || {
        row.found.with(|row| match row.as_ref().map(|row| &row.kind) {
            Some(RowKind::Agent { program, .. }) => program.clone(),
            _ => String::new(),
        })
    };
    view! {
        <li role="none">
            <a
                id=element
                href=path
                class="tree-row is-agent"
                role="treeitem"
                style=move || format!("--lv:{}", row.level())
                {..custom_attribute("aria-level", move || row.level().to_string())}
                aria-selected=move || if row.is_selected.get() { "true" } else { "false" }
                aria-current=move || row.is_selected.get().then_some("page")
                tabindex=move || row.tab_index()
            >
                <StatusGlyph
                    glyph=Signal::derive(move || status::glyph(state.get()))
                    word=Signal::derive(move || state.get().word())
                />
                <span class="tree-text">
                    <b class="trunc">{move || row.label()}</b>
                    <small class="trunc">{program}</small>
                </span>
                <span class="word" aria-hidden="true">{move || state.get().word()}</span>
            </a>
        </li>
    }
    .into_any()
}

fn element_id(key: &RowKey) -> String {
    match key {
        RowKey::Host => "row-host".to_owned(),
        RowKey::Group(path) => format!("row-{:08x}", stable_hash(path)),
        RowKey::Agent(id) => format!("row-{id}"),
    }
}
