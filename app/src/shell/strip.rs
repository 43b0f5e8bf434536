//! The status strip: small facts, true ones only.

use leptos::prelude::*;

use crate::agents::{count_words, use_agents};
use crate::host::use_host;
use crate::terminals::use_terminal_facts;

/// Facts about the machine on the left, about Maestro on the right.
#[component]
pub(super) fn Strip() -> impl IntoView {
    let agents = use_agents();
    let host = use_host();
    let terminal = use_terminal_facts();
    let size = move || terminal.get().map(|facts| (facts.size.cols, facts.size.rows));
    view! {
        <footer class="strip">
            {move || host.get().map(|facts| view! { <span>{format!("tmux {}", facts.tmux_version)}</span> })}
            {move || size().map(|(cols, rows)| view! { <span class="num">{format!("{cols} × {rows}")}</span> })}
            <span class="push"></span>
            <span class="num">{move || agents.list.with(|list| count_words(&list.agents))}</span>
            {move || host.get().map(|facts| view! { <span>{format!("v{}", facts.version)}</span> })}
        </footer>
    }
    .into_any()
}
