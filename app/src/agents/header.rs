//! The header of an agent's page: who it is, how it is doing, what can be done.

use leptos::prelude::*;
use protocol::agents::{Agent, AgentId, AgentState};
use protocol::error::ApiError;

use super::api;
use super::delete::DeleteAgentDialog;
use super::name::{OwnName, levelled};
use super::status;
use crate::clock::use_clock;
use crate::error::AppError;
use crate::host::use_host;
use crate::ui::{Avatar, AvatarSize, Button, Icon, IconView, PAGE_TITLE, Pill, Tone};

/// Avatar, name, state, facts and actions.
#[component]
pub(super) fn AgentHeader(agent: Memo<Agent>) -> impl IntoView {
    let host = use_host();
    let clock = use_clock();
    let state = Signal::derive(move || agent.with(|agent| agent.state));
    let deleting = RwSignal::new(false);
    let error = RwSignal::new(None::<ApiError>);
    // What was refused before says nothing about an agent that has moved on since.
    Effect::new(move |before: Option<AgentState>| {
        let now = state.get();
        if before.is_some_and(|before| before != now) {
            error.set(None);
        }
        now
    });
    let name = Memo::new(move |_| agent.with(|agent| agent.name.clone()));
    let note = Memo::new(move |_| agent.with(|agent| agent.note.clone()));
    let since = move || {
        status::latest(state.get(), clock)
            .map(|words| view! { <span class="num opt">{words}</span> })
    };
    view! {
        <header class="agent-head">
            <a class="btn is-quiet is-icon phone-only" href="/" aria-label="Back to agents">
                <IconView icon=Icon::ChevronLeft/>
            </a>
            {move || {
                name.track();
                let (group, identity) = agent.with_untracked(|agent| {
                    (agent.hue_group().to_owned(), agent.id.to_string())
                });
                view! { <Avatar group identity size=AvatarSize::Header/> }
            }}
            <div class="agent-who">
                <div class="row">
                    <h1 id=PAGE_TITLE tabindex="-1" class="trunc">{move || name.with(|name| levelled(name))}</h1>
                    <Pill
                        glyph=Signal::derive(move || status::glyph(state.get()))
                        word=Signal::derive(move || status::sentence(state.get()))
                    />
                </div>
                <div class="agent-meta">
                    <span><IconView icon=Icon::Server class="ico sm"/>{move || host.name()}</span>
                    <span class="trunc">
                        <IconView icon=Icon::SquareTerminal class="ico sm"/>
                        <span class="mono trunc">{move || agent.with(command_line)}</span>
                    </span>
                    <span class="trunc opt">
                        <IconView icon=Icon::Folder class="ico sm"/>
                        <span class="mono trunc" title=move || agent.with(|agent| agent.folder.clone())>
                            {move || agent.with(|agent| host.short_path(&agent.folder))}
                        </span>
                    </span>
                    {since}
                </div>
            </div>
            <div class="agent-acts needs-js">
                <StartOrStop agent error/>
                <Button
                    tone=Tone::Quiet
                    icon=Icon::Trash
                    label="Delete agent"
                    on:click=move |_| deleting.set(true)
                />
            </div>
        </header>
        {move || {
            error.get().map(|error| view! {
                <p class="notice is-err" role="alert">
                    <IconView icon=Icon::TriangleAlert class="ico sm"/>
                    {error.message}
                </p>
            })
        }}
        {move || {
            note.with(|note| (!note.is_empty()).then(|| view! { <p class="agent-note">{note.clone()}</p> }))
        }}
        <DeleteAgentDialog agent open=deleting/>
    }
    .into_any()
}

/// The program and its arguments as one line, for reading only.
fn command_line(agent: &Agent) -> String {
    let readable = |arg: &String| {
        let plain = !arg.is_empty() && !arg.contains(|c: char| c.is_whitespace() || c == '"');
        if plain { arg.clone() } else { format!("{arg:?}") }
    };
    let words = std::iter::once(agent.program.clone()).chain(agent.args.iter().map(readable));
    words.collect::<Vec<_>>().join(" ")
}

#[component]
fn StartOrStop(agent: Memo<Agent>, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let keep_error = move |outcome: Result<Agent, AppError>| {
        error.set(outcome.err().map(|error| error.0));
    };
    let start = Action::new(move |id: &AgentId| {
        let id = id.clone();
        async move { keep_error(api::start(id).await) }
    });
    let stop = Action::new(move |id: &AgentId| {
        let id = id.clone();
        async move { keep_error(api::stop(id).await) }
    });
    let id = move || agent.with_untracked(|agent| agent.id.clone());
    let running = Memo::new(move |_| agent.with(|agent| agent.state.is_running()));
    // Two places instead of one that changes: a button that is reused keeps the handler it had.
    view! {
        <Show when=move || running.get()>
            <Button
                icon=Icon::CircleStop
                label="Stop agent"
                busy=stop.pending()
                on:click=move |_| { if !stop.pending().get_untracked() { stop.dispatch(id()); } }
            >
                "Stop"
            </Button>
        </Show>
        <Show when=move || !running.get()>
            <Button
                tone=Tone::Primary
                icon=Icon::Play
                label="Start agent"
                busy=start.pending()
                on:click=move |_| { if !start.pending().get_untracked() { start.dispatch(id()); } }
            >
                "Start"
            </Button>
        </Show>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_with_blanks_are_told_apart() {
        let agent = Agent {
            id: "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap(),
            name: "a".into(),
            program: "claude".into(),
            args: vec!["--model".into(), "opus 4".into(), String::new()],
            folder: "/".into(),
            note: String::new(),
            state: AgentState::Stopped,
            created_at_ms: 0,
        };
        assert_eq!(command_line(&agent), r#"claude --model "opus 4" """#);
    }
}
