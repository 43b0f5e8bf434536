//! What writing costs, counted where all writes end.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::error::StoreError;

/// Upper bounds of the buckets, in microseconds.
const BOUNDS_US: [u64; 10] =
    [1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];

/// What was written since the store was opened, and how large it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Transactions that were acknowledged.
    pub writes: u64,
    /// Transactions that the database or the disk failed; refusals (a taken name) do not count.
    pub write_errors: u64,
    /// How long they took, from their begin to the disk's answer.
    pub write_seconds: Durations,
    /// Size of the database file in bytes; 0 in memory.
    pub file_bytes: u64,
    /// Size of its write-ahead log in bytes.
    pub wal_bytes: u64,
}

/// A histogram of durations.
#[derive(Clone, Debug, PartialEq)]
pub struct Durations {
    /// Upper bound in seconds, and how many took at most that long. Cumulative.
    pub buckets: Vec<(f64, u64)>,
    /// All of them together, in seconds.
    pub sum: f64,
    /// How many.
    pub count: u64,
}

/// Counts writes; shared by all clones of a store.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    writes: AtomicU64,
    errors: AtomicU64,
    sum_us: AtomicU64,
    buckets: [AtomicU64; BOUNDS_US.len()],
    /// Why the last write failed; nothing after one that succeeded.
    trouble: watch::Sender<Option<String>>,
    /// A commit failed since the write-ahead log was last emptied.
    leftovers: AtomicBool,
}

impl Counters {
    /// One write ended after `elapsed`.
    pub(crate) fn count(&self, elapsed: Duration, error: Option<&StoreError>) {
        if error.is_none_or(StoreError::is_failure) {
            let now = error.map(ToString::to_string);
            self.trouble.send_if_modified(|before| {
                let changed = *before != now;
                *before = now;
                changed
            });
        }
        match error {
            None => self.writes.fetch_add(1, Ordering::Relaxed),
            Some(error) if error.is_failure() => self.errors.fetch_add(1, Ordering::Relaxed),
            Some(_refusal) => return,
        };
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        self.sum_us.fetch_add(elapsed_us, Ordering::Relaxed);
        let bucket = BOUNDS_US.iter().zip(&self.buckets).find(|(bound, _)| elapsed_us <= **bound);
        if let Some((_, bucket)) = bucket {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn has_leftovers(&self) -> bool {
        self.leftovers.load(Ordering::Relaxed)
    }

    pub(crate) fn set_leftovers(&self, there: bool) {
        self.leftovers.store(there, Ordering::Relaxed);
    }

    pub(crate) fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.trouble.subscribe()
    }

    pub(crate) fn statistics(&self, file_bytes: u64, wal_bytes: u64) -> Statistics {
        let writes = self.writes.load(Ordering::Relaxed);
        let write_errors = self.errors.load(Ordering::Relaxed);
        let mut below = 0;
        let buckets = BOUNDS_US
            .iter()
            .zip(&self.buckets)
            .map(|(bound, bucket)| {
                below += bucket.load(Ordering::Relaxed);
                (Duration::from_micros(*bound).as_secs_f64(), below)
            })
            .collect();
        let sum = Duration::from_micros(self.sum_us.load(Ordering::Relaxed)).as_secs_f64();
        Statistics {
            writes,
            write_errors,
            write_seconds: Durations { buckets, sum, count: writes + write_errors },
            file_bytes,
            wal_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_fall_into_their_buckets_and_refusals_into_none() {
        let counters = Counters::default();
        let trouble = counters.trouble();
        counters.count(Duration::from_micros(900), None);
        counters.count(Duration::from_mins(1), Some(&StoreError::DiskFull));
        counters.count(Duration::ZERO, Some(&StoreError::NoSuchAgent));
        assert!(trouble.borrow().as_ref().is_some_and(|why| why.contains("full")));
        counters.count(Duration::from_millis(30), None);
        assert_eq!(*trouble.borrow(), None);
        let counted = counters.statistics(10, 20);
        assert_eq!((counted.writes, counted.write_errors), (2, 1));
        assert_eq!((counted.file_bytes, counted.wal_bytes), (10, 20));
        let Durations { buckets, sum, count } = counted.write_seconds;
        assert_eq!(buckets.first(), Some(&(0.001, 1)));
        assert_eq!(buckets[4..6], [(0.025, 1), (0.05, 2)]);
        assert_eq!(buckets.last(), Some(&(5.0, 2)));
        assert_eq!(count, 3);
        assert!((sum - 60.0309).abs() < 1e-9, "{sum}");
    }
}
