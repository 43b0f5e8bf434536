//! The tree as a list of visible rows: host, groups, agents. Pure, so it can be tested.

use std::collections::{HashMap, HashSet};

use protocol::agents::{Agent, AgentId, AgentState};

use crate::ui::hue_of;

/// What a row stands for, stable while names and states change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum RowKey {
    /// The machine.
    Host,
    /// The favourites.
    Pins,
    /// A favourite among them; its place in the tree is another row.
    Pin(AgentId),
    /// A group as names begin in it, `payments-ledger`.
    Group(String),
    /// An agent.
    Agent(AgentId),
}

/// One visible row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Depth, from 1.
    pub(super) level: u8,
    /// Text; a level with one child is joined with it: `checkout / sca`.
    pub(super) label: String,
    /// What is special about it.
    pub(super) kind: RowKind,
}

/// See [`Row::kind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    /// The machine with all its agents.
    Host {
        /// How many.
        agents: usize,
        /// Whether its children are shown.
        expanded: bool,
    },
    /// The favourites, before everything else.
    Pins {
        /// Whether its children are shown.
        expanded: bool,
    },
    /// Agents with a common part of their name.
    Group {
        /// For groups of the first level.
        hue: Option<u16>,
        /// Whether its children are shown.
        expanded: bool,
    },
    /// One agent.
    Agent {
        /// Second line.
        program: String,
        /// How it is doing.
        state: AgentState,
    },
}

/// All visible rows in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rows {
    order: Vec<RowKey>,
    rows: HashMap<RowKey, Row>,
}

/// Where a key press leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The focus moves.
    Focus(RowKey),
    /// The row opens or closes.
    Toggle(RowKey),
}

struct Group<'a> {
    name: &'a str,
    children: Vec<Child<'a>>,
}

enum Child<'a> {
    Group(Group<'a>),
    Agent(&'a Agent, &'a str),
}

impl Rows {
    /// The rows of these agents, which are ordered by name.
    pub(super) fn of(host: &str, agents: &[Agent], collapsed: &HashSet<RowKey>) -> Self {
        let mut rows = Self::default();
        rows.add_pins(agents, collapsed);
        let expanded = !collapsed.contains(&RowKey::Host);
        let kind = RowKind::Host { agents: agents.len(), expanded };
        rows.push(RowKey::Host, Row { level: 1, label: host.to_owned(), kind });
        if expanded {
            for child in &grouped(agents) {
                rows.add(child, 2, "", "", collapsed);
            }
        }
        rows
    }

    /// Keys from top to bottom.
    pub(super) fn order(&self) -> &[RowKey] {
        &self.order
    }

    /// A visible row.
    pub(super) fn get(&self, key: &RowKey) -> Option<&Row> {
        self.rows.get(key)
    }

    /// Where this key leads from this row, by the ARIA tree pattern.
    pub(super) fn step(&self, from: &RowKey, key: &str) -> Option<Step> {
        let at = self.order.iter().position(|known| known == from)?;
        let row = self.get(from)?;
        let focus = |key: Option<&RowKey>| key.cloned().map(Step::Focus);
        match key {
            "ArrowDown" => focus(self.order.get(at + 1)),
            "ArrowUp" => focus(at.checked_sub(1).and_then(|above| self.order.get(above))),
            "Home" => focus(self.order.first()),
            "End" => focus(self.order.last()),
            "ArrowRight" => match row.expanded() {
                Some(false) => Some(Step::Toggle(from.clone())),
                Some(true) => focus(self.order.get(at + 1)),
                None => None,
            },
            "ArrowLeft" => match row.expanded() {
                Some(true) => Some(Step::Toggle(from.clone())),
                _ => focus(self.parent(at, row.level)),
            },
            "Enter" | " " if row.expanded().is_some() => Some(Step::Toggle(from.clone())),
            letter if letter.chars().count() == 1 && letter != " " => {
                let after = self.order.iter().cycle().skip(at + 1).take(self.order.len());
                let wanted = letter.to_lowercase();
                focus(after.into_iter().find(|key| {
                    self.get(key).is_some_and(|row| row.label.to_lowercase().starts_with(&wanted))
                }))
            }
            _ => None,
        }
    }

    fn parent(&self, at: usize, level: u8) -> Option<&RowKey> {
        self.order[..at].iter().rev().find(|key| self.get(key).is_some_and(|row| row.level < level))
    }

    fn add_pins(&mut self, agents: &[Agent], collapsed: &HashSet<RowKey>) {
        let mut favourites = agents.iter().filter(|agent| agent.settings.favourite).peekable();
        if favourites.peek().is_none() {
            return;
        }
        let expanded = !collapsed.contains(&RowKey::Pins);
        let kind = RowKind::Pins { expanded };
        self.push(RowKey::Pins, Row { level: 1, label: "Pinned".to_owned(), kind });
        for agent in favourites.filter(|_| expanded) {
            let (mut parts, own) = agent.levels();
            parts.push(own);
            let row = Row { level: 2, label: parts.join(" / "), kind: kind_of(agent) };
            self.push(RowKey::Pin(agent.id.clone()), row);
        }
    }

    fn push(&mut self, key: RowKey, row: Row) {
        self.order.push(key.clone());
        self.rows.insert(key, row);
    }

    /// Adds a child with everything below it. `joined` is the text of levels that have only this
    /// child, `path` the groups above.
    fn add(
        &mut self,
        child: &Child<'_>,
        level: u8,
        joined: &str,
        path: &str,
        collapsed: &HashSet<RowKey>,
    ) {
        match child {
            Child::Agent(agent, own) => {
                let row = Row { level, label: format!("{joined}{own}"), kind: kind_of(agent) };
                self.push(RowKey::Agent(agent.id.clone()), row);
            }
            Child::Group(group) => {
                let label = format!("{joined}{}", group.name);
                let path = format!("{path}{}", group.name);
                if let [only] = group.children.as_slice() {
                    let (joined, path) = (format!("{label} / "), format!("{path}-"));
                    return self.add(only, level, &joined, &path, collapsed);
                }
                let first_level = path.split('-').next().unwrap_or(&path);
                let hue = (level == 2).then(|| hue_of(first_level));
                let key = RowKey::Group(path.clone());
                let expanded = !collapsed.contains(&key);
                self.push(key, Row { level, label, kind: RowKind::Group { hue, expanded } });
                if expanded {
                    for child in &group.children {
                        self.add(child, level + 1, "", &format!("{path}-"), collapsed);
                    }
                }
            }
        }
    }
}

impl Row {
    /// Whether the children are shown; `None` for agents.
    pub(super) fn expanded(&self) -> Option<bool> {
        match self.kind {
            RowKind::Host { expanded, .. }
            | RowKind::Pins { expanded }
            | RowKind::Group { expanded, .. } => Some(expanded),
            RowKind::Agent { .. } => None,
        }
    }
}

fn kind_of(agent: &Agent) -> RowKind {
    RowKind::Agent { program: agent.settings.program.clone(), state: agent.state }
}

fn grouped(agents: &[Agent]) -> Vec<Child<'_>> {
    let mut top = Vec::new();
    for agent in agents {
        let (groups, own) = agent.levels();
        let place = groups.into_iter().fold(&mut top, |children, name| group_in(children, name));
        place.push(Child::Agent(agent, own));
    }
    top
}

fn group_in<'list, 'a>(
    children: &'list mut Vec<Child<'a>>,
    name: &'a str,
) -> &'list mut Vec<Child<'a>> {
    let known = children
        .iter()
        .position(|child| matches!(child, Child::Group(group) if group.name == name));
    let at = known.unwrap_or_else(|| {
        children.push(Child::Group(Group { name, children: Vec::new() }));
        children.len() - 1
    });
    match &mut children[at] {
        Child::Group(group) => &mut group.children,
        Child::Agent(..) => unreachable!("the position was that of a group"),
    }
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    fn agents(names: &[&str]) -> Vec<Agent> {
        let agent = |(index, name): (usize, &&str)| {
            let settings = AgentSettings {
                name: (*name).to_owned(),
                program: "sh".into(),
                ..AgentSettings::default()
            };
            Agent::new(format!("{index:0>26}").parse().unwrap(), settings, 0)
        };
        names.iter().enumerate().map(agent).collect()
    }

    fn outline(rows: &Rows) -> Vec<String> {
        let line = |key: &RowKey| {
            let row = rows.get(key).unwrap();
            format!("{}{}", "  ".repeat(usize::from(row.level) - 1), row.label)
        };
        rows.order().iter().map(line).collect()
    }

    const NAMES: [&str; 6] = [
        "docs-site-handbook",
        "payments-checkout-sca",
        "payments-ledger-idempotency",
        "payments-ledger-reconcile",
        "scratch",
        "mobile-ios-widgets-v2",
    ];

    #[test]
    fn levels_with_one_child_are_joined() {
        let agents = agents(&NAMES);
        let rows = Rows::of("atlas", &agents, &HashSet::new());
        assert_eq!(
            outline(&rows),
            [
                "atlas",
                "  docs / site / handbook",
                "  payments",
                "    checkout / sca",
                "    ledger",
                "      idempotency",
                "      reconcile",
                "  scratch",
                "  mobile / ios / widgets-v2",
            ]
        );
    }

    #[test]
    fn a_collapsed_group_hides_what_is_below() {
        let agents = agents(&NAMES);
        let collapsed = HashSet::from([RowKey::Group("payments".into())]);
        let rows = Rows::of("atlas", &agents, &collapsed);
        assert_eq!(rows.order().len(), 5);
        let all = Rows::of("atlas", &agents, &HashSet::from([RowKey::Host]));
        assert_eq!(outline(&all), ["atlas"]);
    }

    #[test]
    fn favourites_come_first_and_stay_in_their_place() {
        let mut agents = agents(&NAMES);
        agents[2].settings.favourite = true;
        let rows = Rows::of("atlas", &agents, &HashSet::new());
        let outline = outline(&rows);
        assert_eq!(outline[..3], ["Pinned", "  payments / ledger / idempotency", "atlas"]);
        assert!(outline.contains(&"      idempotency".to_owned()));
        let pin = RowKey::Pin(agents[2].id.clone());
        assert_eq!(rows.step(&pin, "ArrowLeft"), Some(Step::Focus(RowKey::Pins)));
        assert_eq!(rows.step(&pin, "ArrowDown"), Some(Step::Focus(RowKey::Host)));
        let closed = Rows::of("atlas", &agents, &HashSet::from([RowKey::Pins]));
        assert_eq!(closed.order()[..2], [RowKey::Pins, RowKey::Host]);
    }

    #[test]
    fn keys_follow_the_tree_pattern() {
        let agents = agents(&NAMES);
        let rows = Rows::of("atlas", &agents, &HashSet::new());
        let payments = RowKey::Group("payments".into());
        let ledger = RowKey::Group("payments-ledger".into());
        let reconcile = RowKey::Agent(agents[3].id.clone());
        let check = |from: &RowKey, key: &str, step: Option<Step>| {
            assert_eq!(rows.step(from, key), step, "{key}");
        };
        check(&RowKey::Host, "ArrowUp", None);
        check(&RowKey::Host, "End", Some(Step::Focus(RowKey::Agent(agents[5].id.clone()))));
        check(&reconcile, "ArrowLeft", Some(Step::Focus(ledger.clone())));
        check(&ledger, "ArrowLeft", Some(Step::Toggle(ledger.clone())));
        check(&ledger, "ArrowRight", Some(Step::Focus(RowKey::Agent(agents[2].id.clone()))));
        check(&reconcile, "ArrowRight", None);
        check(&reconcile, "Enter", None);
        check(&payments, "Enter", Some(Step::Toggle(payments.clone())));
        check(&reconcile, "p", Some(Step::Focus(payments.clone())));
        check(&RowKey::Host, "z", None);
    }
}
