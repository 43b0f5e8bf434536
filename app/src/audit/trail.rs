//! The part of the trail that is shown: grows at both ends without gaps or repeats. Pure.

use protocol::access::audit::AuditEntry;

/// Entries that are asked for at once.
pub(crate) const PART: u32 = 100;

/// Entries, newest first, and whether there may be older ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trail {
    pub(super) entries: Vec<AuditEntry>,
    pub(super) more: bool,
}

impl Trail {
    /// Number of the oldest entry.
    pub(super) fn oldest(&self) -> Option<i64> {
        self.entries.last().map(|entry| entry.seq)
    }

    /// The same with the part before its oldest entry.
    pub(super) fn with_older(mut self, part: Vec<AuditEntry>) -> Self {
        self.more = is_full(&part);
        self.entries.extend(part);
        self
    }

    /// The newest part, and what is known behind it. If entries are missing between the two, what
    /// is known is dropped: it can be loaded again.
    pub(super) fn with_newest(self, part: Vec<AuditEntry>) -> Self {
        let more = is_full(&part);
        let Some(last) = part.last().map(|entry| entry.seq) else {
            return Self { entries: part, more };
        };
        let joins = !more || self.entries.iter().any(|entry| entry.seq == last);
        let behind: Vec<AuditEntry> =
            self.entries.into_iter().filter(|entry| entry.seq < last).collect();
        if !joins || behind.is_empty() {
            return Self { entries: part, more };
        }
        let more = self.more;
        Self { entries: [part, behind].concat(), more }
    }
}

/// A part that is full may not be the last one.
fn is_full(part: &[AuditEntry]) -> bool {
    part.len() >= PART as usize
}

#[cfg(test)]
mod tests {
    use protocol::access::audit::Outcome;

    use super::*;

    fn part(newest: i64, count: i64) -> Vec<AuditEntry> {
        let entry = |seq| AuditEntry {
            seq,
            at_ms: seq,
            who: String::new(),
            how: String::new(),
            action: String::new(),
            object: String::new(),
            outcome: Outcome::Done,
            detail: String::new(),
            hash: String::new(),
        };
        (newest - count + 1..=newest).rev().map(entry).collect()
    }

    fn ends(trail: &Trail) -> (i64, i64, usize) {
        let first = trail.entries.first().map(|entry| entry.seq).unwrap_or_default();
        (first, trail.oldest().unwrap_or_default(), trail.entries.len())
    }

    #[test]
    fn older_parts_follow_until_one_is_not_full() {
        let trail = Trail::default().with_newest(part(250, 100));
        assert!(trail.more);
        let trail = trail.with_older(part(150, 100)).with_older(part(50, 50));
        assert_eq!((ends(&trail), trail.more), ((250, 1, 250), false));
    }

    #[test]
    fn new_entries_join_what_is_known_or_replace_it() {
        let known = || Trail::default().with_newest(part(250, 100)).with_older(part(150, 100));
        assert_eq!(ends(&known().with_newest(part(260, 100))), (260, 51, 210));
        let far = known().with_newest(part(900, 100));
        assert_eq!((ends(&far), far.more), ((900, 801, 100), true), "entries between are missing");
        assert_eq!(ends(&Trail::default().with_newest(part(3, 3))), (3, 1, 3));
        assert_eq!(Trail::default().with_newest(Vec::new()), Trail::default());
    }
}
