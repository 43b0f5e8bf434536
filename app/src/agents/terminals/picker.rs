//! The segments at the end of the tab row that choose a terminal, and what can be done with it.

use leptos::prelude::*;
use protocol::agents::Agent;
use protocol::error::ApiError;
use protocol::limits;
use protocol::terminals::{NameTerminal, TerminalId};

use super::{AgentTerminals, Deed, state_of};
use crate::agents::name_dialog::{NameDialog, NameWords};
use crate::agents::tabs::walk;
use crate::api::terminals as api;
use crate::caller::OperatorOnly;
use crate::routes::terminal_path;
use crate::ui::{Button, Icon, IconView, Menu, MenuItem, Tone};

/// Element id of a terminal's segment.
pub(super) fn tab_id(number: u16) -> String {
    format!("terminal-tab-{number}")
}

/// Element id of a terminal's panel.
pub(super) fn panel_id(number: u16) -> String {
    format!("terminal-{number}")
}

/// One terminal to choose.
#[derive(Clone, PartialEq, Eq)]
struct Choice {
    number: u16,
    name: String,
    /// No program runs in it.
    idle: bool,
}

fn choices(agent: &Agent) -> Vec<Choice> {
    let program = Choice { number: 0, name: "AI".into(), idle: false };
    let others = agent.terminals.iter().map(|terminal| Choice {
        number: terminal.number,
        name: terminal.name.clone(),
        idle: !terminal.state.is_running(),
    });
    std::iter::once(program).chain(others).collect()
}

/// All terminals of the agent, the menu of the chosen one, and a way to open one more.
#[component]
pub(in crate::agents) fn TerminalPicker(terminals: AgentTerminals) -> impl IntoView {
    let agent = terminals.agent;
    let choices = Memo::new(move |_| agent.with(choices));
    let ids = Memo::new(move |_| {
        choices
            .with(|choices| choices.iter().map(|choice| tab_id(choice.number)).collect::<Vec<_>>())
    });
    let numbers = move || {
        choices.with(|choices| choices.iter().map(|choice| choice.number).collect::<Vec<_>>())
    };
    let segment = move |number: u16| {
        let path = terminal_path(
            &agent.with_untracked(|agent| TerminalId { agent: agent.id.clone(), number }),
        );
        let this = Memo::new(move |_| {
            choices.with(|choices| choices.iter().find(|choice| choice.number == number).cloned())
        });
        let name = move || this.with(|this| this.as_ref().map(|this| this.name.clone()));
        let idle = move || this.with(|this| this.as_ref().is_some_and(|this| this.idle));
        let selected = move || terminals.chosen.get() == number;
        let on_key = move |event| {
            let at = choices.with_untracked(|choices| {
                choices.iter().position(|choice| choice.number == number)
            });
            ids.with_untracked(|ids| walk(&event, at.unwrap_or_default(), ids));
        };
        view! {
            <a
                id=tab_id(number)
                href=path
                role="tab"
                aria-selected=move || selected().to_string()
                aria-controls=panel_id(number)
                tabindex=move || if selected() { "0" } else { "-1" }
                on:keydown=on_key
            >
                <span class="trunc">{name}</span>
                {move || idle().then(|| view! { <span class="vh">", not running"</span> })}
            </a>
        }
    };
    let full = Memo::new(move |_| agent.with(|agent| agent.terminals.len() >= limits::TERMINALS));
    let is_shell = Memo::new(move |_| terminals.chosen.get() != 0);
    view! {
        <div class="terminal-picker" data-chooses-terminal="">
            <div class="seg" role="tablist" aria-label="Terminals of this agent">
                <For each=numbers key=|number| *number children=segment/>
            </div>
            <OperatorOnly>
                <Show when=move || is_shell.get()>
                    <TerminalMenu terminals/>
                </Show>
                <Show when=move || !full.get()>
                    <Button
                        tone=Tone::Quiet
                        icon=Icon::Plus
                        label="New terminal"
                        class:needs-js=true
                        busy=terminals.busy(Deed::Open)
                        on:click=move |_| terminals.run(Deed::Open)
                    />
                </Show>
            </OperatorOnly>
        </div>
    }
    .into_any()
}

/// What was refused, below the tab row.
#[component]
pub(in crate::agents) fn TerminalRefusal(terminals: AgentTerminals) -> impl IntoView {
    move || {
        terminals.refusal.get().map(|error| {
            view! {
                <p class="notice is-err" role="alert">
                    <IconView icon=Icon::TriangleAlert class="ico sm"/>
                    {error.message}
                </p>
            }
        })
    }
}

#[component]
fn TerminalMenu(terminals: AgentTerminals) -> impl IntoView {
    let agent = terminals.agent;
    let renaming = RwSignal::new(false);
    let name = Memo::new(move |_| {
        let number = terminals.chosen.get();
        agent.with(|agent| agent.terminal(number).map(|one| one.name.clone()).unwrap_or_default())
    });
    let running = Memo::new(move |_| {
        let number = terminals.chosen.get();
        agent.with(|agent| state_of(agent, number).is_running())
    });
    let label = Signal::derive(move || format!("Actions for the terminal {}", name.get()));
    view! {
        <Menu id="terminal-menu" label>
            <MenuItem icon=Icon::Pencil on:click=move |_| renaming.set(true)>"Rename…"</MenuItem>
            <MenuItem
                icon=Icon::X
                on:click=move |_| terminals.run(Deed::Close(terminals.chosen.get_untracked()))
            >
                {move || if running.get() { "Close and end its shell" } else { "Close" }}
            </MenuItem>
        </Menu>
        <RenameTerminal terminals name open=renaming/>
    }
    .into_any()
}

#[component]
fn RenameTerminal(
    terminals: AgentTerminals,
    name: Memo<String>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let refusal = RwSignal::new(None::<ApiError>);
    let rename = Action::new(move |name: &String| {
        let name = NameTerminal { name: Some(name.clone()) };
        let agent = terminals.agent.with_untracked(|agent| agent.id.clone());
        let id = TerminalId { agent, number: terminals.chosen.get_untracked() };
        async move {
            match api::rename(id, name).await {
                Ok(_) => open.try_set(false).map(drop),
                Err(error) => refusal.try_set(Some(error.0)).map(drop),
            };
        }
    });
    let words = NameWords {
        title_id: "rename-terminal-title",
        field_id: "rename-terminal-name",
        title: "Rename terminal",
        hint: None,
        act: "Rename",
    };
    let run = Callback::new(move |name| {
        rename.dispatch(name);
    });
    view! { <NameDialog open words first=name refusal busy=rename.pending() run/> }.into_any()
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    #[test]
    fn the_program_comes_first() {
        let id = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        let agent = Agent::new(id, AgentSettings::default(), 0);
        let told: Vec<_> = choices(&agent)
            .into_iter()
            .map(|choice| (choice.number, choice.name, choice.idle))
            .collect();
        assert_eq!(told, [(0, "AI".to_owned(), false), (1, "Shell".to_owned(), true)]);
    }
}
