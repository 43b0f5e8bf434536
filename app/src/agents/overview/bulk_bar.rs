//! What can be done with the chosen agents.

use leptos::prelude::*;
use protocol::agents::requests::{BulkAction, RestoreAgent};
use protocol::agents::{Agent, AgentId};

use super::list::ListState;
use super::selection::Selection;
use super::tags::{AddTagDialog, RemoveTagDialog};
use crate::agents::bulk::{BulkResult, run};
use crate::agents::state::{AgentsState, use_agents};
use crate::api::agents as api;
use crate::ui::{Button, Icon, IconView, PAGE_TITLE, Toasts, Tone, focus, use_toasts};

/// The bar below the list while anything is chosen, and above it what was refused.
#[component]
pub(super) fn BulkBar(list: ListState) -> impl IntoView {
    let agents = use_agents();
    let toasts = use_toasts();
    let refused = RwSignal::new(Vec::<(String, String)>::new());
    let adding = RwSignal::new(false);
    let removing = RwSignal::new(false);
    let act = Action::new(move |action: &BulkAction| {
        let action = action.clone();
        let ids = list.chosen.get_untracked();
        refused.set(Vec::new());
        async move {
            match run(ids, action.clone()).await {
                Ok(result) => {
                    tell(&action, &result, agents, toasts);
                    if action == BulkAction::Trash {
                        focus(PAGE_TITLE);
                    }
                    // Nothing is left of this page when its last agents went to the trash.
                    refused.try_set(result.refused);
                }
                Err(error) => toasts.fail(error.0.message),
            }
        }
    });
    let asked = act.input();
    let busy = move |action: BulkAction| {
        Signal::derive(move || act.pending().get() && asked.get() == Some(action.clone()))
    };
    let start = move |action: BulkAction| {
        if !act.pending().get_untracked() {
            act.dispatch(action);
        }
    };
    let any = Memo::new(move |_| list.chosen.with(|chosen| !chosen.is_empty()));
    let all = move |has: fn(&Agent) -> bool| {
        Memo::new(move |_| {
            let chosen = list.chosen.get();
            agents.list.with(|known| {
                known.agents.iter().filter(|agent| chosen.contains(&agent.id)).all(has)
            })
        })
    };
    let favourites = all(|agent| agent.settings.favourite);
    let autostarted = all(|agent| agent.settings.autostart);
    view! {
        <Refusals refused/>
        <Show when=move || any.get()>
            <div class="bulk" role="region" aria-label="Selected agents">
                <span class="bulk-count num" role="status">
                    {move || list.chosen.with(Vec::len)} " selected"
                </span>
                <Button icon=Icon::Play busy=busy(BulkAction::Wake) on:click=move |_| start(BulkAction::Wake)>
                    "Wake"
                </Button>
                <Button icon=Icon::CircleStop busy=busy(BulkAction::Hibernate) on:click=move |_| start(BulkAction::Hibernate)>
                    "Hibernate"
                </Button>
                <Button icon=Icon::RotateCw busy=busy(BulkAction::Restart) on:click=move |_| start(BulkAction::Restart)>
                    "Restart"
                </Button>
                <Button tone=Tone::Quiet icon=Icon::Tag on:click=move |_| adding.set(true)>"Add tag…"</Button>
                <Button tone=Tone::Quiet on:click=move |_| removing.set(true)>"Remove tag…"</Button>
                <Button
                    tone=Tone::Quiet
                    icon=Icon::Star
                    on:click=move |_| start(BulkAction::Favourite(!favourites.get_untracked()))
                >
                    {move || if favourites.get() { "Unfavourite" } else { "Favourite" }}
                </Button>
                <Button
                    tone=Tone::Quiet
                    icon=Icon::Power
                    on:click=move |_| start(BulkAction::Autostart(!autostarted.get_untracked()))
                >
                    {move || if autostarted.get() { "Autostart off" } else { "Autostart" }}
                </Button>
                <Button tone=Tone::Quiet icon=Icon::Trash busy=busy(BulkAction::Trash) on:click=move |_| start(BulkAction::Trash)>
                    "Move to trash"
                </Button>
                <Button
                    tone=Tone::Quiet
                    icon=Icon::X
                    label="Clear the selection"
                    class:push=true
                    on:click=move |_| {
                        list.selection.set(Selection::default());
                        focus(PAGE_TITLE);
                    }
                />
            </div>
        </Show>
        <AddTagDialog open=adding add=Callback::new(move |tag| start(BulkAction::AddTag(tag)))/>
        <RemoveTagDialog
            list
            open=removing
            remove=Callback::new(move |tag| start(BulkAction::RemoveTag(tag)))
        />
    }
    .into_any()
}

#[component]
fn Refusals(refused: RwSignal<Vec<(String, String)>>) -> impl IntoView {
    let lines = move || {
        let line = |(name, reason)| view! { <li><b class="strong">{name}</b> ": " {reason}</li> };
        refused.get().into_iter().map(line).collect_view()
    };
    view! {
        <Show when=move || refused.with(|refused| !refused.is_empty())>
            <div class="notice is-err" role="alert">
                <IconView icon=Icon::TriangleAlert class="ico sm"/>
                <ul class="refusals">{lines}</ul>
                <Button
                    tone=Tone::Quiet
                    icon=Icon::X
                    label="Dismiss"
                    class:push=true
                    on:click=move |_| refused.set(Vec::new())
                />
            </div>
        </Show>
    }
    .into_any()
}

/// Says what was done; what went to the trash can be taken back.
fn tell(action: &BulkAction, result: &BulkResult, agents: AgentsState, toasts: Toasts) {
    if result.done.is_empty() {
        return;
    }
    let said = said(action, result.done.len());
    if *action == BulkAction::Trash {
        let ids = result.done.clone();
        toasts.offer(said, "Undo", move || {
            leptos::task::spawn_local(restore(ids.clone(), agents, toasts));
        });
    } else {
        toasts.say(said);
    }
}

async fn restore(ids: Vec<AgentId>, agents: AgentsState, toasts: Toasts) {
    for id in ids {
        match api::restore(id, RestoreAgent::default()).await {
            Ok(agent) => agents.learn(agent),
            Err(error) => toasts.fail(error.0.message),
        }
    }
}

/// What was done to so many agents, in one sentence.
fn said(action: &BulkAction, count: usize) -> String {
    let agents = if count == 1 { "1 agent".to_owned() } else { format!("{count} agents") };
    match action {
        BulkAction::Wake => format!("Woke {agents}"),
        BulkAction::Hibernate => format!("Hibernated {agents}"),
        BulkAction::Restart => format!("Restarted {agents}"),
        BulkAction::Trash => format!("Moved {agents} to the trash"),
        BulkAction::AddTag(tag) => format!("Tagged {agents} with “{tag}”"),
        BulkAction::RemoveTag(tag) => format!("Took “{tag}” from {agents}"),
        BulkAction::Favourite(true) => format!("Added {agents} to the favourites"),
        BulkAction::Favourite(false) => format!("Removed {agents} from the favourites"),
        BulkAction::Autostart(true) => format!("{agents} will start with the machine"),
        BulkAction::Autostart(false) => format!("{agents} will no longer start with the machine"),
    }
}
