//! One request of somebody who may be a stranger, who does not get for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::Request;
use axum::http::Method;
use tokio::time::sleep;

use super::slots::Slot;

/// How long a stranger's request may take from its head to the head of its answer, its body
/// included.
const PATIENCE: Duration = Duration::from_secs(15);
/// A device that waits for the owner's word is held for 25 seconds by its handler.
const HELD: Duration = Duration::from_secs(40);
/// Where it waits.
const WAITING_ROOM: &str = "/api/pair/wait";

/// An extension of every request: the credential gate says with it that it knows who asks. Then
/// neither the request has a deadline nor its connection to make room for others.
#[derive(Clone)]
pub(crate) struct Welcome {
    slot: Arc<Slot>,
    /// Of this request: behind a proxy, the next one may be a stranger's.
    known: Arc<AtomicBool>,
}

impl Welcome {
    pub(super) fn new(slot: &Arc<Slot>) -> Self {
        Self { slot: Arc::clone(slot), known: Arc::default() }
    }

    /// It is known who asks.
    pub(crate) fn known(&self) {
        self.known.store(true, Ordering::Relaxed);
        self.slot.know();
    }

    /// Hangs up when a stranger's request took too long; else waits for ever.
    pub(super) async fn expire<T>(&self, patience: Duration) -> T {
        sleep(patience).await;
        if !self.known.load(Ordering::Relaxed) {
            tracing::debug!("the request of somebody unknown took too long");
            self.slot.close();
        }
        std::future::pending().await
    }
}

/// How long this request may take if nobody knows who asks.
pub(super) fn patience(request: &Request) -> Duration {
    let waits = *request.method() == Method::POST && request.uri().path() == WAITING_ROOM;
    if waits { HELD } else { PATIENCE }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;
    use crate::http::listen::Slots;

    #[tokio::test]
    async fn only_a_strangers_request_expires() {
        let slots = Slots::new();
        let slot = Arc::new(slots.enter([10, 0, 0, 1].into(), false).unwrap());
        slot.speak([10, 0, 0, 1].into());
        let hung_up = async |welcome: Welcome| {
            tokio::select! {
                // In this order: a busy machine may find all of them ready at once.
                biased;
                never = welcome.expire(Duration::from_millis(20)) => never,
                () = slot.closed() => true,
                () = sleep(Duration::from_millis(200)) => false,
            }
        };
        let owner = Welcome::new(&slot);
        owner.known();
        assert!(!hung_up(owner).await);
        assert!(slot.is_known());
        assert!(hung_up(Welcome::new(&slot)).await, "the next on the same connection is nobody's");
    }

    #[test]
    fn whoever_waits_for_the_owners_word_has_more_time() {
        let of = |method: &str, path: &str| {
            patience(&Request::builder().method(method).uri(path).body(Body::default()).unwrap())
        };
        assert_eq!(of("POST", "/api/pair/wait"), HELD);
        assert_eq!(of("POST", "/api/pair/wait?x"), HELD);
        for (method, path) in [("GET", "/api/pair/wait"), ("POST", "/api/pair/wait/x")] {
            assert_eq!(of(method, path), PATIENCE, "{method} {path}");
        }
        assert_eq!(of("POST", "/api/login"), PATIENCE);
    }
}
