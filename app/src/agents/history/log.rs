//! What is known of a history, put together from its parts. Pure.

use protocol::agents::history::HistoryEntry;

/// Entries in one part.
pub(crate) const PART: u32 = 50;

/// Entries, newest first, without a gap between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) entries: Vec<HistoryEntry>,
    /// Whether there are older ones.
    pub(super) more: bool,
}

impl Log {
    /// The newest part, loaded now or again.
    pub(super) fn with_newest(mut self, newest: Vec<HistoryEntry>) -> Self {
        let full = is_full(&newest);
        let meets = newest
            .last()
            .is_none_or(|oldest| self.entries.first().is_some_and(|known| oldest.seq <= known.seq));
        if !meets {
            // More happened than one part holds: what is known lies behind a gap.
            return Self { entries: newest, more: full };
        }
        let first_known = newest.last().map_or(i64::MAX, |oldest| oldest.seq);
        self.entries.retain(|known| known.seq < first_known);
        self.more = if self.entries.is_empty() { full } else { self.more };
        self.entries.splice(0..0, newest);
        self
    }

    /// The part before the oldest entry.
    pub(super) fn with_older(mut self, older: Vec<HistoryEntry>) -> Self {
        self.more = is_full(&older);
        let oldest = self.oldest().unwrap_or(i64::MAX);
        self.entries.extend(older.into_iter().filter(|entry| entry.seq < oldest));
        self
    }

    /// Where older entries begin.
    pub(super) fn oldest(&self) -> Option<i64> {
        self.entries.last().map(|entry| entry.seq)
    }
}

fn is_full(part: &[HistoryEntry]) -> bool {
    u32::try_from(part.len()).is_ok_and(|count| count >= PART)
}

/// Runs of entries with the same key, in order.
pub(super) fn runs<K: PartialEq>(
    entries: &[HistoryEntry],
    key: impl Fn(&HistoryEntry) -> K,
) -> Vec<(K, Vec<HistoryEntry>)> {
    let mut runs: Vec<(K, Vec<HistoryEntry>)> = Vec::new();
    for entry in entries {
        let this = key(entry);
        match runs.last_mut() {
            Some((last, run)) if *last == this => run.push(entry.clone()),
            _ => runs.push((this, vec![entry.clone()])),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use protocol::agents::history::HistoryEvent;

    use super::*;

    fn part(seqs: impl Iterator<Item = i64>) -> Vec<HistoryEntry> {
        seqs.map(|seq| HistoryEntry { seq, at_ms: seq * 10, event: HistoryEvent::Lost }).collect()
    }

    fn seqs(log: &Log) -> Vec<i64> {
        log.entries.iter().map(|entry| entry.seq).collect()
    }

    #[test]
    fn parts_grow_together_without_gap_and_repetition() {
        let log = Log::default().with_newest(part((51..=100).rev()));
        assert!(log.more);
        let log = log.with_older(part((21..=50).rev()));
        assert_eq!((log.entries.len(), log.more), (80, false));
        let log = log.with_newest(part((53..=102).rev()));
        assert_eq!(seqs(&log), (21..=102).rev().collect::<Vec<_>>());
        assert!(!log.more, "the end was seen");
    }

    #[test]
    fn what_lies_behind_a_gap_is_forgotten() {
        let log = Log::default().with_newest(part((1..=3).rev()));
        assert!(!log.more);
        let log = log.with_newest(part((61..=110).rev()));
        assert_eq!((log.entries.len(), log.more, log.oldest()), (50, true, Some(61)));
    }

    #[test]
    fn an_empty_history_is_complete() {
        let log = Log::default().with_newest(Vec::new());
        assert_eq!(log, Log::default());
    }

    #[test]
    fn runs_keep_the_order() {
        let runs = runs(&part([9, 8, 7, 2, 1].into_iter()), |entry| entry.seq / 5);
        let told: Vec<_> = runs.iter().map(|(key, run)| (*key, run.len())).collect();
        assert_eq!(told, [(1, 3), (0, 2)]);
    }
}
