//! The page of one agent: its header, and one of its views.
//!
//! A view that was in sight once stays in the page, hidden: a terminal keeps its screen, a form
//! what was typed into it.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use protocol::agents::{Agent, AgentId};

use super::actions::AgentActions;
use super::header::AgentHeader;
use super::history::HistoryPanel;
use super::name::OwnName;
use super::overview::CannotLoad;
use super::settings::SettingsPanel;
use super::state::{Load, use_agents};
use super::status;
use super::tabs::ViewTabs;
use super::terminals::{AgentTerminals, TerminalPanels, TerminalPicker, TerminalRefusal};
use crate::response::{PageStatus, set_status};
use crate::routes::{AgentTab, TRASH};
use crate::shell::NotFoundPage;
use crate::ui::{EmptyState, Icon};

/// Shows the agent and the view that the address names.
#[component]
pub(crate) fn AgentPage() -> impl IntoView {
    let agents = use_agents();
    let params = use_params_map();
    let tab = Memo::new(move |_| {
        let segment = params.read().get("tab").filter(|segment| !segment.is_empty());
        AgentTab::at(segment.as_deref())
    });
    let open = Memo::new(move |_| {
        let id: Option<AgentId> = params.read().get("agent").and_then(|text| text.parse().ok());
        id.filter(|id| tab.get().is_some() && agents.knows(id))
    });
    let loaded = Memo::new(move |_| agents.load.get() == Load::Ready);
    let missing = move || {
        open.with(Option::is_none).then(|| match (tab.get(), loaded.get()) {
            (None, _) => view! { <NotFoundPage/> }.into_any(),
            (_, true) => view! { <NoSuchAgent/> }.into_any(),
            (_, false) => view! { <CannotLoad/> }.into_any(),
        })
    };
    let tab = Memo::new(move |_| tab.get().unwrap_or(AgentTab::Terminal));
    // Keyed: another agent gets elements of its own, above all another terminal.
    view! {
        <For
            each=move || open.get()
            key=Clone::clone
            children=move |id| agents.find_untracked(&id).map(|agent| view! { <OpenAgent agent tab/> })
        />
        {missing}
    }
    .into_any()
}

#[component]
fn OpenAgent(agent: Agent, tab: Memo<AgentTab>) -> impl IntoView {
    let agent = use_agents().follow(agent);
    let actions = AgentActions::new(agent);
    let terminals = AgentTerminals::new(agent, tab);
    let announcement = move || {
        agent.with(|agent| format!("{}: {}", agent.own_name(), status::sentence(agent.state)))
    };
    // The server writes the title last, when the values of this page may be gone already: it is
    // computed at once and kept.
    let title = ArcMemo::new(move |_| {
        let name = agent.with(|agent| agent.own_name().to_owned());
        let part = match tab.get() {
            AgentTab::Terminal => terminals.shown_name(),
            AgentTab::History => Some("History".to_owned()),
            AgentTab::Settings => Some("Settings".to_owned()),
        };
        part.map_or(name.clone(), |part| format!("{part} · {name}"))
    });
    let _computed = title.get_untracked();
    view! {
        <Title text=move || title.get()/>
        <AgentHeader agent actions/>
        <div class="tabs">
            <ViewTabs agent tab terminals=terminals.path()/>
            <Show when=move || tab.get() == AgentTab::Terminal>
                <TerminalPicker terminals/>
            </Show>
        </div>
        <TerminalRefusal terminals/>
        <View tab this=AgentTab::Terminal>
            <TerminalPanels terminals actions/>
        </View>
        <View tab this=AgentTab::History>
            <HistoryPanel agent/>
        </View>
        <View tab this=AgentTab::Settings>
            <SettingsPanel agent actions/>
        </View>
        <p class="vh" role="status">{announcement}</p>
    }
    .into_any()
}

/// A view's place: filled when it comes into sight for the first time.
#[component]
fn View(tab: Memo<AgentTab>, this: AgentTab, children: ChildrenFn) -> impl IntoView {
    let visited = Memo::new(move |before: Option<&bool>| {
        before.copied().unwrap_or(false) || tab.get() == this
    });
    view! {
        <div
            id=this.panel_id()
            class="agent-panel"
            role="tabpanel"
            aria-labelledby=this.tab_id()
            hidden=move || tab.get() != this
        >
            <Show when=move || visited.get()>{children()}</Show>
        </div>
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
            text="It was moved to the trash or deleted, or the address is wrong. Its files, if there are any, were left alone."
        >
            <a class="btn" href="/">"All agents"</a>
            <a class="btn is-quiet" href=TRASH>"Trash"</a>
        </EmptyState>
    }
    .into_any()
}
