//! The start page: all agents as rows, or what to do when there are none.

mod bulk_bar;
mod filter;
mod list;
mod order;
mod row;
mod selection;
mod table;
mod tags;

use leptos::prelude::*;
use leptos_meta::Title;

use self::bulk_bar::BulkBar;
use self::filter::Filter;
use self::list::ListState;
use self::table::AgentsTable;
use super::lost::LostNotice;
use super::state::{Load, use_agents};
use super::status;
use super::welcome::Welcome;
use crate::caller::OperatorOnly;
use crate::response::{PageStatus, set_status};
use crate::ui::{Button, EmptyState, Icon, PAGE_TITLE, focus};

const FILTER: &str = "agents-filter";

/// The page at `/`.
#[component]
pub(crate) fn AgentsPage() -> impl IntoView {
    let agents = use_agents();
    let loaded = Memo::new(move |_| agents.load.get() == Load::Ready);
    let empty = Memo::new(move |_| agents.list.with(|list| list.agents.is_empty()));
    move || match (loaded.get(), empty.get()) {
        (false, _) => view! { <CannotLoad/> }.into_any(),
        (true, true) => view! { <Welcome/> }.into_any(),
        (true, false) => view! { <Overview/> }.into_any(),
    }
}

#[component]
fn Overview() -> impl IntoView {
    let agents = use_agents();
    let list = ListState::new();
    let filtered = Memo::new(move |_| list.text.with(|text| !Filter::of(text).is_empty()));
    let count = Memo::new(move |_| list.shown.with(Vec::len));
    let words = move || {
        let all = agents.list.with(|list| status::count_words(&list.agents));
        if filtered.get() { format!("{} of {all}", count.get()) } else { all }
    };
    // Read aloud only what the filter does, not every change of a state.
    let found = move || filtered.get().then(|| format!("{} shown", count.get()));
    view! {
        <Title text="Agents"/>
        <header class="page-head">
            <h1 id=PAGE_TITLE tabindex="-1">"Agents"</h1>
            <span class="meta num trunc">{words}</span>
            <span class="vh" role="status">{found}</span>
            <FilterField list/>
        </header>
        <div class="overview">
            <LostNotice/>
            <div class="overview-rows">
                <Show when=move || { count.get() > 0 } fallback=move || view! { <FilteredAway list/> }>
                    <AgentsTable list/>
                </Show>
            </div>
            <OperatorOnly><BulkBar list/></OperatorOnly>
        </div>
    }
    .into_any()
}

/// The filter, also a plain form for where no script runs.
#[component]
fn FilterField(list: ListState) -> impl IntoView {
    let order = move || list.order.get().name();
    view! {
        <form
            role="search"
            class="filter push"
            method="get"
            action="/"
            on:submit=|event| event.prevent_default()
        >
            <input
                id=FILTER
                type="search"
                name="q"
                class="field"
                aria-label="Filter agents"
                placeholder="Filter: words, tag:…, state:lost"
                autocomplete="off"
                spellcheck="false"
                value=list.text.get_untracked()
                prop:value=move || list.text.get()
                on:input=move |event| list.text.set(event_target_value(&event))
            />
            {move || order().map(|order| view! { <input type="hidden" name="sort" value=order/> })}
        </form>
    }
    .into_any()
}

#[component]
fn FilteredAway(list: ListState) -> impl IntoView {
    let text = Signal::derive(move || {
        format!(
            "There are agents, but nothing fits “{}”.",
            list.text.with(|text| text.trim().to_owned())
        )
    });
    view! {
        <EmptyState icon=Icon::FunnelX title="No agent fits the filter" text>
            <a
                class="btn"
                href="/"
                on:click=move |_| {
                    list.text.set(String::new());
                    focus(FILTER);
                }
            >
                "Clear filter"
            </a>
        </EmptyState>
    }
    .into_any()
}

/// The agents could not be loaded: why, and a way to try again.
#[component]
pub(super) fn CannotLoad() -> impl IntoView {
    set_status(PageStatus::Unavailable);
    let agents = use_agents();
    let retry = agents.retry();
    let reason = Signal::derive(move || {
        agents.load.with(|load| match load {
            Load::Failed(error) => error.message.clone(),
            Load::Ready => String::new(),
        })
    });
    view! {
        <Title text="Cannot load"/>
        <EmptyState page=true icon=Icon::PlugZap title="The agents cannot be loaded" text=reason>
            <Button
                class:needs-js=true
                busy=retry.pending()
                on:click=move |_| { if !retry.pending().get_untracked() { retry.dispatch(()); } }
            >
                "Retry now"
            </Button>
        </EmptyState>
    }
    .into_any()
}
