//! Keeps what does not succeed from filling the disk: whoever knocks a thousand times a minute leaves ten
//! entries and one with a count. Times are milliseconds of any clock that only goes forward.

use std::collections::HashMap;

use super::entry::NewEntry;

/// How long attempts are counted together.
pub(super) const WINDOW_MS: i64 = 60_000;
/// Written one by one in that time.
const SINGLE: u64 = 10;
/// Pairs of who and action that are told apart at a time; the others are counted together, so
/// nobody can get more room by pretending to be many.
const KEYS: usize = 256;

/// Who attempted what.
type Key = (String, String);

/// Attempts of one key since a moment.
#[derive(Debug)]
struct Window {
    ends_ms: i64,
    written: u64,
    held: u64,
    /// The way they came, as long as all came the same way.
    how: Option<String>,
}

/// Counts denials per key.
#[derive(Debug, Default)]
pub(super) struct Flood {
    windows: HashMap<Key, Window>,
    /// All keys for which there is no room.
    rest: Option<Window>,
}

/// What becomes of a denial.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is written as it is.
    Write(NewEntry),
    /// It is counted.
    Count {
        /// A window began to hold back: there is a new moment at which a count is due.
        first: bool,
    },
}

impl Flood {
    /// Takes a denial.
    pub(super) fn admit(&mut self, entry: NewEntry, now_ms: i64) -> Verdict {
        let key = (entry.who().to_owned(), entry.action().to_owned());
        if self.windows.len() >= KEYS && !self.windows.contains_key(&key) {
            // Those that hold nothing back and are over have nothing to tell.
            self.windows.retain(|_, window| window.held > 0 || window.ends_ms > now_ms);
        }
        let new = || Window {
            ends_ms: now_ms.saturating_add(WINDOW_MS),
            written: 0,
            held: 0,
            how: Some(entry.how().to_owned()),
        };
        let window = if self.windows.len() < KEYS || self.windows.contains_key(&key) {
            self.windows.entry(key).or_insert_with(new)
        } else {
            self.rest.get_or_insert_with(new)
        };
        if window.held == 0 && window.ends_ms <= now_ms {
            *window = new();
        }
        if window.written < SINGLE {
            window.written += 1;
            return Verdict::Write(entry);
        }
        if window.held == 0 {
            window.how = Some(entry.how().to_owned());
        } else if window.how.as_deref() != Some(entry.how()) {
            window.how = None;
        }
        window.held += 1;
        Verdict::Count { first: window.held == 1 }
    }

    /// The counts of the windows that are over, as entries.
    pub(super) fn due(&mut self, now_ms: i64) -> Vec<NewEntry> {
        let mut due = Vec::new();
        self.windows.retain(|(who, action), window| {
            let over = window.ends_ms <= now_ms;
            if over && window.held > 0 {
                due.push(window.count(who, action));
            }
            !over
        });
        if let Some(rest) = self.rest.take_if(|rest| rest.ends_ms <= now_ms)
            && rest.held > 0
        {
            due.push(rest.count("several", "several"));
        }
        due
    }

    /// When the next count is due.
    pub(super) fn next_due(&self) -> Option<i64> {
        let windows = self.windows.values().chain(&self.rest);
        windows.filter(|window| window.held > 0).map(|window| window.ends_ms).min()
    }
}

impl Window {
    fn count(&self, who: &str, action: &str) -> NewEntry {
        let how = self.how.as_deref().unwrap_or("several");
        NewEntry::counted(who, how, action).denied(format!(
            "{} more attempts like this did not succeed within a minute.",
            self.held
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denial(who: &str, how: &str, action: &str) -> NewEntry {
        NewEntry::counted(who, how, action).denied("No.")
    }

    /// How many of these are written one by one.
    fn knock(flood: &mut Flood, times: usize, who: &str, now_ms: i64) -> usize {
        (0..times)
            .filter(|_| {
                let verdict = flood.admit(denial(who, "http ::1", "x"), now_ms);
                matches!(verdict, Verdict::Write(_))
            })
            .count()
    }

    #[test]
    fn ten_are_written_and_the_rest_is_one_entry_at_the_end_of_the_minute() {
        let mut flood = Flood::default();
        assert_eq!(knock(&mut flood, 10, "a", 1_000), 10);
        assert_eq!(flood.next_due(), None);
        assert_eq!(
            flood.admit(denial("a", "http ::1", "x"), 2_000),
            Verdict::Count { first: true }
        );
        assert_eq!(
            flood.admit(denial("a", "http ::1", "x"), 2_000),
            Verdict::Count { first: false }
        );
        assert_eq!(knock(&mut flood, 998, "a", 60_999), 0);
        assert_eq!(flood.next_due(), Some(61_000));
        assert_eq!(flood.due(60_999), []);
        let expected = NewEntry::counted("a", "http ::1", "x")
            .denied("1000 more attempts like this did not succeed within a minute.");
        assert_eq!(flood.due(61_000), [expected]);
        assert_eq!((flood.next_due(), flood.due(i64::MAX)), (None, vec![]));
        assert_eq!(knock(&mut flood, 30, "a", 61_000), 10);
    }

    #[test]
    fn others_and_other_actions_have_their_own_ten() {
        let mut flood = Flood::default();
        assert_eq!(knock(&mut flood, 30, "a", 0), 10);
        assert_eq!(knock(&mut flood, 30, "b", 0), 10);
        let other = denial("a", "http ::1", "y");
        assert_eq!(flood.admit(other.clone(), 0), Verdict::Write(other));
        assert_eq!(flood.due(WINDOW_MS).len(), 2);
    }

    #[test]
    fn a_window_that_held_nothing_back_begins_anew_by_itself() {
        let mut flood = Flood::default();
        assert_eq!(knock(&mut flood, 9, "a", 0), 9);
        assert_eq!(knock(&mut flood, 11, "a", WINDOW_MS), 10);
        assert_eq!(flood.next_due(), Some(2 * WINDOW_MS));
    }

    #[test]
    fn a_count_that_is_late_still_counts_all_and_lets_nothing_slip_between() {
        let mut flood = Flood::default();
        knock(&mut flood, 15, "a", 0);
        assert_eq!(knock(&mut flood, 5, "a", WINDOW_MS + 5), 0);
        let [count] = flood.due(WINDOW_MS + 6).try_into().unwrap();
        assert!(count.event(0).detail.starts_with("10 more "));
    }

    #[test]
    fn ways_are_named_while_they_are_the_same() {
        let mut flood = Flood::default();
        knock(&mut flood, 11, "a", 0);
        flood.admit(denial("a", "socket ::1", "x"), 0);
        let [count] = flood.due(WINDOW_MS).try_into().unwrap();
        assert_eq!(count.how(), "several");
    }

    #[test]
    fn a_crowd_of_names_gets_no_more_room_than_its_table() {
        let mut flood = Flood::default();
        let written: usize =
            (0..10_000).map(|number| knock(&mut flood, 1, &format!("n{number}"), 0)).sum();
        assert_eq!(written, KEYS + 10);
        assert_eq!(flood.windows.len(), KEYS);
        let [count] = flood.due(WINDOW_MS).try_into().unwrap();
        assert_eq!((count.who(), count.action()), ("several", "several"));
        assert!(count.event(0).detail.starts_with(&format!("{} more ", 10_000 - KEYS - 10)));
        assert_eq!(knock(&mut flood, 1, "later", WINDOW_MS), 1);
        assert_eq!(flood.windows.len(), 1);
    }

    #[test]
    fn windows_that_are_over_make_room() {
        let mut flood = Flood::default();
        for number in 0..KEYS {
            knock(&mut flood, 1, &format!("n{number}"), 0);
        }
        assert_eq!(knock(&mut flood, 30, "new", WINDOW_MS), 10);
        assert!(flood.rest.is_none());
        assert_eq!(flood.windows.len(), 1);
    }
}
