//! The sidebar: the way to every agent, and below it to what belongs to the machine. On a phone
//! it is the start page.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::agents::{AgentTree, LostNotice, NewAgentButton, use_agents};
use crate::caller::OwnerOnly;
use crate::routes::{ACCESS, AUDIT, DIAGNOSTICS, TRASH};
use crate::ui::{Icon, IconView, Tone};

/// Head with count and plus sign, the tree, and the foot with the other pages.
#[component]
pub(super) fn Sidebar() -> impl IntoView {
    let agents = use_agents();
    view! {
        <div class="side">
            <nav class="side-agents" aria-label="Agents">
                <div class="side-head">
                    <h2>"Agents"</h2>
                    <span class="count">{move || agents.list.with(|list| list.agents.len())}</span>
                    <span class="push"><NewAgentButton tone=Tone::Quiet icon_only=true/></span>
                </div>
                <LostNotice/>
                <AgentTree/>
            </nav>
            <nav class="side-foot" aria-label="Machine">
                <FootLink href=TRASH icon=Icon::Trash label="Trash"/>
                <FootLink href=DIAGNOSTICS icon=Icon::Activity label="Diagnostics"/>
                <OwnerOnly>
                    <FootLink href=ACCESS icon=Icon::KeyRound label="Access"/>
                    <FootLink href=AUDIT icon=Icon::ScrollText label="Audit"/>
                </OwnerOnly>
            </nav>
        </div>
    }
    .into_any()
}

#[component]
fn FootLink(href: &'static str, icon: Icon, label: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let current = move || path.with(|path| path == href).then_some("page");
    view! {
        <a class="nav-row" href=href aria-current=current>
            <IconView icon/>
            {label}
        </a>
    }
    .into_any()
}
