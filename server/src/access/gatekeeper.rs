//! Counts wrong credentials, and lets nobody try for ever.
//!
//! A right credential of 256 random bits is let in whatever was tried before: guessing one is
//! hopeless, and a flood of guesses must not keep people out. What is short enough to be guessed,
//! a pairing's code, is counted before it is looked at.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use domain::throttle::{Key, Throttles};
use protocol::error::ApiError;
use store::Store;
use tokio::sync::Notify;
use tokio::time::{Duration, sleep};

use crate::clock::now_ms;

/// Counts are written down at most this often.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// The counts of this instance. They outlast it.
pub struct Gatekeeper {
    store: Store,
    throttles: Mutex<Throttles>,
    changed: Notify,
}

/// An attempt that may be looked at. It counts as failed until it is forgiven.
#[derive(Debug)]
pub struct Reserved {
    keys: Vec<Key>,
    at_ms: i64,
}

impl Gatekeeper {
    /// Reads the counts of earlier times.
    pub async fn load(store: Store) -> Result<Self, ApiError> {
        let rows = store.throttle().load_all().await?;
        let throttles = Mutex::new(Throttles::stored(rows));
        Ok(Self { store, throttles, changed: Notify::new() })
    }

    /// Counts one attempt at something, from an address, as failed; refused when there were too
    /// many.
    pub fn reserve(&self, account: &str, from: IpAddr) -> Result<Reserved, ApiError> {
        let keys = vec![Key::Account(account.to_owned()), Key::address(from), Key::All];
        self.reserve_all(keys)
    }

    /// Counts a wrong credential that names nobody.
    pub fn wrong(&self, from: IpAddr) -> Result<(), ApiError> {
        self.reserve_all(vec![Key::address(from), Key::All]).map(drop)
    }

    /// The attempt was right.
    pub fn forgive(&self, reserved: &Reserved) {
        let mut throttles = self.throttles.lock().unwrap_or_else(PoisonError::into_inner);
        throttles.forgive(&reserved.keys, reserved.at_ms);
        self.changed.notify_one();
    }

    fn reserve_all(&self, keys: Vec<Key>) -> Result<Reserved, ApiError> {
        let at_ms = now_ms();
        let mut throttles = self.throttles.lock().unwrap_or_else(PoisonError::into_inner);
        throttles.reserve(&keys, at_ms)?;
        self.changed.notify_one();
        Ok(Reserved { keys, at_ms })
    }

    /// Writes counts down as they change.
    pub async fn write_down(&self) {
        loop {
            self.changed.notified().await;
            self.flush().await;
            sleep(WRITE_EVERY).await;
        }
    }

    /// Writes down what has changed.
    pub async fn flush(&self) {
        let changed = self.throttles.lock().unwrap_or_else(PoisonError::into_inner).changed();
        if changed.is_empty() {
            return;
        }
        if let Err(error) = self.store.throttle().save(&changed).await {
            tracing::warn!(%error, "failed logins were not written down");
        }
    }
}
