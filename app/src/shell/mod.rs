//! The frame around every page: top bar, sidebar, the page, status strip.

mod connection;
mod not_found;
mod sidebar;
mod strip;
mod topbar;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;
use leptos_router::hooks::use_location;

use self::connection::ConnectionBanner;
pub(crate) use self::not_found::NotFoundPage;
use self::sidebar::Sidebar;
use self::strip::Strip;
use self::topbar::Topbar;
use crate::agents::{AgentsState, CreateAgentDialog, provide_create_dialog, use_agents};
use crate::clock::Clock;
use crate::host::HostState;
use crate::routes::Pages;
use crate::seed::{FirstScreen, Seed};
use crate::socket::provide_socket;
use crate::terminals::TerminalFacts;
use crate::theme::ThemeState;
use crate::ui::{PAGE_TITLE, focus};

/// The whole app: state first, then the frame.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let seed = Seed::take();
    let agents = AgentsState::provide(seed.agents);
    HostState::provide(seed.host.ok());
    FirstScreen::provide(seed.screen);
    ThemeState::provide();
    Clock::provide();
    TerminalFacts::provide();
    provide_create_dialog();
    provide_socket(agents);
    view! {
        <Title formatter=|text| format!("{text} · Maestro")/>
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
        if before.is_some_and(|before| before != now) {
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
            <ConnectionBanner/>
            <Sidebar/>
            <main class="main" id="main"><Pages/></main>
            <Strip/>
            <CreateAgentDialog/>
        </div>
    }
    .into_any()
}
