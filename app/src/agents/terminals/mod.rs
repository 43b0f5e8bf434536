//! An agent's terminals on its page: which one is in sight, which were, and how they are chosen.
//!
//! A terminal that was in sight once stays in the page and connected, so that coming back to it
//! takes no time. The address says which one is wanted; without a query it is the program's.

mod end;
mod panel;
mod picker;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use protocol::access::Role;
use protocol::agents::{Agent, AgentState};
use protocol::error::ApiError;
use protocol::terminals::{NameTerminal, TerminalId};

pub(super) use self::panel::TerminalPanels;
pub(super) use self::picker::{TerminalPicker, TerminalRefusal};
use crate::api::terminals as api;
use crate::caller::may;
use crate::error::AppError;
use crate::routes::{AgentTab, terminal_path};

/// The terminals of one agent's page.
#[derive(Clone, Copy)]
pub(super) struct AgentTerminals {
    agent: Memo<Agent>,
    /// The one that is chosen, in sight or not.
    chosen: Memo<u16>,
    /// The one in sight.
    shown: Memo<Option<u16>>,
    /// Those that were in sight and still exist.
    visited: Memo<Vec<u16>>,
    action: Action<Deed, ()>,
    /// What was refused last.
    refusal: RwSignal<Option<ApiError>>,
}

/// What can be done with terminals.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Deed {
    /// Open one more and show it.
    Open,
    /// Start the shell of this one.
    Start(u16),
    /// End this one and remove it.
    Close(u16),
}

impl AgentTerminals {
    /// The terminals of this agent; `tab` is the view in sight.
    pub(super) fn new(agent: Memo<Agent>, tab: Memo<AgentTab>) -> Self {
        let query = use_query_map();
        // Other views have no query: the choice stays while they are in sight.
        let wanted = Memo::new(move |last: Option<&u16>| {
            if tab.get() == AgentTab::Terminal {
                query.read().get("t").and_then(|text| text.parse().ok()).unwrap_or(0)
            } else {
                last.copied().unwrap_or(0)
            }
        });
        let chosen = Memo::new(move |_| {
            let wanted = wanted.get();
            if agent.with(|agent| agent.terminal(wanted).is_some()) { wanted } else { 0 }
        });
        let shown = Memo::new(move |_| (tab.get() == AgentTab::Terminal).then(|| chosen.get()));
        let visited = Memo::new(move |before: Option<&Vec<u16>>| {
            let shown = shown.get();
            agent.with(|agent| visited_after(before.map_or(&[], Vec::as_slice), shown, agent))
        });
        let refusal = RwSignal::new(None);
        let action = deeds(agent, shown, refusal);
        let terminals = Self { agent, chosen, shown, visited, action, refusal };
        // Choosing a terminal is reason enough to start its shell, for those who may.
        let acts = may(Role::Operator);
        Effect::new(move |before: Option<Option<u16>>| {
            let now = terminals.shown.get();
            if let Some(number) = now.filter(|_| acts && before != Some(now))
                && terminals.agent.with_untracked(|agent| needs_start(agent, number))
            {
                terminals.run(Deed::Start(number));
            }
            now
        });
        terminals
    }

    /// Address of the terminal that is chosen.
    pub(super) fn path(self) -> Memo<String> {
        Memo::new(move |_| terminal_path(&self.id(self.chosen.get())))
    }

    /// What the page's title says beside the agent's name, when it is not the program's own.
    pub(super) fn shown_name(self) -> Option<String> {
        let number = self.shown.get()?;
        self.agent.with(|agent| agent.terminal(number).map(|terminal| terminal.name.clone()))
    }

    fn id(self, number: u16) -> TerminalId {
        TerminalId { agent: self.agent.with(|agent| agent.id.clone()), number }
    }

    fn run(self, deed: Deed) {
        if !self.action.pending().get_untracked() {
            self.action.dispatch(deed);
        }
    }

    fn busy(self, deed: Deed) -> Signal<bool> {
        let (pending, input) = (self.action.pending(), self.action.input());
        Signal::derive(move || {
            pending.get() && input.with(|running| running.as_ref() == Some(&deed))
        })
    }
}

fn deeds(
    agent: Memo<Agent>,
    shown: Memo<Option<u16>>,
    refusal: RwSignal<Option<ApiError>>,
) -> Action<Deed, ()> {
    let navigate = use_navigate();
    Action::new(move |deed: &Deed| {
        let deed = deed.clone();
        let navigate = navigate.clone();
        let agent = agent.with_untracked(|agent| agent.id.clone());
        // When the answer comes, the terminal is out of sight already: the socket was faster.
        let in_sight = shown.get_untracked();
        refusal.set(None);
        async move {
            let id = |number| TerminalId { agent: agent.clone(), number };
            let go = |id: &TerminalId| navigate(&terminal_path(id), NavigateOptions::default());
            let outcome: Result<(), AppError> = match deed {
                Deed::Open => {
                    api::open(agent.clone(), NameTerminal::default()).await.map(|after| {
                        // Numbers are never used again: the newest terminal has the highest.
                        if let Some(newest) = after.terminals.iter().map(|one| one.number).max() {
                            go(&id(newest));
                        }
                    })
                }
                Deed::Start(number) => api::start(id(number)).await.map(drop),
                Deed::Close(number) => api::close(id(number)).await.map(|_| {
                    if in_sight == Some(number) {
                        go(&id(0));
                    }
                }),
            };
            if let Err(error) = outcome {
                refusal.try_set(Some(error.0));
            }
        }
    })
}

/// The terminals that stay in the page, when this one comes into sight.
fn visited_after(before: &[u16], shown: Option<u16>, agent: &Agent) -> Vec<u16> {
    let mut visited: Vec<u16> = before
        .iter()
        .copied()
        .filter(|number| *number == 0 || agent.terminal(*number).is_some())
        .collect();
    if let Some(shown) = shown.filter(|shown| !visited.contains(shown)) {
        visited.push(shown);
    }
    visited
}

/// Whether choosing this terminal starts its shell. The agent's own program is started by nobody
/// but its owner.
fn needs_start(agent: &Agent, number: u16) -> bool {
    agent.terminal(number).is_some_and(|terminal| !terminal.state.is_running())
}

/// State of the terminal with this number; the agent's own for 0.
fn state_of(agent: &Agent, number: u16) -> AgentState {
    agent.terminal(number).map_or(agent.state, |terminal| terminal.state)
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    fn agent() -> Agent {
        let id = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        Agent::new(id, AgentSettings::default(), 0)
    }

    #[test]
    fn what_was_in_sight_stays_until_it_is_closed() {
        let mut agent = agent();
        let first = visited_after(&[], Some(0), &agent);
        let both = visited_after(&first, Some(1), &agent);
        assert_eq!(both, [0, 1]);
        assert_eq!(visited_after(&both, Some(0), &agent), [0, 1]);
        assert_eq!(visited_after(&both, None, &agent), [0, 1]);
        agent.terminals.clear();
        assert_eq!(visited_after(&both, Some(0), &agent), [0]);
        assert_eq!(visited_after(&[], None, &agent), [0; 0]);
    }

    #[test]
    fn only_shells_that_do_not_run_are_started() {
        let mut agent = agent();
        assert!(needs_start(&agent, 1));
        assert!(!needs_start(&agent, 0));
        assert!(!needs_start(&agent, 7));
        agent.terminals[0].state = AgentState::Running { since_ms: 0 };
        assert!(!needs_start(&agent, 1));
    }
}
