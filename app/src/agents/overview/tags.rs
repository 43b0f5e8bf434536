//! The dialogs that add a tag to the chosen agents, or take one away.

use std::collections::BTreeMap;

use leptos::prelude::*;
use protocol::agents::Agent;

use super::list::ListState;
use crate::agents::state::use_agents;
use crate::ui::{Button, Dialog, TextField, Tone, focus};

const FIELD: &str = "bulk-tag";

/// Asks for a tag; known ones are suggested.
#[component]
pub(super) fn AddTagDialog(open: RwSignal<bool>, add: Callback<String>) -> impl IntoView {
    let agents = use_agents();
    let tag = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if open.get() {
            tag.set(String::new());
            error.set(None);
        }
    });
    let known = Memo::new(move |_| agents.list.with(|list| tags_of(list.agents.iter())));
    let options = move || {
        let option = |tag| view! { <option value=tag></option> };
        known.get().into_keys().map(option).collect_view()
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = tag.get_untracked().trim().to_owned();
        if wanted.is_empty() {
            error.set(Some("The tag is empty. Type a word.".into()));
            focus(FIELD);
        } else {
            open.set(false);
            add.run(wanted);
        }
    };
    view! {
        <Dialog open title_id="add-tag-title">
            <form class="form" novalidate on:submit=submit>
                <h2 id="add-tag-title">"Add a tag to the selected agents"</h2>
                <TextField id=FIELD label="Tag" value=tag error suggestions="bulk-tags" required=true/>
                <datalist id="bulk-tags">{options}</datalist>
                <div class="row dialog-acts">
                    <Button tone=Tone::Quiet on:click=move |_| open.set(false)>"Cancel"</Button>
                    <Button tone=Tone::Primary submit=true>"Add tag"</Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// Offers the tags that the chosen agents have.
#[component]
pub(super) fn RemoveTagDialog(
    list: ListState,
    open: RwSignal<bool>,
    remove: Callback<String>,
) -> impl IntoView {
    let agents = use_agents();
    let known = Memo::new(move |_| {
        let chosen = list.chosen.get();
        agents
            .list
            .with(|list| tags_of(list.agents.iter().filter(|agent| chosen.contains(&agent.id))))
    });
    let choice = move |(tag, count): (String, usize)| {
        let removed = tag.clone();
        view! {
            <Button on:click=move |_| {
                open.set(false);
                remove.run(removed.clone());
            }>
                {tag} " " <span class="count">{count}</span>
            </Button>
        }
    };
    let choices = move || {
        let known = known.get();
        if known.is_empty() {
            view! { <p class="muted">"None of the selected agents has a tag."</p> }.into_any()
        } else {
            let choices = known.into_iter().map(choice).collect_view();
            view! { <div class="row tag-choices">{choices}</div> }.into_any()
        }
    };
    view! {
        <Dialog open title_id="remove-tag-title">
            <h2 id="remove-tag-title">"Remove a tag from the selected agents"</h2>
            {choices}
            <div class="row dialog-acts">
                <Button tone=Tone::Quiet on:click=move |_| open.set(false)>"Cancel"</Button>
            </div>
        </Dialog>
    }
    .into_any()
}

/// All tags of these agents, each with how many have it.
fn tags_of<'list>(agents: impl Iterator<Item = &'list Agent>) -> BTreeMap<String, usize> {
    let mut tags = BTreeMap::new();
    for tag in agents.flat_map(|agent| &agent.settings.tags) {
        *tags.entry(tag.clone()).or_default() += 1;
    }
    tags
}
