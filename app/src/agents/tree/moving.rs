//! Moving an agent in the tree is renaming it: its groups change, its own part stays. Pure.

use std::collections::BTreeSet;

use protocol::agents::{Agent, split_levels};

/// The name of this agent in a group, which is written as in names: `payments-ledger`, or nothing
/// for no group.
pub(super) fn moved(name: &str, group: &str) -> String {
    let (_, own) = split_levels(name);
    if group.is_empty() { own.to_owned() } else { format!("{group}-{own}") }
}

/// The group that this agent is in.
pub(super) fn group_of(name: &str) -> String {
    split_levels(name).0.join("-")
}

/// A group for reading: `payments / ledger`.
pub(super) fn readable(group: &str) -> String {
    if group.is_empty() { "no group".to_owned() } else { group.replacen('-', " / ", 1) }
}

/// All groups that there are, ordered by name.
pub(super) fn groups(agents: &[Agent]) -> Vec<String> {
    let mut groups = BTreeSet::new();
    for agent in agents {
        let (levels, _) = agent.levels();
        for depth in 1..=levels.len() {
            groups.insert(levels[..depth].join("-"));
        }
    }
    groups.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    #[test]
    fn the_own_part_of_a_name_stays() {
        fn check(name: &str, group: &str, new: &str) {
            assert_eq!(moved(name, group), new, "{name} to {group}");
        }
        check("payments-ledger-fix", "mobile", "mobile-fix");
        check("payments-ledger-fix", "mobile-ios", "mobile-ios-fix");
        check("payments-ledger-fix", "", "fix");
        check("payments-ledger-fix", "payments-ledger", "payments-ledger-fix");
        check("payments-ledger", "mobile", "mobile-ledger");
        check("solo", "mobile", "mobile-solo");
        check("a-b-c-d", "x-y", "x-y-c-d");
        check("-odd", "x", "x--odd");
    }

    #[test]
    fn groups_of_both_levels_are_offered_once() {
        let agent = |name: &str| {
            let settings = AgentSettings { name: name.into(), ..AgentSettings::default() };
            Agent::new("01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap(), settings, 0)
        };
        let agents = ["b-x", "a-b-c", "a-b-d", "solo"].map(agent);
        assert_eq!(groups(&agents), ["a", "a-b", "b"]);
        assert_eq!(group_of("a-b-c-d"), "a-b");
        assert_eq!(readable("a-b"), "a / b");
        assert_eq!(readable(""), "no group");
    }
}
