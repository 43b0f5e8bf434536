//! Numbers about the way to tmux, for metrics and for finding out why something is slow.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::error::TmuxError;

/// Upper bounds of the buckets of [`Latency`], in microseconds.
const BOUNDS_US: [u64; 13] = [
    500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
    2_000_000, 5_000_000,
];

/// What happened since this process started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Command lists that were handed to the control client.
    pub commands: u64,
    /// Of these, how many had no answer within five seconds.
    pub timeouts: u64,
    /// Of these, how many tmux refused.
    pub refused: u64,
    /// Time from handing over to the answer.
    pub latency: Latency,
    /// Command lists that wait for their answer now.
    pub queue_depth: usize,
    /// Bytes of output that arrived from programs.
    pub output_bytes: u64,
    /// Terminals that are being started or run.
    pub terminals: usize,
    /// How often the control client was replaced.
    pub reconnects: u64,
}

/// How long answers took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latency {
    /// Answers per bucket: the first took at most [`Latency::BOUNDS`]`[0]`, each other one longer
    /// than the bound before; the last bucket has no bound.
    pub counts: [u64; Self::BOUNDS.len() + 1],
    /// All times together.
    pub sum: Duration,
}

impl Latency {
    /// Upper bounds of all buckets but the last, 0.5 ms to 5 s.
    pub const BOUNDS: [Duration; BOUNDS_US.len()] = {
        let mut bounds = [Duration::ZERO; BOUNDS_US.len()];
        let mut index = 0;
        while index < bounds.len() {
            bounds[index] = Duration::from_micros(BOUNDS_US[index]);
            index += 1;
        }
        bounds
    };
}

/// Counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commands: AtomicU64,
    timeouts: AtomicU64,
    pub(crate) refused: AtomicU64,
    output_bytes: AtomicU64,
    pub(crate) reconnects: AtomicU64,
    depth: AtomicUsize,
    buckets: [AtomicU64; Latency::BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// Something that waits, until it is dropped.
pub(crate) struct Ticket {
    counters: Arc<Counters>,
    since: Instant,
}

impl Ticket {
    /// It has its answer.
    pub(crate) fn answered(&self) {
        self.counters.answered(self.since.elapsed());
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.counters.depth.fetch_sub(1, Relaxed);
    }
}

impl Counters {
    /// One more waits.
    pub(crate) fn enter(self: &Arc<Self>) -> Ticket {
        self.depth.fetch_add(1, Relaxed);
        Ticket { counters: Arc::clone(self), since: Instant::now() }
    }

    /// A command had no answer in time.
    pub(crate) fn timeout(&self, command: &str) -> TmuxError {
        self.timeouts.fetch_add(1, Relaxed);
        TmuxError::Timeout(command.to_owned())
    }

    /// Output of this many bytes arrived.
    pub(crate) fn output(&self, bytes: usize) {
        self.output_bytes.fetch_add(bytes as u64, Relaxed);
    }

    /// An answer took this long.
    fn answered(&self, time: Duration) {
        let bucket = Latency::BOUNDS.iter().position(|bound| time <= *bound);
        self.buckets[bucket.unwrap_or(Latency::BOUNDS.len())].fetch_add(1, Relaxed);
        self.micros.fetch_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    /// The numbers now.
    pub(crate) fn read(&self, terminals: usize) -> Statistics {
        let mut counts = [0; Latency::BOUNDS.len() + 1];
        for (count, bucket) in counts.iter_mut().zip(&self.buckets) {
            *count = bucket.load(Relaxed);
        }
        let sum = Duration::from_micros(self.micros.load(Relaxed));
        Statistics {
            commands: self.commands.load(Relaxed),
            timeouts: self.timeouts.load(Relaxed),
            refused: self.refused.load(Relaxed),
            latency: Latency { counts, sum },
            queue_depth: self.depth.load(Relaxed),
            output_bytes: self.output_bytes.load(Relaxed),
            terminals,
            reconnects: self.reconnects.load(Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_their_time() {
        let counters = Arc::new(Counters::default());
        let waiting = counters.enter();
        for micros in [0, 500, 501, 5_000_000, 5_000_001] {
            counters.answered(Duration::from_micros(micros));
        }
        let statistics = counters.read(7);
        assert_eq!(statistics.latency.counts, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!(statistics.latency.sum, Duration::from_micros(10_001_002));
        assert_eq!((statistics.queue_depth, statistics.terminals), (1, 7));
        drop(waiting);
        assert_eq!(counters.read(0).queue_depth, 0);
    }
}
