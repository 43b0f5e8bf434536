//! What the trash asks before it does something.

use leptos::prelude::*;
use protocol::agents::Agent;

use super::count_words;
use super::state::TrashState;
use crate::host::use_host;
use crate::ui::{Button, Dialog, TextField, Tone};

/// Asks for another name, because the agent's own was taken meanwhile.
#[component]
pub(super) fn RestoreAsDialog(trash: TrashState) -> impl IntoView {
    let name = RwSignal::new(String::new());
    // The dialog is about one agent after the other: each starts with its own name.
    Effect::new(move |_| {
        if trash.renaming.get() {
            name.set(name_of(&trash));
        }
    });
    let restore = Action::new(move |(agent, name): &(Agent, String)| {
        trash.restore(agent.clone(), Some(name.clone()))
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let agent = trash.asked.get_untracked();
        if let Some(agent) = agent.filter(|_| !restore.pending().get_untracked()) {
            restore.dispatch((agent, name.get_untracked().trim().to_owned()));
        }
    };
    let refused = Signal::derive(move || trash.name_refused.get());
    view! {
        <Dialog open=trash.renaming title_id="restore-as-title">
            <form class="form" novalidate on:submit=submit>
                <h2 id="restore-as-title">"Restore under another name"</h2>
                <TextField id="restore-as-name" label="Name" value=name error=refused required=true/>
                <div class="row dialog-acts">
                    <Button tone=Tone::Quiet on:click=move |_| trash.renaming.set(false)>"Cancel"</Button>
                    <Button tone=Tone::Primary submit=true busy=restore.pending()>"Restore agent"</Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

fn name_of(trash: &TrashState) -> String {
    trash
        .asked
        .with(|agent| agent.as_ref().map(|agent| agent.settings.name.clone()))
        .unwrap_or_default()
}

/// Asks before one agent is deleted for good.
#[component]
pub(super) fn PurgeDialog(trash: TrashState) -> impl IntoView {
    let host = use_host();
    let consequence = move || {
        let folder = trash
            .asked
            .with(|agent| agent.as_ref().map(|agent| host.short_path(&agent.settings.folder)));
        format!(
            "Its settings and all their versions, its history and its note are deleted; this cannot be undone. The files in {} stay.",
            folder.unwrap_or_default()
        )
    };
    let agents = move || trash.asked.get_untracked().into_iter().collect();
    view! {
        <Fatal
            trash
            open=trash.purging
            title_id="purge-title"
            title=Signal::derive(move || format!("Delete {} for good?", name_of(&trash)))
            consequence=Signal::derive(consequence)
            keep="Keep in the trash"
            agents
        />
    }
    .into_any()
}

/// Asks before all agents in the trash are deleted for good.
#[component]
pub(super) fn EmptyTrashDialog(trash: TrashState) -> impl IntoView {
    let count = move || trash.count().unwrap_or_default();
    view! {
        <Fatal
            trash
            open=trash.emptying
            title_id="empty-trash-title"
            title=Signal::derive(move || format!("Delete {} for good?", count_words(count())))
            consequence="Everything in the trash is deleted: settings with all versions, histories and notes. This cannot be undone. The files in the agents’ folders stay."
            keep="Keep them"
            agents=move || untrack(|| trash.list())
        />
    }
    .into_any()
}

#[component]
fn Fatal(
    trash: TrashState,
    open: RwSignal<bool>,
    title_id: &'static str,
    title: Signal<String>,
    #[prop(into)] consequence: Signal<String>,
    keep: &'static str,
    agents: impl Fn() -> Vec<Agent> + Send + Sync + 'static,
) -> impl IntoView {
    let refusals = RwSignal::new(Vec::<String>::new());
    let purge = Action::new(move |agents: &Vec<Agent>| {
        let agents = agents.clone();
        async move {
            let refused = trash.purge(agents).await;
            if refused.is_empty() {
                open.set(false);
            }
            refusals.set(refused);
        }
    });
    let confirm = move |_| {
        if !purge.pending().get_untracked() {
            refusals.set(Vec::new());
            purge.dispatch(agents());
        }
    };
    let refused = move || {
        let lines = refusals.get();
        (!lines.is_empty()).then(|| {
            let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
            view! { <ul class="err" role="alert">{lines}</ul> }
        })
    };
    view! {
        <Dialog open title_id alert=true>
            <h2 id=title_id>{move || title.get()}</h2>
            <p class="muted">{move || consequence.get()}</p>
            {refused}
            <div class="row dialog-acts">
                <Button on:click=move |_| open.set(false)>{keep}</Button>
                <Button tone=Tone::Fatal busy=purge.pending() on:click=confirm>"Delete for good"</Button>
            </div>
        </Dialog>
    }
    .into_any()
}
