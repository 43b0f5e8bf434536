//! The start page: all agents as rows, or what to do when there are none.

use leptos::prelude::*;
use leptos_meta::Title;
use protocol::agents::{Agent, AgentId};

use super::name::{OwnName, levelled};
use super::state::{Load, use_agents};
use super::status;
use super::welcome::Welcome;
use crate::clock::use_clock;
use crate::host::use_host;
use crate::response::{PageStatus, set_status};
use crate::routes::agent_path;
use crate::ui::{Avatar, Button, EmptyState, Icon, PAGE_TITLE, StatusGlyph};

/// The page at `/`.
#[component]
pub(crate) fn AgentsPage() -> impl IntoView {
    let agents = use_agents();
    let loaded = Memo::new(move |_| agents.load.get() == Load::Ready);
    let empty = Memo::new(move |_| agents.list.with(|list| list.agents.is_empty()));
    move || match (loaded.get(), empty.get()) {
        (false, _) => view! { <CannotLoad/> }.into_any(),
        (true, true) => view! { <Welcome/> }.into_any(),
        (true, false) => view! { <Overview/> }.into_any(),
    }
}

#[component]
fn Overview() -> impl IntoView {
    let agents = use_agents();
    let ids = Memo::new(move |_| {
        agents
            .list
            .with(|list| list.agents.iter().map(|agent| agent.id.clone()).collect::<Vec<_>>())
    });
    let row = move |id: AgentId| {
        agents.find_untracked(&id).map(|agent| view! { <Row agent=agents.follow(agent)/> })
    };
    view! {
        <Title text="Agents"/>
        <header class="page-head">
            <h1 id=PAGE_TITLE tabindex="-1">"Agents"</h1>
            <span class="meta num">{move || agents.list.with(|list| status::count_words(&list.agents))}</span>
        </header>
        <div class="overview">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Agent"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Program"</th>
                        <th scope="col" class="opt">"Folder"</th>
                        <th scope="col" class="r opt">"Since"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || ids.get() key=Clone::clone children=row/>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(agent: Memo<Agent>) -> impl IntoView {
    let host = use_host();
    let clock = use_clock();
    let (group, identity, path) = agent.with_untracked(|agent| {
        (agent.hue_group().to_owned(), agent.id.to_string(), agent_path(&agent.id))
    });
    let state = move || agent.with(|agent| agent.state);
    view! {
        <tr>
            <td>
                <a class="row row-link" href=path>
                    <Avatar group identity/>
                    <span class="levelled trunc">{move || agent.with(|agent| levelled(&agent.name))}</span>
                </a>
            </td>
            <td>
                <span class="row">
                    <StatusGlyph
                        glyph=Signal::derive(move || status::glyph(state()))
                        word=Signal::derive(move || state().word())
                    />
                    <span aria-hidden="true">{move || state().word()}</span>
                </span>
            </td>
            <td class="trunc">{move || agent.with(|agent| agent.program.clone())}</td>
            <td class="opt muted"><span class="mono trunc">{move || agent.with(|agent| host.short_path(&agent.folder))}</span></td>
            <td class="r opt muted">{move || status::since(state(), clock)}</td>
        </tr>
    }
    .into_any()
}

/// The agents could not be loaded: why, and a way to try again.
#[component]
pub(super) fn CannotLoad() -> impl IntoView {
    set_status(PageStatus::Unavailable);
    let agents = use_agents();
    let retry = agents.retry();
    let reason = Signal::derive(move || {
        agents.load.with(|load| match load {
            Load::Failed(error) => error.message.clone(),
            Load::Ready => String::new(),
        })
    });
    view! {
        <Title text="Cannot load"/>
        <EmptyState page=true icon=Icon::PlugZap title="The agents cannot be loaded" text=reason>
            <Button
                class:needs-js=true
                busy=retry.pending()
                on:click=move |_| { if !retry.pending().get_untracked() { retry.dispatch(()); } }
            >
                "Retry now"
            </Button>
        </EmptyState>
    }
    .into_any()
}
