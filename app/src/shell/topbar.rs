//! The top bar: brand, where you are, how the connection is, theme, new agent.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use protocol::access::Role;

use super::connection::ConnectionDot;
use crate::agents::{NewAgentButton, OwnName, use_agents};
use crate::caller::{WATCHING, may};
use crate::host::use_host;
use crate::routes::{ACCESS, AUDIT, DIAGNOSTICS, TRASH, agent_at};
use crate::theme::ThemeToggle;
use crate::ui::{Icon, IconView};

/// Always there, except on an agent's page on a phone.
#[component]
pub(super) fn Topbar() -> impl IntoView {
    let agents = use_agents();
    // Without agents the page itself has this button, larger.
    let new_agent = move || {
        let any = agents.list.with(|list| !list.agents.is_empty());
        any.then(|| view! { <NewAgentButton/> })
    };
    view! {
        <header class="topbar">
            <a class="brand" href="/" aria-label="Maestro, all agents">
                <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
                    <rect width="32" height="32" rx="7.5"></rect>
                    <path d="M7.5 24V9.5l8.5 9 8.5-9v6"></path>
                    <circle cx="24.5" cy="23" r="2.7"></circle>
                </svg>
                <span>"Maestro"</span>
            </a>
            <Breadcrumb/>
            <div class="topbar-end">
                <ViewOnly/>
                <ConnectionDot/>
                <ThemeToggle/>
                {new_agent}
            </div>
        </header>
    }
    .into_any()
}

/// Says quietly that nothing here can be changed by this device.
#[component]
fn ViewOnly() -> impl IntoView {
    (!may(Role::Operator)).then(|| {
        view! {
            <span class="tag view-only" title=WATCHING>
                <IconView icon=Icon::Eye class="ico sm"/>
                <span class="view-only-text">"View only"</span>
                <span class="vh">". " {WATCHING}</span>
            </span>
        }
    })
}

#[component]
fn Breadcrumb() -> impl IntoView {
    let agents = use_agents();
    let host = use_host();
    let path = use_location().pathname;
    let trail = Memo::new(move |_| {
        let mut trail = vec![host.name()];
        let page = path.with(|path| match path.as_str() {
            TRASH => Some("Trash"),
            DIAGNOSTICS => Some("Diagnostics"),
            ACCESS => Some("Access"),
            AUDIT => Some("Audit"),
            _ => None,
        });
        trail.extend(page.map(str::to_owned));
        let open = path.with(|path| agent_at(path));
        agents.list.with(|list| {
            if let Some(agent) = open.and_then(|id| list.agents.iter().find(|agent| agent.id == id))
            {
                trail.extend(agent.levels().0.into_iter().map(str::to_owned));
                trail.push(agent.own_name().to_owned());
            }
        });
        trail
    });
    let parts = move || {
        let trail = trail.get();
        let last = trail.len() - 1;
        trail
            .into_iter()
            .enumerate()
            .map(|(index, part)| {
                let arrow = (index > 0)
                    .then(|| view! { <IconView icon=Icon::ChevronRight class="ico sm faint"/> });
                let class = if index == last { "strong trunc" } else { "muted trunc" };
                let current = (index == last).then_some("page");
                view! { <li>{arrow}<span class=class aria-current=current>{part}</span></li> }
            })
            .collect_view()
    };
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>{parts}</ol>
        </nav>
    }
    .into_any()
}
