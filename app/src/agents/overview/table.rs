//! The list as a table, with heads that order it.

use leptos::prelude::*;
use protocol::access::Role;
use protocol::agents::AgentId;

use super::list::ListState;
use super::order::Column;
use super::row::Row;
use super::selection::Selection;
use crate::agents::state::use_agents;
use crate::caller::{OperatorOnly, may};
use crate::ui::{Icon, IconView};

/// One row per agent that is shown. Ctrl+A chooses all, Escape none; a viewer has nothing to choose
/// for.
#[component]
pub(super) fn AgentsTable(list: ListState) -> impl IntoView {
    let agents = use_agents();
    let row = move |id: AgentId| {
        agents.find_untracked(&id).map(|agent| view! { <Row agent=agents.follow(agent) list/> })
    };
    let acts = may(Role::Operator);
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if !acts {
            return;
        }
        let command = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            "a" if command && !event.alt_key() && !event.shift_key() => {
                event.prevent_default();
                list.selection.update(|selection| {
                    *selection = Selection::default();
                    list.shown.with_untracked(|shown| selection.toggle_all(shown));
                });
            }
            "Escape" if list.chosen.with_untracked(|chosen| !chosen.is_empty()) => {
                list.selection.set(Selection::default());
            }
            _ => {}
        }
    };
    view! {
        <table class="table" on:keydown=on_key>
            <thead>
                <tr>
                    <OperatorOnly>
                        <th scope="col" class="pick needs-js"><PickAll list/></th>
                    </OperatorOnly>
                    <SortHead list column=Column::Name words="Agent"/>
                    <SortHead list column=Column::State words="State"/>
                    <th scope="col">"Program"</th>
                    <th scope="col" class="opt">"Tags"</th>
                    <th scope="col" class="opt">"Folder"</th>
                    <SortHead list column=Column::Since words="Since" class="r opt"/>
                </tr>
            </thead>
            <tbody>
                <For each=move || list.shown.get() key=Clone::clone children=row/>
            </tbody>
        </table>
    }
    .into_any()
}

#[component]
fn PickAll(list: ListState) -> impl IntoView {
    let counts = Memo::new(move |_| (list.chosen.with(Vec::len), list.shown.with(Vec::len)));
    let all = move || matches!(counts.get(), (chosen, shown) if chosen == shown && shown > 0);
    let some = move || matches!(counts.get(), (chosen, shown) if chosen > 0 && chosen < shown);
    view! {
        <label>
            <input
                type="checkbox"
                aria-label="Select all"
                prop:checked=all
                prop:indeterminate=some
                on:click=move |_| list.shown.with_untracked(|shown| {
                    list.selection.update(|selection| selection.toggle_all(shown));
                })
            />
        </label>
    }
    .into_any()
}

/// A head that is a link: the order is part of the address.
#[component]
fn SortHead(
    list: ListState,
    column: Column,
    words: &'static str,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let sorted = move || list.order.get().aria(column);
    let arrow = move || {
        sorted().map(|direction| {
            let icon = if direction == "ascending" { Icon::ChevronUp } else { Icon::ChevronDown };
            view! { <IconView icon class="ico sm"/> }
        })
    };
    view! {
        <th scope="col" class=class aria-sort=sorted>
            <a class="sort" href=move || list.address(list.order.get().clicked(column))>
                {words} {arrow}
            </a>
        </th>
    }
    .into_any()
}
