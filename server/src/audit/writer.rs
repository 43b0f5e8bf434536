//! Stores entries, all that wait in one transaction, and signs where the trail stands.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::audit::Event;
use store::{Store, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::anchor::Anchor;
use super::entry::NewEntry;
use super::flood::Flood;
use super::troubles::Troubles;
use crate::clock::now_ms;

/// Entries of one transaction.
const BATCH: usize = 500;
/// Entries that wait in memory while the store takes none.
pub(super) const WAITING: usize = 10_000;
/// How long until the next try while the store takes none: twice as long each time, up to this.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LAST_WAIT: Duration = Duration::from_secs(30);
/// How often the head is signed when there is something new.
const SIGN_EVERY: Duration = Duration::from_hours(1);

/// An entry on its way. Whoever waits for it holds the other end of `_stored`, and goes on when
/// this is dropped.
pub(super) struct Letter {
    pub(super) event: Event,
    pub(super) _stored: Option<oneshot::Sender<()>>,
}

/// What the writer and those who write to it share.
pub(super) struct Shared {
    flood: Mutex<Flood>,
    began: Instant,
    /// Entries that found no room on their way.
    missed: AtomicU64,
    closing: AtomicBool,
    wake: Notify,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self {
            flood: Mutex::default(),
            began: Instant::now(),
            missed: AtomicU64::default(),
            closing: AtomicBool::default(),
            wake: Notify::new(),
        }
    }

    pub(super) fn flood(&self) -> MutexGuard<'_, Flood> {
        // Counts at worst: nothing in it is half done after a panic.
        self.flood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds on a clock that nobody sets.
    pub(super) fn elapsed_ms(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// One entry found no room.
    pub(super) fn miss(&self) {
        self.missed.fetch_add(1, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// There is something new to count.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// The writer ends when it has written what is there.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.wake.notify_one();
    }
}

/// The task behind a trail.
pub(super) struct Writer {
    store: Store,
    inbox: mpsc::Receiver<Letter>,
    shared: Arc<Shared>,
    anchor: Anchor,
    troubles: Troubles,
    waiting: VecDeque<Event>,
    /// Entries for which there was no room among those that wait.
    surplus: u64,
    /// While the store takes none: the next try, and how long was waited for it.
    retry: Option<(Instant, Duration)>,
}

impl Writer {
    pub(super) fn new(
        store: Store,
        inbox: mpsc::Receiver<Letter>,
        shared: Arc<Shared>,
        anchor: Anchor,
        troubles: Troubles,
    ) -> Self {
        let waiting = VecDeque::new();
        Self { store, inbox, shared, anchor, troubles, waiting, surplus: 0, retry: None }
    }

    /// Writes until the trail is closed or nobody holds it any more.
    pub(super) async fn run(mut self) {
        let mut trouble = self.store.trouble();
        // What was written before a crash is not signed yet.
        self.sign().await;
        let mut signing = interval_at(Instant::now() + SIGN_EVERY, SIGN_EVERY);
        signing.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut letters = Vec::new();
        loop {
            let mut sign = false;
            let next = self.next();
            tokio::select! {
                count = self.inbox.recv_many(&mut letters, BATCH) => if count == 0 { break },
                () = self.shared.wake.notified() => {}
                () = until(next) => {}
                // Somebody else's write succeeded: it is worth a try.
                Ok(()) = trouble.changed() => {
                    if trouble.borrow_and_update().is_none() {
                        self.retry = None;
                    }
                }
                _ = signing.tick() => sign = true,
            }
            if self.shared.closing.load(Ordering::Acquire) {
                self.inbox.close();
            }
            for letter in &letters {
                self.keep(letter.event.clone());
            }
            self.write().await;
            letters.clear();
            if sign {
                self.sign().await;
            }
        }
        self.end().await;
    }

    /// The next moment at which there is something to do without being told.
    fn next(&self) -> Option<Instant> {
        let count = self.shared.flood().next_due();
        let count = count.and_then(|due_ms| {
            let after = Duration::from_millis(u64::try_from(due_ms).ok()?);
            self.shared.began.checked_add(after)
        });
        let retry = self.retry.map(|(at, _)| at);
        count.into_iter().chain(retry).min()
    }

    fn keep(&mut self, event: Event) {
        if self.waiting.len() < WAITING {
            self.waiting.push_back(event);
        } else {
            self.surplus += 1;
        }
    }

    /// Stores what waits, if the store is not just being left alone.
    async fn write(&mut self) {
        let counts = self.shared.flood().due(self.shared.elapsed_ms());
        self.keep_all(counts);
        if self.retry.is_none_or(|(at, _)| at <= Instant::now()) {
            self.try_to_write().await;
        }
    }

    fn keep_all(&mut self, entries: Vec<NewEntry>) {
        for entry in entries {
            self.keep(entry.event(now_ms()));
        }
    }

    async fn try_to_write(&mut self) {
        loop {
            let missed = self.shared.missed.swap(0, Ordering::Relaxed);
            self.surplus = self.surplus.saturating_add(missed);
            if self.surplus > 0 && self.waiting.len() < WAITING {
                let entry = not_written(self.surplus);
                self.surplus = 0;
                self.keep(entry.event(now_ms()));
            }
            let some = self.waiting.len().min(BATCH);
            if some == 0 {
                break;
            }
            let batch = &self.waiting.make_contiguous()[..some];
            match self.store.audit().append(batch).await {
                Ok(entries) => {
                    self.waiting.drain(..some);
                    if let Some(last) = entries.last() {
                        self.anchor.moved(last.seq, last.hash);
                    }
                }
                Err(error) => return self.failed(&error),
            }
        }
        self.retry = None;
        self.troubles.written();
    }

    fn failed(&mut self, error: &StoreError) {
        tracing::error!(%error, waiting = self.waiting.len(), "the audit trail was not written");
        self.troubles.not_written(error);
        let wait = self.retry.map_or(FIRST_WAIT, |(_, waited)| (waited * 2).min(LAST_WAIT));
        self.retry = Some((Instant::now() + wait, wait));
    }

    async fn sign(&mut self) {
        self.anchor.sign(&self.store, &mut self.troubles).await;
    }

    /// Writes and signs the last of it.
    async fn end(mut self) {
        let counts = self.shared.flood().due(i64::MAX);
        self.keep_all(counts);
        self.try_to_write().await;
        if !self.waiting.is_empty() {
            let lost = self.waiting.len();
            tracing::error!(lost, "entries of the audit trail could not be written and are lost");
        }
        self.sign().await;
    }
}

fn not_written(count: u64) -> NewEntry {
    NewEntry::by_itself("audit.missed").failed(format!(
        "{count} more were not written: they came faster than they could be stored."
    ))
}

/// Waits for that moment; for ever without one.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
