//! The audit page: who did what, how, and with what result. It is the owner's alone.

mod table;
mod trail;
mod verify;

use leptos::prelude::*;
use protocol::access::audit::{AuditEntry, AuditQuery, Outcome};

use self::table::AuditTable;
pub(crate) use self::trail::PART;
use self::trail::Trail;
use self::verify::Verify;
use crate::api::access as api;
use crate::loaded::Loaded;
use crate::seed::{FirstData, PageData};
use crate::ui::{Button, EmptyState, Icon, PageHead, Tone};

/// What the list can be narrowed to.
const FILTERS: [(&str, Option<Outcome>); 4] = [
    ("All", None),
    ("Done", Some(Outcome::Done)),
    ("Denied", Some(Outcome::Denied)),
    ("Failed", Some(Outcome::Failed)),
];

/// The page at `/audit`.
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let first = FirstData::take(|data| match data {
        PageData::Audit(entries) => Ok(entries),
        other => Err(other),
    });
    let outcome = RwSignal::new(None::<Outcome>);
    let newest = Loaded::new(
        first,
        move || outcome.get(),
        |outcome| api::audit(AuditQuery { outcome, limit: Some(PART), before: None }),
    );
    let segment = move |(word, this): (&'static str, Option<Outcome>)| {
        view! {
            <button
                type="button"
                aria-pressed=move || (outcome.get() == this).to_string()
                on:click=move |_| outcome.set(this)
            >
                {word}
            </button>
        }
    };
    view! {
        <PageHead title="Audit" class="audit-head">
            <div class="seg push needs-js" role="group" aria-label="Show entries by outcome">
                {FILTERS.map(segment).collect_view()}
            </div>
            <Button
                tone=Tone::Quiet
                icon=Icon::RotateCw
                label="Load again"
                class:needs-js=true
                on:click=move |_| newest.again()
            />
        </PageHead>
        <div class="audit">
            <Verify/>
            <Entries newest outcome/>
        </div>
    }
    .into_any()
}

/// The newest part and what was loaded beside it.
#[component]
fn Entries(newest: Loaded<Vec<AuditEntry>>, outcome: RwSignal<Option<Outcome>>) -> impl IntoView {
    let older = RwSignal::new(Trail::default());
    let refusal = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        // What was loaded for another choice does not belong to this one.
        outcome.track();
        older.set(Trail::default());
        refusal.set(None);
    });
    let load = Action::new(move |known: &Trail| {
        let known = known.clone();
        let outcome_then = outcome.get_untracked();
        async move {
            let before = known.oldest();
            let part = AuditQuery { before, limit: Some(PART), outcome: outcome_then };
            match api::audit(part).await {
                Ok(entries) if outcome.try_get_untracked() == Some(outcome_then) => {
                    refusal.try_set(None);
                    older.try_set(known.with_older(entries));
                }
                Ok(_) => {}
                Err(error) => {
                    refusal.try_set(Some(error.0.message));
                }
            }
        }
    });
    let list = newest.part("The audit trail", move |entries| {
        let trail = older.get().with_newest(entries);
        if trail.entries.is_empty() {
            return view! { <Nothing filtered=outcome.get_untracked().is_some()/> }.into_any();
        }
        let load_older = trail.more.then(|| {
            let trail = trail.clone();
            view! {
                <div class="row audit-more needs-js">
                    <Button
                        busy=load.pending()
                        on:click=move |_| {
                            if !load.pending().get_untracked() {
                                load.dispatch(trail.clone());
                            }
                        }
                    >
                        "Load older"
                    </Button>
                </div>
            }
        });
        view! { <AuditTable entries=trail.entries/> {load_older} }.into_any()
    });
    view! {
        {list}
        {move || refusal.get().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })}
    }
    .into_any()
}

#[component]
fn Nothing(filtered: bool) -> impl IntoView {
    if filtered {
        view! {
            <EmptyState
                icon=Icon::FunnelX
                title="No entry went this way"
                text="Choose another outcome above to see the rest."
            />
        }
        .into_any()
    } else {
        view! {
            <EmptyState
                icon=Icon::ScrollText
                title="Nothing was noted yet"
                text="Whatever is attempted here is noted: by whom, how, and whether it was allowed."
            />
        }
        .into_any()
    }
}
