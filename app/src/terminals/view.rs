//! The terminal view.

use leptos::html::Div;
use leptos::prelude::*;
use protocol::agents::AgentId;
use protocol::terminals::ScreenText;

use super::LiveTerminal;
use super::phone::PhoneControls;
use super::state::{TerminalState, is_paused, size_note};
use crate::socket::{Connection, use_connection};
use crate::ui::{Icon, IconView};

/// Shows an agent's terminal and types into it.
#[component]
pub fn TerminalView(
    /// Whose terminal.
    agent: AgentId,
    /// What is on its screen, as far as the page knows.
    screen: ScreenText,
) -> impl IntoView {
    let connection = use_connection();
    let state = TerminalState::new(&screen);
    let place = NodeRef::<Div>::new();
    let terminal = LiveTerminal::attach(agent, place, state);
    let paused = Memo::new(move |_| is_paused(connection.get(), state.dropped.get()));
    let pause = move || {
        paused.get().then(|| {
            let words = if connection.get() == Connection::LoggedOut {
                "Paused: you are logged out. Keys are not sent."
            } else {
                "Paused: reconnecting. Keys are not sent."
            };
            view! { <p class="notice"><IconView icon=Icon::WifiOff class="ico sm"/>{words}</p> }
        })
    };
    let notice = move || {
        let words = state.refusal.get().or_else(|| state.end.get());
        words.map(|words| view! { <p class="term-notice">{words}</p> })
    };
    let size = move || {
        size_note(state.size.get(), state.room.get())
            .map(|note| view! { <p class="term-size meta num">{note}</p> })
    };
    view! {
        <section class="terminal" aria-label="AI terminal">
            <div class="term" class:is-drawn=state.drawn class:is-paused=paused>
                <pre class="term-text" class:vh=state.drawn>
                    {state.text}
                </pre>
                <div class="term-screen" node_ref=place></div>
                {size}
            </div>
            <div class="term-status" role="status">{pause} {notice}</div>
            <PhoneControls terminal state/>
        </section>
    }
}
