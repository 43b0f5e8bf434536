//! The terminal view.

use leptos::html::Div;
use leptos::prelude::*;
use protocol::access::Role;
use protocol::terminals::{ScreenText, TerminalId};

use super::LiveTerminal;
use super::facts::TerminalFacts;
use super::phone::PhoneControls;
use super::state::{TerminalState, is_paused, size_note};
use crate::caller::{WATCHING, may};
use crate::socket::{Connection, use_connection};
use crate::ui::{Icon, IconView};

/// Shows an agent's terminal and types into it, if this device may. A view that is out of sight stays connected, so
/// coming back to it takes no time.
#[component]
pub fn TerminalView(
    /// Which.
    terminal: TerminalId,
    /// Its accessible name: “AI terminal”.
    #[prop(into)]
    name: Signal<String>,
    /// What is on its screen, as far as the page knows.
    screen: ScreenText,
    /// Whether it is in sight.
    #[prop(into)]
    shown: Signal<bool>,
    /// Stands below the screen: what to say and do when no program runs.
    children: Children,
) -> impl IntoView {
    let connection = use_connection();
    let state = TerminalState::new(&screen);
    let place = NodeRef::<Div>::new();
    let types = may(Role::Operator);
    let terminal = LiveTerminal::attach(terminal, place, state, types);
    // Whoever chooses a terminal wants to type.
    Effect::new(move |before: Option<bool>| {
        let now = shown.get();
        if now && before == Some(false) {
            terminal.focus();
        }
        now
    });
    if let Some(facts) = use_context::<TerminalFacts>() {
        Effect::new(move |before: Option<bool>| {
            let now = shown.get();
            if now {
                facts.0.set(state.size.get());
            } else if before == Some(true) {
                facts.0.set(None);
            }
            now
        });
        on_cleanup(move || {
            if shown.try_get_untracked() == Some(true) {
                facts.0.set(None);
            }
        });
    }
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
    let notice =
        move || state.refusal.get().map(|words| view! { <p class="term-notice">{words}</p> });
    // Said once: it stays where it was said.
    let watching =
        move || state.watched.get().then(|| view! { <p class="term-notice">{WATCHING}</p> });
    let size = move || {
        size_note(state.size.get(), state.room.get())
            .map(|note| view! { <p class="term-size meta num">{note}</p> })
    };
    view! {
        <section class="terminal" aria-label=move || name.get()>
            <div class="term" class:is-drawn=state.drawn class:is-paused=paused>
                <pre class="term-text" class:vh=state.drawn>
                    {state.text}
                </pre>
                <div class="term-screen" node_ref=place></div>
                {size}
            </div>
            <div class="term-status" role="status">{pause} {notice} {watching}</div>
            {children()}
            {if types {
                view! { <PhoneControls terminal state/> }.into_any()
            } else {
                view! { <p class="term-phone size-bar meta">{WATCHING}</p> }.into_any()
            }}
        </section>
    }
}
