//! Ending logins and tokens, whatever the disk says.
//!
//! What is revoked is out at once: memory forgets it first. A disk that is full or takes no writes
//! hears of it again and again, until it takes it or the server stops.

use std::collections::BTreeSet;

use protocol::error::{ApiError, ErrorCode};
use store::{Store, StoreError};
use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::time::{Duration, sleep};

/// How long a disk is left alone that did not take it.
const AGAIN: Duration = Duration::from_secs(5);

/// What ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    /// Logins of devices.
    Devices,
    /// Tokens of scripts.
    Scripts,
    /// Tokens of the sessions in terminals.
    Sessions,
}

/// Ids of what ended and still stands on the disk. Bounded by what there was to end: while the
/// disk takes nothing, nothing new begins.
pub(super) type Waiting = BTreeSet<String>;

/// Endings of one kind of record, and one change of them after the other: two at once would not
/// reach the disk and memory in the same order.
pub(super) struct Endings {
    store: Store,
    of: Of,
    waiting: Mutex<Waiting>,
    added: Notify,
}

impl Endings {
    /// Nothing has ended yet.
    pub(super) fn new(store: Store, of: Of) -> Self {
        Self { store, of, waiting: Mutex::default(), added: Notify::new() }
    }

    /// Begins a change: others wait until the guard is dropped. What still has to end ends first,
    /// if the disk takes it.
    pub(super) async fn begin(&self) -> MutexGuard<'_, Waiting> {
        let mut waiting = self.waiting.lock().await;
        if !waiting.is_empty() {
            self.settle(&mut waiting).await;
        }
        waiting
    }

    /// Ends a record on the disk that memory has forgotten; one that is gone already is fine.
    pub(super) async fn end(&self, id: &str) -> Result<(), ApiError> {
        let mut waiting = self.waiting.lock().await;
        // Before the disk is asked: whoever waits for it may go away.
        waiting.insert(id.to_owned());
        match self.erase(id).await {
            Ok(()) => {
                waiting.remove(id);
                Ok(())
            }
            Err(error) => {
                tracing::error!(of = ?self.of, id, %error, "what ended still stands on the disk");
                self.added.notify_one();
                Err(ApiError::new(
                    ErrorCode::Unavailable,
                    "It is out now. The disk did not take it, so it must be revoked again after \
                     a restart.",
                ))
            }
        }
    }

    /// Ends on the disk what it did not take before. Never returns.
    pub(super) async fn keep_trying(&self) {
        loop {
            self.added.notified().await;
            loop {
                let mut waiting = self.waiting.lock().await;
                self.settle(&mut waiting).await;
                if waiting.is_empty() {
                    break;
                }
                drop(waiting);
                sleep(AGAIN).await;
            }
        }
    }

    async fn settle(&self, waiting: &mut Waiting) {
        while let Some(id) = waiting.first().cloned() {
            if let Err(error) = self.erase(&id).await {
                tracing::warn!(of = ?self.of, %error, "what ended still stands on the disk");
                return;
            }
            waiting.remove(&id);
        }
    }

    async fn erase(&self, id: &str) -> Result<(), StoreError> {
        match self.of {
            Of::Devices => self.store.logins().delete(id).await,
            Of::Scripts => match self.store.tokens().revoke(id).await {
                Ok(_) | Err(StoreError::NoSuchToken) => Ok(()),
                Err(error) => Err(error),
            },
            Of::Sessions => match id.parse() {
                Ok(terminal) => self.store.session_tokens().remove(&terminal).await,
                // Made of one.
                Err(_) => Ok(()),
            },
        }
    }
}
