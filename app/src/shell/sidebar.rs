//! The sidebar: the way to every agent. On a phone it is the start page.

use leptos::prelude::*;

use crate::agents::{AgentTree, NewAgentButton, use_agents};
use crate::ui::Tone;

/// Head with count and plus sign, then the tree.
#[component]
pub(super) fn Sidebar() -> impl IntoView {
    let agents = use_agents();
    view! {
        <nav class="side" aria-label="Agents">
            <div class="side-head">
                <h2>"Agents"</h2>
                <span class="count">{move || agents.list.with(|list| list.agents.len())}</span>
                <span class="push"><NewAgentButton tone=Tone::Quiet icon_only=true/></span>
            </div>
            <AgentTree/>
        </nav>
    }
    .into_any()
}
