//! What happened to an agent, newest first, grouped by day.

mod log;
mod words;

use leptos::prelude::*;
use protocol::agents::Agent;
use protocol::agents::history::{HistoryEntry, HistoryQuery};

pub(crate) use self::log::PART;
use self::log::{Log, runs};
use crate::api::agents as api;
use crate::clock::{Ago, use_clock};
use crate::loaded::Loaded;
use crate::seed::{FirstData, PageData};
use crate::ui::{Button, EmptyState, Icon, IconView};

/// The entries; new ones appear when the agent changes.
#[component]
pub(super) fn HistoryPanel(agent: Memo<Agent>) -> impl IntoView {
    let first = FirstData::take(|data| match data {
        PageData::History(owner, entries) if agent.with_untracked(|agent| agent.id == owner) => {
            Ok(entries)
        }
        other => Err(other),
    });
    let newest = Loaded::new(
        first,
        move || agent.get(),
        |agent| api::history(agent.id, HistoryQuery { before: None, limit: Some(PART) }),
    );
    // What was loaded beside the newest part, and how it hangs together with it.
    let older = RwSignal::new(Log::default());
    let refusal = RwSignal::new(None::<String>);
    let load = Action::new(move |known: &Log| {
        let known = known.clone();
        let id = agent.with_untracked(|agent| agent.id.clone());
        async move {
            let part = HistoryQuery { before: known.oldest(), limit: Some(PART) };
            match api::history(id, part).await {
                Ok(entries) => {
                    refusal.try_set(None);
                    older.try_set(known.with_older(entries));
                }
                Err(error) => {
                    refusal.try_set(Some(error.0.message));
                }
            }
        }
    });
    let list = newest.part("The history", move |entries| {
        let log = older.get().with_newest(entries);
        let load_older = log.more.then(|| {
            let log = log.clone();
            view! {
                <div class="row needs-js">
                    <Button
                        busy=load.pending()
                        on:click=move |_| {
                            if !load.pending().get_untracked() {
                                load.dispatch(log.clone());
                            }
                        }
                    >
                        "Load older"
                    </Button>
                </div>
            }
        });
        view! { <Entries entries=log.entries/> {load_older} }.into_any()
    });
    view! {
        <div class="history">
            {list}
            {move || refusal.get().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })}
        </div>
    }
    .into_any()
}

#[component]
fn Entries(entries: Vec<HistoryEntry>) -> impl IntoView {
    let clock = use_clock();
    if entries.is_empty() {
        return view! {
            <EmptyState
                icon=Icon::History
                title="Nothing happened yet"
                text="Whatever happens to this agent is noted here: starts and ends, changes of its settings, its terminals."
            />
        }
        .into_any();
    }
    // Only the days depend on the clock; an entry is drawn again when it moves to another one.
    let days = Memo::new(move |_| runs(&entries, |entry| clock.day(entry.at_ms).number));
    let day = move |(_, entries): (i64, Vec<HistoryEntry>)| {
        let at_ms = entries.first().map(|entry| entry.at_ms).unwrap_or_default();
        view! {
            <section class="history-day">
                <h2>{move || clock.day(at_ms).words}</h2>
                <ol>{entries.into_iter().map(|entry| view! { <Entry entry/> }).collect_view()}</ol>
            </section>
        }
    };
    view! { {move || days.get().into_iter().map(day).collect_view()} }.into_any()
}

#[component]
fn Entry(entry: HistoryEntry) -> impl IntoView {
    let HistoryEntry { at_ms, event, .. } = entry;
    view! {
        <li class="history-entry" class:is-trouble=words::is_trouble(&event)>
            <IconView icon=words::icon(&event) class="ico sm"/>
            <span>{words::words(&event)}</span>
            <span class="meta push"><Ago at_ms/></span>
        </li>
    }
    .into_any()
}
