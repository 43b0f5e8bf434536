//! The first run: no agents yet, so the page leads to the first one.

use leptos::prelude::*;
use leptos_meta::Title;
use protocol::access::Role;

use super::create::NewAgentButton;
use crate::caller::{OwnerOnly, WATCHING, may};
use crate::host::use_host;
use crate::routes::{ACCESS, AUDIT, DIAGNOSTICS, TRASH};
use crate::ui::{Icon, IconView, PAGE_TITLE, Tone};

/// Two steps: the host is there, the first agent is not. A viewer only learns that.
#[component]
pub(super) fn Welcome() -> impl IntoView {
    let host = use_host();
    let acts = may(Role::Operator);
    let lead = if acts {
        "One step to your first agent. Nothing leaves this machine.".to_owned()
    } else {
        format!("There is no agent yet. {WATCHING}")
    };
    let connected = move || {
        host.get().map(|facts| view! {
            <section class="step is-done">
                <span class="n"><IconView icon=Icon::Check class="ico sm"/></span>
                <div>
                    <h2>"This host is connected"</h2>
                    <p class="muted">{format!("{}, tmux {}.", facts.name, facts.tmux_version)}</p>
                </div>
            </section>
        })
    };
    view! {
        <Title text="Welcome"/>
        <div class="welcome-page">
            <div class="welcome">
                <div>
                    <h1 id=PAGE_TITLE tabindex="-1">"Welcome to Maestro"</h1>
                    <p class="muted lead">{lead}</p>
                </div>
                {connected}
                {acts.then(|| view! { <FirstAgent/> })}
                // The sidebar is away while there is nothing to list.
                <nav class="row welcome-links" aria-label="Machine">
                    <a class="btn is-quiet" href=TRASH><IconView icon=Icon::Trash class="ico sm"/>"Trash"</a>
                    <a class="btn is-quiet" href=DIAGNOSTICS><IconView icon=Icon::Activity class="ico sm"/>"Diagnostics"</a>
                    <OwnerOnly>
                        <a class="btn is-quiet" href=ACCESS><IconView icon=Icon::KeyRound class="ico sm"/>"Access"</a>
                        <a class="btn is-quiet" href=AUDIT><IconView icon=Icon::ScrollText class="ico sm"/>"Audit"</a>
                    </OwnerOnly>
                </nav>
            </div>
        </div>
    }
    .into_any()
}

/// The step that is left.
#[component]
fn FirstAgent() -> impl IntoView {
    let host = use_host();
    view! {
        <section class="step is-now" aria-current="step">
            <span class="n">{move || if host.get().is_some() { "2" } else { "1" }}</span>
            <div class="stack">
                <div>
                    <h2>"Start your first agent"</h2>
                    <p class="muted">
                        "An agent is a program in a folder: Claude Code, Codex, a shell. It runs in tmux, so it keeps running when you close this page."
                    </p>
                </div>
                <div class="row needs-js"><NewAgentButton tone=Tone::Primary/></div>
                <noscript>"Creating agents here needs JavaScript. The command line does it too:"</noscript>
                <code class="code">
                    <i>"$ "</i>
                    "maestro agent create NAME --program PROGRAM --dir FOLDER"
                </code>
            </div>
        </section>
    }
    .into_any()
}
