//! How many connections may be open, and which one goes when there are too many.
//!
//! A connection is silent until it has sent one complete request head, and asks until a gate knew
//! who asks. Both cost an attacker nothing, so they are few, few per address, and the oldest makes
//! room for the next: whoever sends its request at once gets in however many others wait or send
//! their bodies byte by byte. Whoever is known is never closed for others.
//!
//! An address may have a few more silent ones for a moment after they came. Without that moment,
//! a burst of others from the same machine pushes out a request that is already on its way; and
//! since even then one address never has most of them, it pushes out nobody else's.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// Connections that have not sent a request yet.
const SILENT: usize = 512;
/// Of these, from one address; this machine's own is no exception.
const SILENT_PER_ADDRESS: usize = 32;
/// The same with those that came within the last [`MOMENT`].
const BURST_PER_ADDRESS: usize = 128;
/// Connections that asked for something without having said who asks.
const ASKING: usize = 512;
/// Of these, from one address.
const ASKING_PER_ADDRESS: usize = 64;
/// All connections.
const ALL: usize = 4096;
/// Of these, kept for the listener of this machine, so that its owner always gets in.
const RESERVE: usize = 64;
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
    asking: usize,
    asking_per_address: usize,
    all: usize,
    reserve: usize,
}

impl Limits {
    /// What a process that may open this many files can bear.
    fn within(files: Option<u64>) -> Self {
        let room = files.map_or(ALL, |files| {
            usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(ALL).clamp(64, ALL)
        });
        let silent = SILENT.min(room / 2);
        let burst = BURST_PER_ADDRESS.min(silent / 4).max(SILENT_PER_ADDRESS.min(silent));
        let asking = ASKING.min(room / 4);
        Self {
            silent,
            per_address: SILENT_PER_ADDRESS,
            burst,
            asking,
            asking_per_address: ASKING_PER_ADDRESS.min(asking / 2),
            all: room,
            reserve: RESERVE.min(room / 8),
        }
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
    silent: Queue,
    asking: Queue,
}

/// Connections that make room for others, oldest first.
#[derive(Default)]
struct Queue {
    line: BTreeMap<u64, Stranger>,
    per_address: HashMap<IpAddr, Counts>,
}

/// Connections of one address in one queue.
#[derive(Default)]
struct Counts {
    all: usize,
    /// Of these, those that had their moment.
    waiting: usize,
}

struct Stranger {
    origin: IpAddr,
    waits: bool,
    closed: Arc<Notify>,
}

/// Counts one connection until it is dropped.
pub(crate) struct Slot {
    shared: Arc<Shared>,
    /// Its place in a queue; changed only while the table is locked.
    turn: AtomicU64,
    spoke: AtomicBool,
    known: AtomicBool,
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

    /// Takes a slot for a new connection, if need be from the oldest stranger. `owner` says that
    /// it came through the listener of this machine, which has some slots for itself. `None` when
    /// everybody who is here is known.
    pub(crate) fn enter(&self, peer: IpAddr, owner: bool) -> Option<Slot> {
        let origin = origin(peer);
        let limits = self.0.limits;
        let mut table = self.0.lock();
        if table.silent.of(origin) >= limits.burst {
            table.silent.close_oldest(|stranger| stranger.origin == origin);
        }
        if table.silent.line.len() >= limits.silent {
            table.silent.close_oldest(|_| true);
        }
        let all = if owner { limits.all } else { limits.all - limits.reserve };
        if table.open >= all && !table.make_room() {
            return None;
        }
        table.open += 1;
        let closed = Arc::new(Notify::new());
        let turn = table.turn();
        let stranger = Stranger { origin, waits: false, closed: Arc::clone(&closed) };
        table.silent.put(turn, stranger);
        Some(Slot {
            shared: Arc::clone(&self.0),
            turn: AtomicU64::new(turn),
            spoke: AtomicBool::new(false),
            known: AtomicBool::new(false),
            closed,
        })
    }

    /// Closes the oldest stranger, such as when the system has no more files.
    pub(crate) fn make_room(&self) {
        self.0.lock().make_room();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn turn(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn make_room(&mut self) -> bool {
        self.silent.close_oldest(|_| true) || self.asking.close_oldest(|_| true)
    }

    fn take(&mut self, turn: u64) -> Option<Stranger> {
        self.silent.take(turn).or_else(|| self.asking.take(turn))
    }
}

impl Queue {
    fn of(&self, origin: IpAddr) -> usize {
        self.per_address.get(&origin).map_or(0, |counts| counts.all)
    }

    fn put(&mut self, turn: u64, stranger: Stranger) {
        self.per_address.entry(stranger.origin).or_default().all += 1;
        self.line.insert(turn, stranger);
    }

    fn close_oldest(&mut self, which: impl Fn(&Stranger) -> bool) -> bool {
        let oldest = self.line.iter().find(|(_, stranger)| which(stranger)).map(|(turn, _)| *turn);
        let Some(stranger) = oldest.and_then(|turn| self.take(turn)) else { return false };
        // Counted as open until its task has let go of it, a moment later.
        stranger.closed.notify_one();
        true
    }

    fn take(&mut self, turn: u64) -> Option<Stranger> {
        let stranger = self.line.remove(&turn)?;
        if let Some(counts) = self.per_address.get_mut(&stranger.origin) {
            counts.all -= 1;
            counts.waiting -= usize::from(stranger.waits);
            if counts.all == 0 {
                self.per_address.remove(&stranger.origin);
            }
        }
        Some(stranger)
    }
}

impl Slot {
    /// A whole request head came from this client, which behind a proxy is not the peer. Until it
    /// is known who asks, the connection is one of the few that may ask.
    pub(super) fn speak(&self, client: IpAddr) {
        self.spoke.store(true, Ordering::Relaxed);
        let limits = self.shared.limits;
        let mut table = self.shared.lock();
        // Neither somebody known nor one that was told to go.
        let Some(stranger) = table.take(self.turn.load(Ordering::Relaxed)) else { return };
        let origin = origin(client);
        if table.asking.of(origin) >= limits.asking_per_address {
            table.asking.close_oldest(|stranger| stranger.origin == origin);
        }
        if table.asking.line.len() >= limits.asking {
            table.asking.close_oldest(|_| true);
        }
        let turn = table.turn();
        self.turn.store(turn, Ordering::Relaxed);
        table.asking.put(turn, Stranger { origin, waits: false, closed: stranger.closed });
    }

    /// A gate knew who asks: from now on the connection is not closed for others.
    pub(super) fn know(&self) {
        if !self.known.swap(true, Ordering::Relaxed) {
            let mut table = self.shared.lock();
            table.take(self.turn.load(Ordering::Relaxed));
        }
    }

    /// Its [`MOMENT`] is over: if it is silent, it is one of the few that may wait.
    pub(super) fn wait(&self) {
        let mut table = self.shared.lock();
        let queue = &mut table.silent;
        let turn = self.turn.load(Ordering::Relaxed);
        let Some(stranger) = queue.line.get_mut(&turn).filter(|stranger| !stranger.waits) else {
            return;
        };
        stranger.waits = true;
        let origin = stranger.origin;
        let counts = queue.per_address.entry(origin).or_default();
        counts.waiting += 1;
        if counts.waiting > self.shared.limits.per_address {
            queue.close_oldest(|stranger| stranger.origin == origin);
        }
    }

    /// Whether no request came yet.
    pub(super) fn is_silent(&self) -> bool {
        !self.spoke.load(Ordering::Relaxed)
    }

    /// Whether a gate ever knew who asks.
    pub(super) fn is_known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Hangs up, whoever it is.
    pub(super) fn close(&self) {
        self.closed.notify_one();
    }

    /// Waits until the connection has to go.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut table = self.shared.lock();
        table.take(self.turn.load(Ordering::Relaxed));
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
        Slots::with(Limits {
            silent: 5,
            per_address: 2,
            burst: 3,
            asking: 4,
            asking_per_address: 2,
            all: 9,
            reserve: 2,
        })
    }

    fn peer(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    fn enter(slots: &Slots, last: u8) -> Slot {
        slots.enter(peer(last), false).unwrap()
    }

    fn ask(slots: &Slots, last: u8) -> Slot {
        let slot = enter(slots, last);
        slot.speak(peer(last));
        slot
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
        let other = enter(&slots, 2);
        other.wait();
        let own: Vec<_> = (0..3).map(|_| enter(&slots, 1)).collect();
        assert_eq!(gone(&own), [false, false, false], "each has its moment");
        own[0].wait();
        own[0].wait();
        own[1].wait();
        assert_eq!(gone(&own), [false, false, false]);
        own[2].wait();
        assert_eq!(gone(&own), [true, false, false]);
        let _fourth = enter(&slots, 1);
        let _fifth = enter(&slots, 1);
        assert_eq!(gone(&own[1..]), [true, false], "a burst has its limit, too");
        assert!(!has_to_go(&other), "another address pays for nothing");
    }

    #[test]
    fn when_too_many_are_silent_the_oldest_of_all_goes() {
        let slots = Slots::with(Limits { all: 20, ..slots().0.limits });
        let waiting: Vec<_> = (1..=5).map(|n| enter(&slots, n)).collect();
        waiting[0].speak(peer(1));
        let six = enter(&slots, 6);
        assert_eq!(gone(&waiting), [false; 5], "one spoke: there was room");
        waiting[3].speak(peer(4));
        waiting[3].wait();
        drop(six);
        let _six = enter(&slots, 6);
        let _seven = enter(&slots, 7);
        let _eight = enter(&slots, 8);
        assert_eq!(gone(&waiting), [false, true, false, false, false]);
    }

    #[test]
    fn of_those_that_nobody_knows_the_one_that_asked_first_makes_room() {
        let slots = slots();
        let other = ask(&slots, 2);
        let own: Vec<_> = (0..3).map(|_| ask(&slots, 1)).collect();
        assert_eq!(gone(&own), [true, false, false], "of the same address");
        own[1].speak(peer(1));
        let fourth = ask(&slots, 1);
        assert_eq!(gone(&own[1..]), [false, true], "who asked again is younger");
        own[0].speak(peer(1));
        own[0].know();
        let _three = ask(&slots, 3);
        assert!(!has_to_go(&other), "there was room");
        let _four = ask(&slots, 4);
        assert!(has_to_go(&other), "of all");
        assert!(!has_to_go(&own[1]) && !has_to_go(&fourth));
    }

    #[test]
    fn behind_a_proxy_the_client_counts_that_it_names() {
        let slots = slots();
        let through: Vec<_> = (1..=3)
            .map(|client| {
                let slot = enter(&slots, 100);
                slot.speak(peer(client));
                slot
            })
            .collect();
        assert_eq!(gone(&through), [false; 3]);
        through[2].speak(peer(1));
        through[1].speak(peer(1));
        assert_eq!(gone(&through), [true, false, false]);
    }

    #[test]
    fn who_is_known_is_never_closed_for_others_and_leaves_room_when_it_ends() {
        let slots = slots();
        let known = |owner| {
            let slot = slots.enter(peer(1), owner).unwrap();
            slot.speak(peer(1));
            slot.know();
            slot.know();
            slot.wait();
            slot
        };
        let mut talking: Vec<_> = (0..7).map(|_| known(false)).collect();
        assert!(slots.enter(peer(9), false).is_none(), "the rest is this machine's");
        talking.extend((0..2).map(|_| known(true)));
        assert!(slots.enter(peer(9), true).is_none(), "no stranger is left to close");
        for slot in &talking {
            slot.speak(peer(2));
        }
        assert_eq!(gone(&talking), [false; 9]);
        drop(talking);
        let last = enter(&slots, 9);
        last.wait();
        drop(last);
        drop(ask(&slots, 9));
        let table = slots.0.lock();
        for queue in [&table.silent, &table.asking] {
            assert!(queue.line.is_empty() && queue.per_address.is_empty());
        }
        assert_eq!(table.open, 0);
    }

    #[test]
    fn when_all_are_taken_those_that_ask_make_room_for_whoever_comes() {
        let slots = slots();
        let asking: Vec<_> = (1..=4).map(|n| ask(&slots, n)).collect();
        let known: Vec<_> = (5..=7).map(|n| ask(&slots, n)).collect();
        for slot in &known {
            slot.know();
        }
        // Three of the four had to go, but their tasks have not noticed yet.
        assert_eq!(gone(&asking), [true, true, true, false]);
        let _next = enter(&slots, 8);
        assert_eq!(gone(&asking[3..]), [true]);
        assert_eq!(gone(&known), [false; 3]);
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
    fn a_process_with_few_files_keeps_some_for_itself_and_most_for_whom_it_knows() {
        let all = Limits {
            silent: 512,
            per_address: 32,
            burst: 128,
            asking: 512,
            asking_per_address: 64,
            all: 4096,
            reserve: 64,
        };
        assert_eq!(Limits::within(None), all);
        assert_eq!(Limits::within(Some(1 << 20)), all);
        let few = Limits { silent: 384, burst: 96, asking: 192, all: 768, ..all };
        assert_eq!(Limits::within(Some(1024)), few);
        let least = Limits::within(Some(10));
        assert_eq!((least.all, least.silent, least.burst, least.asking), (64, 32, 32, 16));
        for limits in [all, few, least] {
            assert!(limits.silent + limits.asking + limits.reserve < limits.all);
        }
    }
}
