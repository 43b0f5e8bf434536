//! The rows as elements: groups fold and take what is dropped on them, agents are links.

use leptos::attr::custom::custom_attribute;
use leptos::prelude::*;
use protocol::access::Role;
use protocol::agents::AgentState;

use super::menu::Asked;
use super::mover::Mover;
use super::rows::{Row, RowKey, RowKind};
use crate::agents::state::use_agents;
use crate::agents::status;
use crate::caller::{OperatorOnly, may};
use crate::routes::agent_path;
use crate::ui::{Avatar, Icon, IconView, StatusGlyph, stable_hash};

/// What the two kinds of rows need alike.
#[derive(Clone, Copy)]
pub(super) struct RowSignals {
    pub(super) found: Memo<Option<Row>>,
    pub(super) is_tab_stop: Memo<bool>,
    pub(super) is_selected: Memo<bool>,
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

/// A row that can be folded.
#[component]
pub(super) fn GroupRow(key: RowKey, row: RowSignals, mover: Mover) -> impl IntoView {
    let expanded =
        move || row.found.with(|row| row.as_ref().and_then(Row::expanded)).unwrap_or_default();
    let caret =
        Signal::derive(move || if expanded() { Icon::ChevronDown } else { Icon::ChevronRight });
    let mark = move || {
        row.found.with(|row| match row.as_ref().map(|row| &row.kind) {
            Some(RowKind::Host { .. }) => Some(view! { <IconView icon=Icon::Server/> }.into_any()),
            Some(RowKind::Pins { .. }) => Some(view! { <IconView icon=Icon::Star/> }.into_any()),
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
    let element = element_id(&key);
    let group = StoredValue::new(key.group().map(str::to_owned));
    let takes = move || group.with_value(|group| group.as_ref().is_some_and(|to| mover.takes(to)));
    // Child elements take part in these events too: only what happens over the row is lasting.
    let over = RwSignal::new(false);
    let on_over = move |event: leptos::ev::DragEvent| {
        if takes() {
            event.prevent_default();
            over.maybe_update(|over| !std::mem::replace(over, true));
        }
    };
    let on_drop = move |event: leptos::ev::DragEvent| {
        over.set(false);
        if takes() {
            event.prevent_default();
            group.with_value(|group| mover.drop_into(group.as_deref().unwrap_or_default()));
        }
    };
    view! {
        <li
            id=element
            class="tree-row is-group"
            class:is-drop=move || over.get()
            role="treeitem"
            style=move || format!("--lv:{}", row.level())
            {..custom_attribute("aria-level", move || row.level().to_string())}
            aria-expanded=move || if expanded() { "true" } else { "false" }
            tabindex=move || row.tab_index()
            on:dragover=on_over
            on:dragleave=move |_| over.set(false)
            on:drop=on_drop
        >
            <IconView icon=caret class="ico caret"/>
            {mark}
            <span class="trunc">{move || row.label()}</span>
            {move || count().map(|count| view! { <span class="count">{count}</span> })}
        </li>
    }
    .into_any()
}

/// A row that leads to an agent. Favourites show who they are, others how they are doing.
#[component]
pub(super) fn AgentRow(key: RowKey, row: RowSignals, mover: Mover, asked: Asked) -> impl IntoView {
    let agents = use_agents();
    let id = key.agent().cloned()?;
    let avatar = matches!(key, RowKey::Pin(_)).then(|| agents.find_untracked(&id)).flatten();
    let avatar = avatar.map(|agent| view! { <Avatar agent=agents.follow(agent)/> });
    let state = Memo::new(move |_| {
        row.found.with(|row| match row.as_ref().map(|row| &row.kind) {
            Some(RowKind::Agent { state, .. }) => *state,
            _ => AgentState::Hibernated,
        })
    });
    let program = move || {
        row.found.with(|row| match row.as_ref().map(|row| &row.kind) {
            Some(RowKind::Agent { program, .. }) => program.clone(),
            _ => String::new(),
        })
    };
    let acts = may(Role::Operator);
    let element = element_id(&key);
    let more = format!("{element}-more");
    let (dragged, menu_of, opens_at) = (id.clone(), id.clone(), more.clone());
    let open_menu = move |event: leptos::ev::MouseEvent| {
        // The row is a link: this part of it leads nowhere.
        event.prevent_default();
        event.stop_propagation();
        asked.set(Some((menu_of.clone(), opens_at.clone())));
    };
    Some(view! {
        <li role="none">
            <a
                id=element
                href=agent_path(&id)
                class="tree-row is-agent"
                role="treeitem"
                style=move || format!("--lv:{}", row.level())
                {..custom_attribute("aria-level", move || row.level().to_string())}
                aria-selected=move || if row.is_selected.get() { "true" } else { "false" }
                aria-current=move || row.is_selected.get().then_some("page")
                aria-haspopup=acts.then_some("menu")
                aria-keyshortcuts=acts.then_some("Shift+F10")
                tabindex=move || row.tab_index()
                // Links can be dragged by themselves.
                draggable=if acts { "true" } else { "false" }
                on:dragstart=move |_| mover.dragged.set(Some(dragged.clone()))
                on:dragend=move |_| mover.dragged.set(None)
            >
                {avatar}
                <StatusGlyph
                    glyph=Signal::derive(move || status::glyph(state.get()))
                    word=Signal::derive(move || state.get().word())
                />
                <span class="tree-text">
                    <b class="trunc">{move || row.label()}</b>
                    <small class="trunc">{program}</small>
                </span>
                <span class="word" aria-hidden="true">{move || state.get().word()}</span>
                // Where a pointer opens the menu; keys open it with Shift+F10.
                <OperatorOnly>
                    <span id=more class="row-more needs-js" aria-hidden="true" title="Actions (Shift+F10)" on:click=open_menu>
                        <IconView icon=Icon::Ellipsis class="ico sm"/>
                    </span>
                </OperatorOnly>
            </a>
        </li>
    })
}

/// Element id of a row.
pub(super) fn element_id(key: &RowKey) -> String {
    match key {
        RowKey::Host => "row-host".to_owned(),
        RowKey::Pins => "row-pins".to_owned(),
        RowKey::Pin(id) => format!("pin-{id}"),
        RowKey::Group(path) => format!("row-{:08x}", stable_hash(path)),
        RowKey::Agent(id) => format!("row-{id}"),
    }
}
