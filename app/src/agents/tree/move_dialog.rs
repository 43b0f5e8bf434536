//! Moving without dragging: a group is chosen or typed, and the name that this makes is shown.

use leptos::prelude::*;
use protocol::agents::Agent;

use super::mover::Mover;
use super::moving::{group_of, groups, moved, readable};
use crate::agents::name::{OwnName, levelled};
use crate::agents::state::use_agents;
use crate::ui::{Button, Dialog, TextField, Tone, focus};

const FIELD: &str = "move-agent-group";

/// Asks where an agent belongs.
#[component]
pub(super) fn MoveDialog(agent: Memo<Agent>, mover: Mover, open: RwSignal<bool>) -> impl IntoView {
    let agents = use_agents();
    let group = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if open.get() {
            group.set(agent.with_untracked(|agent| group_of(&agent.settings.name)));
            refused.set(None);
        }
    });
    let known = Memo::new(move |_| agents.list.with(|list| groups(&list.agents)));
    let name = Memo::new(move |_| {
        let group = group.with(|group| group.trim().trim_matches('-').to_owned());
        agent.with(|agent| moved(&agent.settings.name, &group))
    });
    let shift = Action::new(move |name: &String| {
        let (id, name) = (agent.with_untracked(|agent| agent.id.clone()), name.clone());
        async move {
            match mover.rename(id, name).await {
                Ok(()) => {
                    open.try_set(false);
                }
                Err(error) => {
                    refused.try_set(Some(error.0.message));
                    focus(FIELD);
                }
            }
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if shift.pending().get_untracked() {
            return;
        }
        let stays =
            name.with_untracked(|name| agent.with_untracked(|agent| agent.settings.name == *name));
        if stays {
            open.set(false);
        } else {
            refused.set(None);
            shift.dispatch(name.get_untracked());
        }
    };
    let option = move |choice: String| {
        let value = choice.clone();
        let selected = move || group.with(|group| *group == value);
        view! { <option value=choice.clone() selected=selected>{readable(&choice)}</option> }
    };
    let options = move || known.get().into_iter().map(option).collect_view();
    view! {
        <Dialog open title_id="move-agent-title">
            <form class="form" novalidate on:submit=submit>
                <h2 id="move-agent-title">{move || agent.with(|agent| format!("Move {}", agent.own_name()))}</h2>
                <div class="form-field">
                    <label for="move-agent-known" class="form-label">"To"</label>
                    <select
                        id="move-agent-known"
                        class="field"
                        prop:value=move || group.get()
                        on:change=move |event| group.set(event_target_value(&event))
                    >
                        <option value="" selected=move || group.with(String::is_empty)>"No group"</option>
                        {options}
                    </select>
                </div>
                <TextField
                    id=FIELD
                    label="Or a new group"
                    value=group
                    error=refused
                    hint="One level, or two with a hyphen between them: payments-ledger."
                />
                <p class="muted" role="status">
                    "Its name will be " <b class="levelled strong">{move || name.with(|name| levelled(name))}</b> "."
                </p>
                <div class="row dialog-acts">
                    <Button tone=Tone::Quiet on:click=move |_| open.set(false)>"Cancel"</Button>
                    <Button tone=Tone::Primary submit=true busy=shift.pending()>"Move"</Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
