//! The trash: agents that were put away, to take back or to delete for good.

mod dialogs;
mod state;
mod table;

use leptos::prelude::*;

use self::dialogs::{EmptyTrashDialog, PurgeDialog, RestoreAsDialog};
use self::state::TrashState;
use self::table::TrashTable;
use crate::caller::OperatorOnly;
use crate::ui::{Button, EmptyState, Icon, PageHead, Skeleton, Tone};

/// The page at `/trash`.
#[component]
pub(crate) fn TrashPage() -> impl IntoView {
    let trash = TrashState::new();
    // Only what kind of list it is: a table keeps its rows while single ones come and go.
    let is_empty = Memo::new(move |_| trash.agents.with(Vec::is_empty));
    let error = Memo::new(move |_| trash.agents.error());
    let content = move || match (error.get(), is_empty.get()) {
        (Some(error), _) => view! { <CannotLoad trash reason=error.message/> }.into_any(),
        (None, None) => view! { <Skeleton/> }.into_any(),
        (None, Some(true)) => view! { <Empty/> }.into_any(),
        (None, Some(false)) => view! { <TrashTable trash/> }.into_any(),
    };
    view! {
        <PageHead title="Trash">
            <span class="meta num">{move || trash.count().map(count_words)}</span>
            <OperatorOnly>
                <Show when=move || trash.count().is_some_and(|count| count > 0)>
                    <Button
                        tone=Tone::Quiet
                        icon=Icon::Trash
                        class:push=true
                        class:needs-js=true
                        on:click=move |_| trash.emptying.set(true)
                    >
                        "Empty trash…"
                    </Button>
                </Show>
            </OperatorOnly>
        </PageHead>
        {content}
        <OperatorOnly>
            <RestoreAsDialog trash/>
            <PurgeDialog trash/>
            <EmptyTrashDialog trash/>
        </OperatorOnly>
    }
    .into_any()
}

/// `1 agent`, `7 agents`.
fn count_words(count: usize) -> String {
    if count == 1 { "1 agent".to_owned() } else { format!("{count} agents") }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <EmptyState
            icon=Icon::Trash
            title="The trash is empty"
            text="An agent that you move to the trash waits here with its settings and its history, until you take it back or delete it for good."
        >
            <a class="btn" href="/">"All agents"</a>
        </EmptyState>
    }
    .into_any()
}

#[component]
fn CannotLoad(trash: TrashState, reason: String) -> impl IntoView {
    view! {
        <EmptyState icon=Icon::PlugZap title="The trash cannot be loaded" text=reason>
            <Button class:needs-js=true on:click=move |_| trash.agents.again()>"Retry now"</Button>
        </EmptyState>
    }
    .into_any()
}
