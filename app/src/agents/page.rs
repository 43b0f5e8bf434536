//! The page of one agent.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use protocol::agents::{Agent, AgentId};

use super::header::AgentHeader;
use super::name::OwnName;
use super::overview::CannotLoad;
use super::state::{Load, use_agents};
use super::status;
use crate::response::{PageStatus, set_status};
use crate::seed::FirstScreen;
use crate::terminals::TerminalView;
use crate::ui::{EmptyState, Icon};

/// Shows the agent that the address names.
#[component]
pub(crate) fn AgentPage() -> impl IntoView {
    let agents = use_agents();
    let params = use_params_map();
    let open = Memo::new(move |_| {
        let id: Option<AgentId> = params.read().get("agent").and_then(|text| text.parse().ok());
        id.filter(|id| agents.knows(id))
    });
    let loaded = Memo::new(move |_| agents.load.get() == Load::Ready);
    let missing = move || {
        open.with(Option::is_none).then(|| {
            if loaded.get() {
                view! { <NoSuchAgent/> }.into_any()
            } else {
                view! { <CannotLoad/> }.into_any()
            }
        })
    };
    // Keyed: another agent gets elements of its own, above all another terminal.
    view! {
        <For
            each=move || open.get()
            key=Clone::clone
            children=move |id| agents.find_untracked(&id).map(|agent| view! { <OpenAgent agent/> })
        />
        {missing}
    }
    .into_any()
}

#[component]
fn OpenAgent(agent: Agent) -> impl IntoView {
    let id = agent.id.clone();
    let agent = use_agents().follow(agent);
    let announcement = move || {
        agent.with(|agent| format!("{}: {}", agent.own_name(), status::sentence(agent.state)))
    };
    view! {
        <Title text=move || agent.with(|agent| agent.own_name().to_owned())/>
        <AgentHeader agent/>
        <div class="tabs" role="tablist" aria-label="Views of this agent">
            <span id="tab-terminal" class="tab" role="tab" aria-selected="true" aria-controls="panel-terminal" tabindex="0">
                "Terminal"
            </span>
        </div>
        <div id="panel-terminal" class="agent-panel" role="tabpanel" aria-labelledby="tab-terminal">
            <TerminalView screen=FirstScreen::of(&id) agent=id/>
        </div>
        <p class="vh" role="status">{announcement}</p>
    }
    .into_any()
}

#[component]
fn NoSuchAgent() -> impl IntoView {
    set_status(PageStatus::NotFound);
    view! {
        <Title text="No such agent"/>
        <EmptyState
            page=true
            icon=Icon::SquareTerminal
            title="This agent does not exist"
            text="It was deleted, or the address is wrong. Its files, if there are any, were left alone."
        >
            <a class="btn" href="/">"All agents"</a>
        </EmptyState>
    }
    .into_any()
}
