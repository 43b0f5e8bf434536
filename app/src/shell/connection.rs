//! The connection, as a dot that is always there and a banner when it matters.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::host::use_host;
use crate::socket::{Connection, use_connection, use_socket};
use crate::ui::{Button, Icon, IconView, Tone};

/// Dot and word in the top bar. Without scripts there is no connection to speak of.
#[component]
pub(super) fn ConnectionDot() -> impl IntoView {
    let connection = use_connection();
    let dot = move || match connection.get() {
        Connection::Connecting => "dot",
        Connection::Live { .. } => "dot is-ok",
        Connection::Reconnecting { .. } | Connection::Outdated => "dot is-warn",
        Connection::LoggedOut => "dot is-err",
    };
    let word = move || match connection.get() {
        Connection::Connecting => "Connecting",
        Connection::Live { .. } => "Live",
        Connection::Reconnecting { .. } => "Reconnecting",
        Connection::LoggedOut => "Logged out",
        Connection::Outdated => "Updated",
    };
    let round_trip = move || match connection.get() {
        Connection::Live { rtt_ms: Some(ms) } => {
            Some(view! { <span class="faint num">{format!("{ms} ms")}</span> })
        }
        _ => None,
    };
    view! {
        <span class="connection needs-js">
            <i class=dot></i>
            {word}
            {round_trip}
        </span>
    }
    .into_any()
}

/// What the banner says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Reconnecting,
    LoggedOut,
    Outdated,
}

/// A sentence with a way out, when what the page shows is no longer true or soon will not be.
#[component]
pub(super) fn ConnectionBanner() -> impl IntoView {
    let connection = use_connection();
    let trouble = Memo::new(move |_| match connection.get() {
        Connection::Reconnecting { lasting: true, .. } => Some(Trouble::Reconnecting),
        Connection::LoggedOut => Some(Trouble::LoggedOut),
        Connection::Outdated => Some(Trouble::Outdated),
        _ => None,
    });
    let banner = move || {
        trouble.get().map(|trouble| match trouble {
            Trouble::Reconnecting => view! { <Reconnecting/> }.into_any(),
            Trouble::LoggedOut => view! { <LoggedOut/> }.into_any(),
            Trouble::Outdated => view! { <Outdated/> }.into_any(),
        })
    };
    view! { <div role="status">{banner}</div> }.into_any()
}

#[component]
fn Reconnecting() -> impl IntoView {
    let host = use_host();
    let socket = use_socket();
    let connection = use_connection();
    // Kept out of what is read aloud: it changes with every try.
    let next_try = move || match connection.get() {
        Connection::Reconnecting { wait_ms, .. } => {
            format!(", next try within {} s", wait_ms.div_ceil(1000))
        }
        _ => String::new(),
    };
    view! {
        <div class="notice">
            <IconView icon=Icon::WifiOff class="ico sm"/>
            <span>
                {move || format!("Reconnecting to {}", host.name())}
                <span class="num" aria-hidden="true">{next_try}</span>
            </span>
            <Button tone=Tone::Quiet class:push=true on:click=move |_| socket.retry_now()>
                "Retry now"
            </Button>
        </div>
    }
    .into_any()
}

#[component]
fn LoggedOut() -> impl IntoView {
    view! {
        <div class="notice is-err">
            <IconView icon=Icon::TriangleAlert class="ico sm"/>
            <span>"Your login ended. What you see may be out of date."</span>
            <a class="btn is-quiet push" href="/login" rel="external">"Log in"</a>
        </div>
    }
    .into_any()
}

#[component]
fn Outdated() -> impl IntoView {
    let path = use_location().pathname;
    view! {
        <div class="notice">
            <IconView icon=Icon::TriangleAlert class="ico sm"/>
            <span>"Maestro was updated. Reload to use the new version."</span>
            <a class="btn is-quiet push" href=move || path.get() rel="external">"Reload"</a>
        </div>
    }
    .into_any()
}
