//! Counts wrong credentials, and lets nobody try for ever.
//!
//! A right credential of 256 random bits is let in whatever was tried before: guessing one is
//! hopeless, and a flood of guesses must not keep people out. What is short enough to be guessed,
//! a pairing's code, is counted before it is looked at.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use domain::throttle::{Key, Kind, Throttles};
use protocol::error::ApiError;
use store::Store;
use tokio::sync::Notify;
use tokio::time::{Duration, sleep};

use crate::clock::now_ms;

/// Counts are written down at most this often.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// How long a disk is left alone that did not take them.
const AGAIN: Duration = Duration::from_secs(30);

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

    /// Counts one attempt at a pairing, from an address, as failed; refused when there were too
    /// many.
    pub fn reserve(&self, account: &str, from: IpAddr) -> Result<Reserved, ApiError> {
        let keys = vec![
            Key::Account(account.to_owned()),
            Key::address(Kind::Pairing, from),
            Key::All(Kind::Pairing),
        ];
        self.reserve_all(keys)
    }

    /// Counts a wrong credential of this kind that names nobody.
    pub fn wrong(&self, kind: Kind, from: IpAddr) -> Result<(), ApiError> {
        self.reserve_all(vec![Key::address(kind, from), Key::All(kind)]).map(drop)
    }

    /// Counts a wrong credential of somebody who is known by this name.
    pub fn wrong_by(&self, account: &str) -> Result<(), ApiError> {
        self.reserve_all(vec![Key::Account(account.to_owned())]).map(drop)
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
            let pause = if self.flush().await { WRITE_EVERY } else { AGAIN };
            sleep(pause).await;
        }
    }

    /// Writes down what has changed; returns whether the disk took it. What it did not take is
    /// written with the next change.
    pub async fn flush(&self) -> bool {
        let changed = self.throttles.lock().unwrap_or_else(PoisonError::into_inner).changed();
        if changed.is_empty() {
            return true;
        }
        if let Err(error) = self.store.throttle().save(&changed).await {
            tracing::warn!(%error, "failed logins were not written down");
            self.throttles.lock().unwrap_or_else(PoisonError::into_inner).not_stored(changed);
            self.changed.notify_one();
            return false;
        }
        true
    }
}
