//! The frame around every page: top bar, sidebar, the page, status strip.

mod connection;
mod not_allowed;
mod not_found;
mod problems;
mod sidebar;
mod strip;
mod topbar;
mod topics;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;
use leptos_router::hooks::use_location;

use self::connection::ConnectionBanner;
pub(crate) use self::not_allowed::NotAllowedPage;
pub(crate) use self::not_found::NotFoundPage;
use self::problems::ProblemBanners;
use self::sidebar::Sidebar;
use self::strip::Strip;
use self::topbar::Topbar;
use self::topics::Topics;
use crate::access::PairingsState;
use crate::agents::{AgentsState, CreateAgentDialog, Drafts, provide_create_dialog, use_agents};
use crate::caller::{OperatorOnly, OwnerOnly, provide_caller};
use crate::clock::Clock;
use crate::host::{HealthState, HostState};
use crate::reauth::{Reauth, ReauthDialog};
use crate::routes::{Pages, agent_at};
use crate::seed::{FirstData, Seed};
use crate::socket::provide_socket;
use crate::terminals::TerminalFacts;
use crate::theme::ThemeState;
use crate::title;
use crate::ui::{PAGE_TITLE, ToastRegion, Toasts, focus};

/// The whole app: state first, then the frame.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let seed = Seed::take();
    let role = seed.caller.role;
    provide_caller(seed.caller);
    let agents = AgentsState::provide(seed.agents);
    let health = HealthState::provide(seed.health);
    HostState::provide(seed.host.ok());
    FirstData::provide(seed.page);
    ThemeState::provide();
    Clock::provide();
    TerminalFacts::provide();
    Toasts::provide();
    Drafts::provide();
    provide_create_dialog();
    let pairings = PairingsState::provide();
    Reauth::provide();
    provide_socket(Topics { agents, health, pairings }, role);
    view! {
        <Title formatter=|text: String| title::whole(&text)/>
        <Router>
            <Frame/>
        </Router>
    }
    .into_any()
}

#[component]
fn Frame() -> impl IntoView {
    let agents = use_agents();
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        // Another view of the same agent is not another page: the focus stays on its tab.
        let same_agent = |before: &str| {
            agent_at(before).is_some_and(|agent| agent_at(&now).is_some_and(|now| now == agent))
        };
        if before.is_some_and(|before| before != now && !same_agent(&before)) {
            focus(PAGE_TITLE);
        }
        now
    });
    let bare = move || agents.list.with(|list| list.agents.is_empty());
    let home = move || path.with(|path| path == "/");
    view! {
        <div class="app" class:is-bare=bare class:is-home=home>
            <a class="skip" href="#page-title">"Skip to the page"</a>
            <Topbar/>
            <div class="banners">
                <ConnectionBanner/>
                <ProblemBanners/>
            </div>
            <Sidebar/>
            <main class="main" id="main"><Pages/></main>
            <Strip/>
            <OperatorOnly><CreateAgentDialog/></OperatorOnly>
            <OwnerOnly><ReauthDialog/></OwnerOnly>
            <ToastRegion/>
        </div>
    }
    .into_any()
}
