//! Below a terminal in which no program runs: what happened, and the way on.

use leptos::prelude::*;
use protocol::access::Role;
use protocol::agents::AgentState;

use super::{AgentTerminals, Deed, state_of};
use crate::agents::actions::{self, AgentActions};
use crate::caller::may;
use crate::clock::use_clock;
use crate::ui::{Button, Icon, Tone};

/// Says that the program of a terminal ended. A terminal whose program runs has none.
#[component]
pub(super) fn EndBar(
    terminals: AgentTerminals,
    actions: AgentActions,
    number: u16,
) -> impl IntoView {
    let clock = use_clock();
    let state = Memo::new(move |_| terminals.agent.with(|agent| state_of(agent, number)));
    let is_program = number == 0;
    // What happened to a lost agent, and what restoring it does, stands below its header.
    let told_above = move || is_program && matches!(state.get(), AgentState::Lost { .. });
    let ended = Memo::new(move |_| !state.get().is_running() && !told_above());
    let sentence = move || sentence(state.get(), is_program);
    let ago = move || match state.get() {
        AgentState::Exited { at_ms, .. } | AgentState::Lost { at_ms } => {
            clock.since(at_ms).map(|span| format!("{span} ago"))
        }
        AgentState::Hibernated | AgentState::Running { .. } => None,
    };
    let acts = may(Role::Operator);
    let ways_on = move || {
        if !acts {
            ().into_any()
        } else if is_program {
            view! {
                <Button
                    icon=Icon::Play
                    busy=actions.busy(actions::Deed::WAKE)
                    on:click=move |_| actions.run(actions::Deed::WAKE)
                >
                    "Wake"
                </Button>
            }
            .into_any()
        } else {
            view! {
                <Button
                    icon=Icon::RotateCw
                    busy=terminals.busy(Deed::Start(number))
                    on:click=move |_| terminals.run(Deed::Start(number))
                >
                    "Start again"
                </Button>
                <Button
                    tone=Tone::Quiet
                    busy=terminals.busy(Deed::Close(number))
                    on:click=move |_| terminals.run(Deed::Close(number))
                >
                    "Close"
                </Button>
            }
            .into_any()
        }
    };
    view! {
        <Show when=move || ended.get()>
            <div class="term-end">
                <p role="status">
                    {sentence}
                    {move || ago().map(|ago| view! { <span class="faint num">" · " {ago}</span> })}
                </p>
                <span class="row needs-js" data-chooses-terminal="">{ways_on}</span>
            </div>
        </Show>
    }
    .into_any()
}

fn sentence(state: AgentState, is_program: bool) -> String {
    match (state, is_program) {
        (AgentState::Hibernated, true) => "Hibernated: no program runs here.".to_owned(),
        (AgentState::Hibernated, false) => "No shell runs here.".to_owned(),
        (AgentState::Exited { code: Some(code), .. }, _) => format!("Ended with exit code {code}"),
        (AgentState::Exited { code: None, .. }, _) => "Ended by a signal".to_owned(),
        (AgentState::Lost { .. }, _) => "Its session disappeared".to_owned(),
        (AgentState::Running { .. }, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_with_its_reason() {
        let exited = |code| sentence(AgentState::Exited { code, at_ms: 0 }, true);
        assert_eq!(exited(Some(2)), "Ended with exit code 2");
        assert_eq!(exited(None), "Ended by a signal");
        assert_eq!(sentence(AgentState::Hibernated, false), "No shell runs here.");
    }
}
