//! The terminals that are, or were, in sight.

use leptos::prelude::*;
use protocol::terminals::{ScreenText, TerminalId};

use super::AgentTerminals;
use super::end::EndBar;
use super::picker::{panel_id, tab_id};
use crate::agents::actions::AgentActions;
use crate::seed::{FirstData, PageData};
use crate::terminals::TerminalView;

/// One panel per terminal, all but one hidden.
#[component]
pub(in crate::agents) fn TerminalPanels(
    terminals: AgentTerminals,
    actions: AgentActions,
) -> impl IntoView {
    view! {
        <For
            each=move || terminals.visited.get()
            key=|number| *number
            children=move |number| view! { <Panel terminals actions number/> }
        />
    }
    .into_any()
}

#[component]
fn Panel(terminals: AgentTerminals, actions: AgentActions, number: u16) -> impl IntoView {
    let agent = terminals.agent;
    let id = agent.with_untracked(|agent| TerminalId { agent: agent.id.clone(), number });
    let shown = Memo::new(move |_| terminals.shown.get() == Some(number));
    let in_place = Memo::new(move |_| terminals.chosen.get() == number);
    let name = Memo::new(move |last: Option<&String>| {
        let now = match number {
            0 => Some("AI".to_owned()),
            _ => agent.with(|agent| agent.terminal(number).map(|terminal| terminal.name.clone())),
        };
        now.map(|name| format!("{name} terminal")).or_else(|| last.cloned()).unwrap_or_default()
    });
    view! {
        <div
            id=panel_id(number)
            class="agent-panel"
            role="tabpanel"
            aria-labelledby=tab_id(number)
            hidden=move || !in_place.get()
        >
            <TerminalView screen=first_screen(&id) terminal=id name shown>
                <EndBar terminals actions number/>
            </TerminalView>
        </div>
    }
    .into_any()
}

/// The screen that came with the page, shown until the terminal is connected; empty for one
/// opened later, whose socket is already there.
fn first_screen(id: &TerminalId) -> ScreenText {
    let screen = FirstData::take(|data| match data {
        PageData::Screen(owner, screen) if owner == *id => Ok(screen),
        other => Err(other),
    });
    screen.unwrap_or_default()
}
