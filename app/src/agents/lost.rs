//! When a machine or its tmux was restarted, many agents are lost at once: one notice brings all
//! of them back.

use leptos::prelude::*;
use protocol::agents::requests::BulkAction;
use protocol::agents::{Agent, AgentId, AgentState};

use super::bulk::run;
use super::state::use_agents;
use crate::caller::OperatorOnly;
use crate::ui::{Button, Icon, IconView, Tone, use_toasts};

/// From so many on it is not one agent's own story.
const MANY: usize = 2;

/// Says how many agents are lost and restores them; nothing while that is fewer than two.
#[component]
pub(crate) fn LostNotice() -> impl IntoView {
    let agents = use_agents();
    let toasts = use_toasts();
    let lost = Memo::new(move |_| agents.list.with(|list| lost_ones(&list.agents)));
    let restore = Action::new(move |ids: &Vec<AgentId>| {
        let ids = ids.clone();
        async move {
            match run(ids, BulkAction::Wake).await {
                Ok(outcome) if outcome.refused.is_empty() => {
                    toasts.say(format!("Restored {} agents.", outcome.done.len()));
                }
                Ok(outcome) => toasts.fail(outcome.sentence()),
                Err(error) => toasts.fail(error.0.message),
            }
        }
    });
    let count = Memo::new(move |_| lost.with(Vec::len));
    view! {
        <Show when=move || { count.get() >= MANY }>
            <div class="notice lost-notice" role="status">
                <IconView icon=Icon::TriangleAlert class="ico sm"/>
                <span>
                    {move || count.get()} " agents were lost with their tmux server."
                </span>
                <OperatorOnly>
                    <Button
                        tone=Tone::Quiet
                        class:push=true
                        class:needs-js=true
                        busy=restore.pending()
                        on:click=move |_| {
                            if !restore.pending().get_untracked() {
                                restore.dispatch(lost.get_untracked());
                            }
                        }
                    >
                        "Restore all"
                    </Button>
                </OperatorOnly>
            </div>
        </Show>
    }
    .into_any()
}

fn lost_ones(agents: &[Agent]) -> Vec<AgentId> {
    let lost = agents.iter().filter(|agent| matches!(agent.state, AgentState::Lost { .. }));
    lost.map(|agent| agent.id.clone()).collect()
}
