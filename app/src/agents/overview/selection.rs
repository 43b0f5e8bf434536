//! Which rows are chosen. Pure: what is shown, and in which order, is told with each step.

use std::collections::HashSet;

use protocol::agents::AgentId;

/// The chosen agents, and where a range begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Selection {
    chosen: HashSet<AgentId>,
    anchor: Option<AgentId>,
}

impl Selection {
    /// Whether this agent is chosen.
    pub(super) fn has(&self, id: &AgentId) -> bool {
        self.chosen.contains(id)
    }

    /// The chosen ones among those that are shown, in their order.
    pub(super) fn among(&self, shown: &[AgentId]) -> Vec<AgentId> {
        shown.iter().filter(|id| self.has(id)).cloned().collect()
    }

    /// Chooses this agent, or no longer.
    pub(super) fn toggle(&mut self, id: &AgentId) {
        if !self.chosen.remove(id) {
            self.chosen.insert(id.clone());
        }
        self.anchor = Some(id.clone());
    }

    /// Gives all rows from the last one that was toggled to this one the state that this one gets.
    pub(super) fn extend(&mut self, id: &AgentId, shown: &[AgentId]) {
        let place = |id: &AgentId| shown.iter().position(|shown| shown == id);
        let Some((from, to)) = self.anchor.as_ref().and_then(place).zip(place(id)) else {
            return self.toggle(id);
        };
        let choose = !self.has(id);
        for id in &shown[from.min(to)..=from.max(to)] {
            if choose {
                self.chosen.insert(id.clone());
            } else {
                self.chosen.remove(id);
            }
        }
        self.anchor = Some(id.clone());
    }

    /// Chooses everything that is shown; when it is already, nothing.
    pub(super) fn toggle_all(&mut self, shown: &[AgentId]) {
        let all = shown.iter().all(|id| self.has(id));
        *self = Self::default();
        if !all {
            self.chosen.extend(shown.iter().cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Vec<AgentId> {
        (0..5).map(|number| format!("{number:0>26}").parse().unwrap()).collect()
    }

    fn places(selection: &Selection, shown: &[AgentId]) -> String {
        shown.iter().map(|id| if selection.has(id) { 'x' } else { '.' }).collect()
    }

    #[test]
    fn a_range_runs_from_the_last_row_in_either_direction() {
        let ids = ids();
        let mut selection = Selection::default();
        selection.toggle(&ids[3]);
        selection.extend(&ids[1], &ids);
        assert_eq!(places(&selection, &ids), ".xxx.");
        selection.extend(&ids[4], &ids);
        assert_eq!(places(&selection, &ids), ".xxxx");
        selection.extend(&ids[3], &ids);
        assert_eq!(places(&selection, &ids), ".xx..", "what the last row becomes, all become");
        assert_eq!(selection.among(&ids), ids[1..3]);
    }

    #[test]
    fn without_a_beginning_a_range_is_one_row() {
        let ids = ids();
        let mut selection = Selection::default();
        selection.extend(&ids[2], &ids);
        assert_eq!(places(&selection, &ids), "..x..");
        // Its beginning is no longer shown.
        selection.extend(&ids[0], &ids[..2]);
        assert_eq!(places(&selection, &ids), "x.x..");
    }

    #[test]
    fn all_is_all_that_is_shown_and_then_nothing() {
        let ids = ids();
        let mut selection = Selection::default();
        selection.toggle(&ids[4]);
        selection.toggle_all(&ids[..2]);
        assert_eq!(places(&selection, &ids), "xx...", "rows that are not shown are let go");
        selection.toggle_all(&ids[..2]);
        assert_eq!(selection, Selection::default());
    }
}
