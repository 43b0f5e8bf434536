//! How many connections may be open, and which one goes when there are too many.
//!
//! A connection is silent until it has sent one complete request head. Silent ones cost an
//! attacker nothing, so they are few, few per address, and the oldest makes room for the next:
//! whoever sends its request at once gets in however many others wait.
//!
//! An address may have a few more of them for a moment after they came. Without that moment, a
//! burst of others from the same machine pushes out a request that is already on its way; and
//! since even then one address never has most of them, it pushes out nobody else's.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// Connections that have not sent a request yet.
const SILENT: usize = 512;
/// Of these, from one address; this machine's own is no exception.
const SILENT_PER_ADDRESS: usize = 32;
/// The same with those that came within the last [`MOMENT`].
const BURST_PER_ADDRESS: usize = 128;
/// All connections.
const ALL: usize = 4096;
/// Open files that are kept for everything else: the database, tmux, logs.
const OTHER_FILES: u64 = 256;

/// How long a connection may take to its request before it counts as one that waits.
pub(super) const MOMENT: Duration = Duration::from_millis(100);

/// Largest numbers of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limits {
    silent: usize,
    per_address: usize,
    burst: usize,
    all: usize,
}

impl Limits {
    /// What a process that may open this many files can bear.
    fn within(files: Option<u64>) -> Self {
        let room = files.map_or(ALL, |files| {
            usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(ALL).clamp(64, ALL)
        });
        let silent = SILENT.min(room / 2);
        let burst = BURST_PER_ADDRESS.min(silent / 4).max(SILENT_PER_ADDRESS.min(silent));
        Self { silent, per_address: SILENT_PER_ADDRESS, burst, all: room }
    }
}

/// All open connections of all listeners.
#[derive(Clone)]
pub(crate) struct Slots(Arc<Shared>);

struct Shared {
    limits: Limits,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next: u64,
    open: usize,
    /// Oldest first.
    silent: BTreeMap<u64, Silent>,
    per_address: HashMap<IpAddr, Counts>,
}

/// Silent connections of one address.
#[derive(Default)]
struct Counts {
    all: usize,
    /// Of these, those that had their moment.
    waiting: usize,
}

struct Silent {
    origin: IpAddr,
    waits: bool,
    closed: Arc<Notify>,
}

/// Counts one connection until it is dropped.
pub(crate) struct Slot {
    shared: Arc<Shared>,
    id: u64,
    spoke: AtomicBool,
    closed: Arc<Notify>,
}

impl Slots {
    /// As many as this process may have files for.
    pub(crate) fn new() -> Self {
        let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        Self::with(Limits::within(files))
    }

    fn with(limits: Limits) -> Self {
        Self(Arc::new(Shared { limits, table: Mutex::default() }))
    }

    /// Takes a slot for a new connection, if need be from the oldest silent one. `None` when
    /// everybody who is here has asked for something.
    pub(crate) fn enter(&self, peer: IpAddr) -> Option<Slot> {
        let origin = origin(peer);
        let limits = self.0.limits;
        let mut table = self.0.lock();
        if table.per_address.get(&origin).is_some_and(|count| count.all >= limits.burst) {
            table.close_oldest(|silent| silent.origin == origin);
        }
        if table.silent.len() >= limits.silent {
            table.close_oldest(|_| true);
        }
        if table.open >= limits.all && !table.close_oldest(|_| true) {
            return None;
        }
        let id = table.next;
        table.next += 1;
        table.open += 1;
        table.per_address.entry(origin).or_default().all += 1;
        let closed = Arc::new(Notify::new());
        table.silent.insert(id, Silent { origin, waits: false, closed: Arc::clone(&closed) });
        Some(Slot { shared: Arc::clone(&self.0), id, spoke: AtomicBool::new(false), closed })
    }

    /// Closes the oldest silent connection, such as when the system has no more files.
    pub(crate) fn make_room(&self) {
        self.0.lock().close_oldest(|_| true);
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn close_oldest(&mut self, which: impl Fn(&Silent) -> bool) -> bool {
        let oldest = self.silent.iter().find(|(_, silent)| which(silent)).map(|(id, _)| *id);
        let Some(silent) = oldest.and_then(|id| self.leave_silence(id)) else { return false };
        // Counted as open until its task has let go of it, a moment later.
        silent.closed.notify_one();
        true
    }

    fn leave_silence(&mut self, id: u64) -> Option<Silent> {
        let silent = self.silent.remove(&id)?;
        if let Some(count) = self.per_address.get_mut(&silent.origin) {
            count.all -= 1;
            count.waiting -= usize::from(silent.waits);
            if count.all == 0 {
                self.per_address.remove(&silent.origin);
            }
        }
        Some(silent)
    }
}

impl Slot {
    /// A whole request head came: from now on the connection is not closed for others.
    pub(crate) fn speak(&self) {
        if !self.spoke.swap(true, Ordering::Relaxed) {
            self.shared.lock().leave_silence(self.id);
        }
    }

    /// Its [`MOMENT`] is over: if it is silent, it is one of the few that may wait.
    pub(crate) fn wait(&self) {
        let mut table = self.shared.lock();
        let Some(silent) = table.silent.get_mut(&self.id).filter(|silent| !silent.waits) else {
            return;
        };
        silent.waits = true;
        let origin = silent.origin;
        let count = table.per_address.entry(origin).or_default();
        count.waiting += 1;
        if count.waiting > self.shared.limits.per_address {
            table.close_oldest(|silent| silent.origin == origin);
        }
    }

    /// Whether no request came yet.
    pub(crate) fn is_silent(&self) -> bool {
        !self.spoke.load(Ordering::Relaxed)
    }

    /// Waits until the connection has to go; for ever if it spoke first.
    pub(crate) async fn closed(&self) {
        self.closed.notified().await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut table = self.shared.lock();
        table.leave_silence(self.id);
        table.open -= 1;
    }
}

/// What counts as one address: of IPv6 the network, since a machine chooses the rest at will.
fn origin(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(six) if !six.is_loopback() => {
            let [a, b, c, d, ..] = six.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots() -> Slots {
        Slots::with(Limits { silent: 5, per_address: 2, burst: 3, all: 9 })
    }

    fn peer(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    fn has_to_go(slot: &Slot) -> bool {
        use std::task::{Context, Poll, Waker};
        let closed = std::pin::pin!(slot.closed());
        closed.poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    fn gone(slots: &[Slot]) -> Vec<bool> {
        slots.iter().map(has_to_go).collect()
    }

    #[test]
    fn of_those_that_wait_the_oldest_of_the_same_address_makes_room() {
        let slots = slots();
        let other = slots.enter(peer(2)).unwrap();
        other.wait();
        let own: Vec<_> = (0..3).map(|_| slots.enter(peer(1)).unwrap()).collect();
        assert_eq!(gone(&own), [false, false, false], "each has its moment");
        own[0].wait();
        own[0].wait();
        own[1].wait();
        assert_eq!(gone(&own), [false, false, false]);
        own[2].wait();
        assert_eq!(gone(&own), [true, false, false]);
        let _fourth = slots.enter(peer(1)).unwrap();
        let _fifth = slots.enter(peer(1)).unwrap();
        assert_eq!(gone(&own[1..]), [true, false], "a burst has its limit, too");
        assert!(!has_to_go(&other), "another address pays for nothing");
    }

    #[test]
    fn when_too_many_are_silent_the_oldest_of_all_goes() {
        let slots = slots();
        let waiting: Vec<_> = (1..=5).map(|n| slots.enter(peer(n)).unwrap()).collect();
        waiting[0].speak();
        let six = slots.enter(peer(6)).unwrap();
        assert_eq!(gone(&waiting), [false; 5], "one spoke: there was room");
        waiting[3].speak();
        waiting[3].wait();
        drop(six);
        let _six = slots.enter(peer(6)).unwrap();
        let _seven = slots.enter(peer(7)).unwrap();
        let _eight = slots.enter(peer(8)).unwrap();
        assert_eq!(gone(&waiting), [false, true, false, false, false]);
    }

    #[test]
    fn who_spoke_is_never_closed_for_others_and_leaves_room_when_it_ends() {
        let slots = slots();
        let talking: Vec<_> = (0..9)
            .map(|_| {
                let slot = slots.enter(peer(1)).unwrap();
                slot.speak();
                slot.wait();
                slot
            })
            .collect();
        assert!(slots.enter(peer(9)).is_none(), "nobody silent is left to close");
        assert_eq!(gone(&talking), [false; 9]);
        drop(talking);
        let last = slots.enter(peer(9)).unwrap();
        last.wait();
        drop(last);
        let table = slots.0.lock();
        assert!(table.silent.is_empty() && table.per_address.is_empty() && table.open == 0);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_mapped_ipv4_is_ipv4() {
        let of = |text: &str| origin(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_eq!(of("::1").to_string(), "::1");
    }

    #[test]
    fn a_process_with_few_files_keeps_some_for_itself() {
        let all = Limits { silent: 512, per_address: 32, burst: 128, all: 4096 };
        assert_eq!(Limits::within(None), all);
        assert_eq!(Limits::within(Some(1 << 20)), all);
        assert_eq!(Limits::within(Some(1024)), Limits { silent: 384, burst: 96, all: 768, ..all });
        let least = Limits::within(Some(10));
        assert_eq!((least.all, least.silent, least.burst), (64, 32, 32));
    }
}
