//! Deleting an agent: cannot be undone, so the dialog names it and says what happens.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use protocol::agents::{Agent, AgentId};

use super::api;
use super::name::OwnName;
use crate::error::AppError;
use crate::host::use_host;
use crate::ui::{Button, Dialog, Tone};

/// Asks, deletes, and leaves for the list.
#[component]
pub(super) fn DeleteAgentDialog(agent: Memo<Agent>, open: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let navigate = use_navigate();
    // The action itself leaves: when its answer comes, the socket may have taken this page away.
    let delete = Action::new_local(move |id: &AgentId| {
        let id = id.clone();
        let navigate = navigate.clone();
        async move {
            api::delete(id).await?;
            navigate("/", leptos_router::NavigateOptions::default());
            Ok::<(), AppError>(())
        }
    });
    let outcome = delete.value();
    let refusal = move || {
        outcome
            .with(|outcome| outcome.as_ref()?.as_ref().err().map(|error| error.0.message.clone()))
    };
    let consequence = move || {
        agent.with(|agent| {
            let first = if agent.state.is_running() {
                format!("{} on {} is ended at once. ", agent.program, host.name())
            } else {
                String::new()
            };
            format!(
                "{first}Maestro forgets the agent, its note and its terminal; this cannot be undone. The files in {} stay.",
                host.short_path(&agent.folder)
            )
        })
    };
    view! {
        <Dialog open title_id="delete-agent-title" alert=true>
            <h2 id="delete-agent-title">
                {move || agent.with(|agent| format!("Delete {}?", agent.own_name()))}
            </h2>
            <p class="muted">{consequence}</p>
            {move || refusal().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })}
            <div class="row dialog-acts">
                <Button on:click=move |_| open.set(false)>"Keep agent"</Button>
                <Button
                    tone=Tone::Fatal
                    busy=delete.pending()
                    on:click=move |_| {
                        if !delete.pending().get_untracked() {
                            delete.dispatch(agent.with_untracked(|agent| agent.id.clone()));
                        }
                    }
                >
                    "Delete agent"
                </Button>
            </div>
        </Dialog>
    }
    .into_any()
}
