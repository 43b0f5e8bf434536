//! The order of the agents' list, as the address names it: `name`, `-since`. Pure.

use std::cmp::Reverse;

use protocol::agents::{Agent, AgentState};

/// What the list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Column {
    #[default]
    Name,
    State,
    Since,
}

/// A column and a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) column: Column,
    pub(super) descending: bool,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::State => "state",
            Self::Since => "since",
        }
    }
}

impl Order {
    /// The order of this name; anything unknown is the usual order.
    pub(super) fn named(text: &str) -> Self {
        let (descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text),
        };
        let columns = [Column::Name, Column::State, Column::Since];
        let column = columns.into_iter().find(|column| column.name() == name);
        column.map_or_else(Self::default, |column| Self { column, descending })
    }

    /// Its name in the address; none for the usual order.
    pub(super) fn name(self) -> Option<String> {
        let sign = if self.descending { "-" } else { "" };
        (self != Self::default()).then(|| format!("{sign}{}", self.column.name()))
    }

    /// The order after a click on this column's head: first up, then down.
    #[must_use]
    pub(super) fn clicked(self, column: Column) -> Self {
        Self { column, descending: self.column == column && !self.descending }
    }

    /// Its value of `aria-sort` in the head of this column.
    pub(super) fn aria(self, column: Column) -> Option<&'static str> {
        (self.column == column).then_some(if self.descending { "descending" } else { "ascending" })
    }

    /// Puts agents, which are ordered by name, in this order. Equals stay ordered by name.
    pub(super) fn sort(self, agents: &mut [&Agent]) {
        match (self.column, self.descending) {
            (Column::Name, false) => {}
            (Column::Name, true) => agents.reverse(),
            (Column::State, false) => agents.sort_by_key(|agent| urgency(agent.state)),
            (Column::State, true) => agents.sort_by_key(|agent| Reverse(urgency(agent.state))),
            // Those that never ran have no time: they come last in both directions.
            (Column::Since, false) => {
                agents.sort_by_key(|agent| since(agent.state).unwrap_or(i64::MAX));
            }
            (Column::Since, true) => agents.sort_by_key(|agent| Reverse(since(agent.state))),
        }
    }
}

/// What needs a person comes first.
fn urgency(state: AgentState) -> u8 {
    match state {
        AgentState::Lost { .. } => 0,
        AgentState::Exited { code: Some(0), .. } => 3,
        AgentState::Exited { .. } => 1,
        AgentState::Running { .. } => 2,
        AgentState::Hibernated => 4,
    }
}

fn since(state: AgentState) -> Option<i64> {
    match state {
        AgentState::Running { since_ms } => Some(since_ms),
        AgentState::Exited { at_ms, .. } | AgentState::Lost { at_ms } => Some(at_ms),
        AgentState::Hibernated => None,
    }
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    #[test]
    fn names_lead_back_to_their_order() {
        for text in ["-name", "state", "-state", "since", "-since"] {
            assert_eq!(Order::named(text).name().as_deref(), Some(text));
        }
        for text in ["", "name", "-", "size", "--since"] {
            assert_eq!(Order::named(text), Order::default(), "{text}");
        }
    }

    #[test]
    fn a_second_click_turns_the_order_around() {
        let once = Order::default().clicked(Column::State);
        assert_eq!(once.aria(Column::State), Some("ascending"));
        assert_eq!(once.aria(Column::Name), None);
        let twice = once.clicked(Column::State);
        assert_eq!(twice.aria(Column::State), Some("descending"));
        assert_eq!(twice.clicked(Column::State), once);
        assert_eq!(Order::default().clicked(Column::Name), Order::named("-name"));
    }

    #[test]
    fn agents_are_sorted_by_what_the_column_says() {
        let agent = |name: &str, state| {
            let settings = AgentSettings { name: name.into(), ..AgentSettings::default() };
            let id = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
            Agent { state, ..Agent::new(id, settings, 0) }
        };
        let agents = [
            agent("a", AgentState::Hibernated),
            agent("b", AgentState::Running { since_ms: 20 }),
            agent("c", AgentState::Exited { code: Some(1), at_ms: 10 }),
            agent("d", AgentState::Running { since_ms: 5 }),
            agent("e", AgentState::Lost { at_ms: 30 }),
        ];
        let check = |order: &str, names: &str| {
            let mut sorted: Vec<&Agent> = agents.iter().collect();
            Order::named(order).sort(&mut sorted);
            let found: String = sorted.iter().map(|agent| agent.settings.name.as_str()).collect();
            assert_eq!(found, names, "{order}");
        };
        check("name", "abcde");
        check("-name", "edcba");
        check("state", "ecbda");
        check("-state", "abdce");
        check("since", "dcbea");
        check("-since", "ebcda");
    }
}
