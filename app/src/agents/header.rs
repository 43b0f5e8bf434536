//! The header of an agent's page: who it is, how it is doing, what can be done.

use leptos::prelude::*;
use protocol::access::Role;
use protocol::agents::{Agent, AgentState};
use protocol::programs::ProgramKind;

use super::actions::{AgentActions, Deed};
use super::menu::AgentMenu;
use super::name::levelled;
use super::status;
use crate::caller::{OperatorOnly, may};
use crate::clock::use_clock;
use crate::host::use_host;
use crate::ui::{Avatar, AvatarSize, Button, Icon, IconView, PAGE_TITLE, Pill, Tone};

/// Avatar, name, state, facts and actions.
#[component]
pub(super) fn AgentHeader(agent: Memo<Agent>, actions: AgentActions) -> impl IntoView {
    let host = use_host();
    let clock = use_clock();
    let state = Signal::derive(move || agent.with(|agent| agent.state));
    let name = Memo::new(move |_| agent.with(|agent| agent.settings.name.clone()));
    let label = Memo::new(move |_| agent.with(|agent| agent.settings.label.clone()));
    let note = Memo::new(move |_| agent.with(|agent| agent.settings.note.clone()));
    let since = move || {
        status::latest(state.get(), clock)
            .map(|words| view! { <span class="num opt">{words}</span> })
    };
    view! {
        <header class="agent-head">
            <a class="btn is-quiet is-icon phone-only" href="/" aria-label="Back to agents">
                <IconView icon=Icon::ChevronLeft/>
            </a>
            <Avatar agent size=AvatarSize::Header/>
            <div class="agent-who">
                <div class="row">
                    <h1 id=PAGE_TITLE tabindex="-1" class="trunc">{move || name.with(|name| levelled(name))}</h1>
                    {move || {
                        label.with(|label| {
                            (!label.is_empty()).then(|| view! { <span class="agent-label trunc">{label.clone()}</span> })
                        })
                    }}
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
                        <span class="mono trunc" title=move || agent.with(|agent| agent.settings.folder.clone())>
                            {move || agent.with(|agent| host.short_path(&agent.settings.folder))}
                        </span>
                    </span>
                    {since}
                </div>
            </div>
            <OperatorOnly>
                <div class="agent-acts needs-js">
                    <WakeOrHibernate state actions/>
                    <AgentMenu agent actions/>
                </div>
            </OperatorOnly>
        </header>
        <Lost agent/>
        {move || {
            actions.refusal.get().map(|error| view! {
                <p class="notice is-err" role="alert">
                    <IconView icon=Icon::TriangleAlert class="ico sm"/>
                    {error.message}
                </p>
            })
        }}
        {move || {
            note.with(|note| (!note.is_empty()).then(|| view! { <p class="agent-note">{note.clone()}</p> }))
        }}
    }
    .into_any()
}

/// The program and its arguments as one line, for reading only.
fn command_line(agent: &Agent) -> String {
    let readable = |arg: &String| {
        let plain = !arg.is_empty() && !arg.contains(|c: char| c.is_whitespace() || c == '"');
        if plain { arg.clone() } else { format!("{arg:?}") }
    };
    let words = std::iter::once(agent.settings.program.clone())
        .chain(agent.settings.args.iter().map(readable));
    words.collect::<Vec<_>>().join(" ")
}

#[component]
fn WakeOrHibernate(state: Signal<AgentState>, actions: AgentActions) -> impl IntoView {
    let running = Memo::new(move |_| state.get().is_running());
    let lost = Memo::new(move |_| matches!(state.get(), AgentState::Lost { .. }));
    // Places instead of one that changes: a button that is reused keeps the handler it had.
    view! {
        <Show when=move || running.get()>
            <Button
                icon=Icon::CircleStop
                label="Hibernate agent"
                busy=actions.busy(Deed::Hibernate)
                on:click=move |_| actions.run(Deed::Hibernate)
            >
                "Hibernate"
            </Button>
        </Show>
        <Show when=move || !running.get() && !lost.get()>
            <Button
                tone=Tone::Primary
                icon=Icon::Play
                label="Wake agent"
                busy=actions.busy(Deed::WAKE)
                on:click=move |_| actions.run(Deed::WAKE)
            >
                "Wake"
            </Button>
        </Show>
        <Show when=move || lost.get()>
            <Button
                tone=Tone::Primary
                icon=Icon::RotateCw
                label="Restore agent"
                busy=actions.busy(Deed::WAKE)
                on:click=move |_| actions.run(Deed::WAKE)
            >
                "Restore"
            </Button>
        </Show>
    }
    .into_any()
}

/// What happened to a session that is gone, and what restoring it does.
#[component]
fn Lost(agent: Memo<Agent>) -> impl IntoView {
    let host = use_host();
    let acts = may(Role::Operator);
    let sentence = move || {
        agent.with(|agent| {
            let lost = matches!(agent.state, AgentState::Lost { .. });
            lost.then(|| {
                if acts {
                    lost_sentence(agent, &host.short_path(&agent.settings.folder))
                } else {
                    DISAPPEARED.to_owned()
                }
            })
        })
    };
    move || {
        sentence().map(|sentence| {
            view! {
                <p class="notice">
                    <IconView icon=Icon::TriangleAlert class="ico sm"/>
                    <span>{sentence}</span>
                </p>
            }
        })
    }
}

/// What happened to the session of a lost agent.
const DISAPPEARED: &str =
    "Its session disappeared, for example because the machine or tmux was restarted.";

fn lost_sentence(agent: &Agent, folder: &str) -> String {
    let program = &agent.settings.program;
    let conversation = if resumes(agent) { " and takes up its conversation" } else { "" };
    format!("{DISAPPEARED} Restore starts {program} again in {folder}{conversation}.")
}

/// Whether its program takes up its conversation when it is started again.
pub(super) fn resumes(agent: &Agent) -> bool {
    ProgramKind::of(&agent.settings.program) == ProgramKind::Claude
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    fn agent(program: &str, args: &[&str]) -> Agent {
        let settings = AgentSettings {
            program: program.into(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            ..AgentSettings::default()
        };
        Agent::new("01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap(), settings, 0)
    }

    #[test]
    fn arguments_with_blanks_are_told_apart() {
        let agent = agent("claude", &["--model", "opus 4", ""]);
        assert_eq!(command_line(&agent), r#"claude --model "opus 4" """#);
    }

    #[test]
    fn only_a_program_that_resumes_promises_its_conversation() {
        let claude = lost_sentence(&agent("claude", &[]), "~/wt");
        assert!(claude.ends_with("starts claude again in ~/wt and takes up its conversation."));
        assert!(lost_sentence(&agent("bash", &[]), "~").ends_with("starts bash again in ~."));
    }
}
