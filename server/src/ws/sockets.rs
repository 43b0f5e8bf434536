//! Counts open sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many sockets are open. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct Sockets(Arc<AtomicUsize>);

/// One open socket; dropping it counts it out.
pub(super) struct Counted(Sockets);

impl Sockets {
    /// The count now.
    pub(crate) fn open(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts one more in.
    pub(super) fn count(&self) -> Counted {
        self.0.fetch_add(1, Ordering::Relaxed);
        Counted(self.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
