//! Going back to an earlier version: what that changes is shown first. It makes a new version, so
//! it can be undone in the same way.

use leptos::prelude::*;
use protocol::agents::Agent;
use protocol::agents::versions::AgentVersion;

use super::compare::Differences;
use super::versions::VERSIONS_TITLE;
use crate::api::agents as api;
use crate::ui::{Button, Dialog, Tone, focus};

/// Asks about the version in `asked`.
#[component]
pub(super) fn RollBackDialog(
    agent: Memo<Agent>,
    asked: RwSignal<Option<AgentVersion>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let refusal = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if open.get() {
            refusal.set(None);
        }
    });
    let go_back = Action::new(move |version: &u32| {
        let version = *version;
        let id = agent.with_untracked(|agent| agent.id.clone());
        async move {
            match api::roll_back(id, version).await {
                Ok(_) => {
                    open.try_set(false);
                    // The button that asked goes with the list that it stands in.
                    focus(VERSIONS_TITLE);
                }
                Err(error) => {
                    refusal.try_set(Some(error.0.message));
                }
            }
        }
    });
    let content = move || {
        let version = asked.get()?;
        let number = version.version;
        let (now, current) = agent.with(|agent| (agent.settings.clone(), agent.version));
        let heads = (format!("Now (version {current})"), format!("Then (version {number})"));
        Some(view! {
            <h2 id="roll-back-title">{format!("Go back to version {number}?")}</h2>
            <Differences before=now after=version.settings heads/>
            <p class="muted">"The settings of that version become a new version. Nothing is lost."</p>
        })
    };
    let confirm = move |_| {
        let number = asked.with_untracked(|asked| asked.as_ref().map(|asked| asked.version));
        if let Some(number) = number.filter(|_| !go_back.pending().get_untracked()) {
            go_back.dispatch(number);
        }
    };
    view! {
        <Dialog open title_id="roll-back-title">
            {content}
            {move || refusal.get().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })}
            <div class="row dialog-acts">
                <Button tone=Tone::Quiet on:click=move |_| open.set(false)>"Cancel"</Button>
                <Button tone=Tone::Primary busy=go_back.pending() on:click=confirm>"Go back to this version"</Button>
            </div>
        </Dialog>
    }
    .into_any()
}
