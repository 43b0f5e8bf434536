//! State of the agents' list: filter and order from the address, what they show, what is chosen.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::params::ParamsMap;
use protocol::agents::{Agent, AgentId};

use super::filter::Filter;
use super::order::Order;
use super::selection::Selection;
use crate::agents::state::use_agents;

/// The address follows when typing pauses for so long.
const PAUSE: Duration = Duration::from_millis(200);

/// Handles of the list's state.
#[derive(Clone, Copy)]
pub(super) struct ListState {
    /// The filter as it is typed.
    pub(super) text: RwSignal<String>,
    /// The order.
    pub(super) order: Memo<Order>,
    /// What is shown, in order.
    pub(super) shown: Memo<Vec<AgentId>>,
    /// Which rows are marked, shown or not.
    pub(super) selection: RwSignal<Selection>,
    /// Which of the shown rows are marked: what an action is done to.
    pub(super) chosen: Memo<Vec<AgentId>>,
}

impl ListState {
    /// Reads the address, and keeps it true while the filter is typed.
    pub(super) fn new() -> Self {
        let agents = use_agents();
        let query = use_query_map();
        let asked = Memo::new(move |_| query.read().get("q").unwrap_or_default());
        let order = Memo::new(move |_| query.read().get("sort").unwrap_or_default());
        let order = Memo::new(move |_| Order::named(&order.get()));
        let text = RwSignal::new(asked.get_untracked());
        let filter = Memo::new(move |_| Filter::of(&text.get()));
        let shown = Memo::new(move |_| {
            agents.list.with(|list| filter.with(|filter| shown(&list.agents, filter, order.get())))
        });
        let selection = RwSignal::new(Selection::default());
        let chosen =
            Memo::new(move |_| shown.with(|shown| selection.with(|marks| marks.among(shown))));
        follow_address(asked, text, order);
        Self { text, order, shown, selection, chosen }
    }

    /// Address of the list in this order.
    pub(super) fn address(self, order: Order) -> String {
        address(&self.text.get(), order)
    }
}

fn shown(agents: &[Agent], filter: &Filter, order: Order) -> Vec<AgentId> {
    let mut admitted: Vec<&Agent> = agents.iter().filter(|agent| filter.admits(agent)).collect();
    order.sort(&mut admitted);
    admitted.into_iter().map(|agent| agent.id.clone()).collect()
}

/// What is typed goes into the address; what a link puts there goes into the field.
fn follow_address(asked: Memo<String>, text: RwSignal<String>, order: Memo<Order>) {
    let navigate = use_navigate();
    // The address that typing made is no news to the field, which may be further by now.
    let written = StoredValue::new(asked.get_untracked());
    let mut write = debounce(PAUSE, move |text: String| {
        let changed = written.try_get_value().is_some_and(|written| written != text);
        if changed {
            written.set_value(text.clone());
            let options =
                NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
            navigate(&address(&text, order.get_untracked()), options);
        }
    });
    Effect::new(move |before: Option<()>| {
        let now = text.get();
        if before.is_some() {
            write(now);
        }
    });
    Effect::new(move |before: Option<()>| {
        let now = asked.get();
        if before.is_some() && written.get_value() != now {
            written.set_value(now.clone());
            text.set(now);
        }
    });
}

/// `/?q=…&sort=…` with only what is asked for.
fn address(text: &str, order: Order) -> String {
    let text = text.trim();
    let query: ParamsMap = (!text.is_empty()).then(|| ("q", text.to_owned())).into_iter().collect();
    let query = query.to_query_string();
    match order.name() {
        Some(order) if query.is_empty() => format!("/?sort={order}"),
        Some(order) => format!("/{query}&sort={order}"),
        None => format!("/{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_what_is_asked_for() {
        assert_eq!(address("", Order::default()), "/");
        assert_eq!(address(" tag:a&b ", Order::default()), "/?q=tag%3Aa%26b");
        assert_eq!(address("", Order::named("state")), "/?sort=state");
        assert_eq!(address("x", Order::named("-since")), "/?q=x&sort=-since");
    }
}
