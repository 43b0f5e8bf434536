//! When to connect, prove who we are, ping and give up: the connection as a state machine that
//! knows no socket, no clock and no randomness.

use protocol::access::Role;
use protocol::frame::close;
use protocol::limits;

use super::Connection;

/// A socket that did not become ready after this long is given up, in milliseconds.
const READY_DEADLINE_MS: u64 = 10_000;
/// A gap that lasts this long is worth a banner, in milliseconds.
const LASTING_MS: u64 = 2_000;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The socket is open.
    Opened,
    /// The server knows us, in this role; it is of this build.
    Hello(String, Role),
    /// The answer to [`Command::Ping`].
    Pong(u64),
    /// The socket closed, or could not be opened.
    Closed(u16),
    /// The server does not know this login.
    LoginEnded,
    /// The time that [`Link::wake_at`] named has come.
    Woke,
    /// The network is back, the tab is looked at, or somebody asked: do not wait any longer.
    Nudged,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Open a socket in place of the last one.
    Connect,
    /// Close the socket; nothing it says counts any more.
    Disconnect,
    /// Ask over HTTP whether the login is still good: a refused socket does not say why.
    CheckLogin,
    /// Send AUTH.
    Authenticate,
    /// Subscribe again and open every channel again.
    Resume,
    /// Send PING with this number.
    Ping(u64),
    /// Load the page again: it was made for another role.
    Reload,
}

/// The connection. Times are milliseconds on one clock that never goes back.
#[derive(Debug)]
pub(super) struct Link {
    phase: Phase,
    /// Build of the page.
    build: String,
    /// Role that the page was made for.
    role: Role,
    /// Connections that failed since one worked.
    failures: u32,
    /// Since when there is none.
    lost_ms: u64,
    was_live: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting {
        until_ms: u64,
        wait_ms: u64,
    },
    Opening {
        since_ms: u64,
        open: bool,
    },
    /// What the server says by itself does not show that it hears us: only an answer does.
    Ready {
        answered_ms: u64,
        pinged: bool,
        rtt_ms: Option<u32>,
        outdated: bool,
    },
    LoggedOut,
}

impl Link {
    /// A connection of a page of this build and role, to be opened at the first [`Event::Woke`].
    pub(super) fn new(build: String, role: Role, now_ms: u64) -> Self {
        let phase = Phase::Waiting { until_ms: now_ms, wait_ms: 0 };
        Self { phase, build, role, failures: 0, lost_ms: now_ms, was_live: false }
    }

    /// Takes an event. `chance` is a random number in 0..1.
    pub(super) fn step(&mut self, event: &Event, now_ms: u64, chance: f64) -> Vec<Command> {
        match (event, self.phase) {
            (Event::Opened, Phase::Opening { since_ms, .. }) => {
                self.phase = Phase::Opening { since_ms, open: true };
                vec![Command::Authenticate]
            }
            (Event::Hello(_, role), Phase::Opening { .. }) if *role != self.role => {
                vec![Command::Reload]
            }
            (Event::Hello(build, _), Phase::Opening { .. }) => {
                let outdated = *build != self.build;
                self.phase =
                    Phase::Ready { answered_ms: now_ms, pinged: true, rtt_ms: None, outdated };
                self.was_live = true;
                vec![Command::Resume, Command::Ping(now_ms)]
            }
            (Event::Pong(sent_ms), Phase::Ready { outdated, .. }) => {
                // An answer proves more than a greeting: from here on, a loss is a new one.
                self.failures = 0;
                let rtt_ms = u32::try_from(now_ms.saturating_sub(*sent_ms)).ok();
                self.phase = Phase::Ready { answered_ms: now_ms, pinged: false, rtt_ms, outdated };
                vec![]
            }
            (Event::Closed(close::UNAUTHENTICATED), _) => {
                self.phase = Phase::LoggedOut;
                vec![]
            }
            (Event::Closed(_), Phase::Opening { open: false, .. }) => {
                self.lose(now_ms, chance);
                // Asked ever more rarely: mostly it is just the server that is not there.
                if self.failures.is_power_of_two() { vec![Command::CheckLogin] } else { vec![] }
            }
            (Event::Closed(_), Phase::Opening { .. } | Phase::Ready { .. }) => {
                self.lose(now_ms, chance);
                vec![]
            }
            (Event::LoginEnded, Phase::Waiting { .. } | Phase::Opening { .. }) => {
                self.phase = Phase::LoggedOut;
                vec![Command::Disconnect]
            }
            (Event::Woke, _) => self.wake(now_ms, chance),
            (Event::Nudged, Phase::Waiting { .. }) => self.connect(now_ms),
            (Event::Nudged, Phase::Ready { answered_ms, rtt_ms, outdated, .. }) => {
                // The network may have changed under a socket that looks open.
                self.phase = Phase::Ready { answered_ms, pinged: true, rtt_ms, outdated };
                vec![Command::Ping(now_ms)]
            }
            // Late news of a socket that was given up.
            _ => vec![],
        }
    }

    fn wake(&mut self, now_ms: u64, chance: f64) -> Vec<Command> {
        match self.phase {
            Phase::Waiting { until_ms, .. } if now_ms >= until_ms => self.connect(now_ms),
            Phase::Opening { since_ms, .. } if now_ms >= since_ms + READY_DEADLINE_MS => {
                self.lose(now_ms, chance);
                vec![Command::Disconnect]
            }
            Phase::Ready { answered_ms, .. } if now_ms >= answered_ms + limits::SOCKET_DEAD_MS => {
                self.lose(now_ms, chance);
                vec![Command::Disconnect]
            }
            Phase::Ready { answered_ms, pinged: false, rtt_ms, outdated }
                if now_ms >= answered_ms + limits::PING_EVERY_MS =>
            {
                self.phase = Phase::Ready { answered_ms, pinged: true, rtt_ms, outdated };
                vec![Command::Ping(now_ms)]
            }
            _ => vec![],
        }
    }

    fn connect(&mut self, now_ms: u64) -> Vec<Command> {
        self.phase = Phase::Opening { since_ms: now_ms, open: false };
        vec![Command::Connect]
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a share of at most ten thousand milliseconds"
    )]
    fn lose(&mut self, now_ms: u64, chance: f64) {
        if matches!(self.phase, Phase::Ready { .. }) {
            self.lost_ms = now_ms;
        }
        let longest =
            limits::RECONNECT_MAX_MS.min(limits::RECONNECT_MIN_MS << self.failures.min(16));
        let wait_ms = (longest as f64 * chance) as u64;
        self.failures += 1;
        self.phase = Phase::Waiting { until_ms: now_ms + wait_ms, wait_ms };
    }

    /// When [`Event::Woke`] is due.
    pub(super) fn wake_at(&self, now_ms: u64) -> Option<u64> {
        let due_ms = match self.phase {
            Phase::Waiting { until_ms, .. } => until_ms,
            Phase::Opening { since_ms, .. } => since_ms + READY_DEADLINE_MS,
            Phase::Ready { answered_ms, pinged: true, .. } => answered_ms + limits::SOCKET_DEAD_MS,
            Phase::Ready { answered_ms, pinged: false, .. } => answered_ms + limits::PING_EVERY_MS,
            Phase::LoggedOut => return None,
        };
        let lasting_ms = self.lost_ms + LASTING_MS;
        let gap_grows = !self.is_ready() && now_ms < lasting_ms;
        Some(if gap_grows { due_ms.min(lasting_ms) } else { due_ms })
    }

    /// Whether what is sent now arrives.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready { .. })
    }

    /// What the page shows.
    pub(super) fn connection(&self, now_ms: u64) -> Connection {
        let wait_ms = match self.phase {
            Phase::LoggedOut => return Connection::LoggedOut,
            Phase::Ready { outdated: true, .. } => return Connection::Outdated,
            Phase::Ready { rtt_ms, .. } => return Connection::Live { rtt_ms },
            Phase::Waiting { wait_ms, .. } => wait_ms,
            Phase::Opening { .. } => 0,
        };
        if !self.was_live && self.failures == 0 {
            return Connection::Connecting;
        }
        let lasting = now_ms >= self.lost_ms + LASTING_MS;
        Connection::Reconnecting { attempt: self.failures.max(1), wait_ms, lasting }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABNORMAL: u16 = 1006;

    fn live(now_ms: u64) -> Link {
        let mut link = Link::new("b1".into(), Role::Operator, now_ms);
        assert_eq!(link.connection(now_ms), Connection::Connecting);
        assert_eq!(link.step(&Event::Woke, now_ms, 0.5), [Command::Connect]);
        assert_eq!(link.step(&Event::Opened, now_ms, 0.5), [Command::Authenticate]);
        let hello = Event::Hello("b1".into(), Role::Operator);
        assert_eq!(link.step(&hello, now_ms, 0.5), [Command::Resume, Command::Ping(now_ms)]);
        assert_eq!(link.step(&Event::Pong(now_ms), now_ms + 7, 0.5), []);
        assert_eq!(link.connection(now_ms), Connection::Live { rtt_ms: Some(7) });
        link
    }

    #[test]
    fn a_server_that_answers_no_ping_is_given_up() {
        let mut link = live(1_000);
        assert_eq!(link.wake_at(1_007), Some(21_007));
        assert_eq!(link.step(&Event::Woke, 21_006, 0.5), []);
        assert_eq!(link.step(&Event::Woke, 21_007, 0.5), [Command::Ping(21_007)]);
        assert_eq!(link.wake_at(22_000), Some(46_007));
        assert_eq!(link.step(&Event::Woke, 46_007, 0.5), [Command::Disconnect]);
        assert!(!link.is_ready());
    }

    #[test]
    fn pauses_double_with_full_jitter_up_to_their_limit() {
        fn check(failures: usize, chance: f64, wait_ms: u64) {
            let mut link = live(0);
            let mut now_ms = 10;
            for _ in 1..failures {
                link.step(&Event::Closed(ABNORMAL), now_ms, 1.0);
                now_ms = link.wake_at(u64::MAX).unwrap();
                assert_eq!(link.step(&Event::Woke, now_ms, 1.0), [Command::Connect]);
            }
            link.step(&Event::Closed(ABNORMAL), now_ms, chance);
            assert_eq!(link.wake_at(u64::MAX), Some(now_ms + wait_ms), "{failures} {chance}");
        }
        check(1, 1.0, 200);
        check(1, 0.0, 0);
        check(2, 1.0, 400);
        check(4, 0.5, 800);
        check(6, 1.0, 6_400);
        check(7, 1.0, 10_000);
        check(90, 1.0, 10_000);
    }

    #[test]
    fn a_short_gap_is_quiet_and_a_long_one_is_said() {
        let mut link = live(0);
        link.step(&Event::Closed(ABNORMAL), 100_000, 1.0);
        let gap = |lasting| Connection::Reconnecting { attempt: 1, wait_ms: 200, lasting };
        assert_eq!(link.connection(100_001), gap(false));
        assert_eq!(link.connection(102_000), gap(true));
        link.step(&Event::Woke, 100_200, 1.0);
        assert_eq!(link.wake_at(100_200), Some(102_000), "to say so in time");
        assert_eq!(link.wake_at(102_000), Some(110_200));
    }

    #[test]
    fn the_network_coming_back_ends_the_pause() {
        let mut link = live(0);
        link.step(&Event::Closed(close::GOING_AWAY), 50, 1.0);
        assert_eq!(link.step(&Event::Nudged, 60, 1.0), [Command::Connect]);
        assert_eq!(link.step(&Event::Nudged, 61, 1.0), [], "it is on its way");
        let mut link = live(0);
        assert_eq!(link.step(&Event::Nudged, 70, 1.0), [Command::Ping(70)], "is it still there?");
    }

    #[test]
    fn an_ended_login_is_not_retried() {
        let mut link = live(0);
        assert_eq!(link.step(&Event::Closed(close::UNAUTHENTICATED), 10, 0.5), []);
        assert_eq!(link.connection(10), Connection::LoggedOut);
        assert_eq!(link.wake_at(10), None);
        assert_eq!(link.step(&Event::Nudged, 11, 0.5), []);

        let mut link = live(0);
        link.step(&Event::Closed(ABNORMAL), 10, 0.0);
        link.step(&Event::Woke, 10, 0.0);
        let refused = link.step(&Event::Closed(ABNORMAL), 20, 0.0);
        assert_eq!(refused, [Command::CheckLogin], "it was refused before it opened");
        link.step(&Event::LoginEnded, 30, 0.0);
        assert_eq!(link.connection(30), Connection::LoggedOut);
    }

    #[test]
    fn another_build_is_said_and_still_used() {
        let mut link = live(0);
        link.step(&Event::Closed(close::GOING_AWAY), 10, 0.0);
        link.step(&Event::Woke, 10, 0.0);
        link.step(&Event::Opened, 11, 0.0);
        link.step(&Event::Hello("b2".into(), Role::Operator), 12, 0.0);
        assert_eq!(link.connection(12), Connection::Outdated);
        assert!(link.is_ready() && link.connection(12).is_live());
    }

    #[test]
    fn another_role_loads_the_page_again_before_anything_is_asked_for() {
        let mut link = live(0);
        link.step(&Event::Closed(close::GOING_AWAY), 10, 0.0);
        link.step(&Event::Woke, 10, 0.0);
        link.step(&Event::Opened, 11, 0.0);
        let hello = Event::Hello("b1".into(), Role::Viewer);
        assert_eq!(link.step(&hello, 12, 0.0), [Command::Reload]);
        assert!(!link.is_ready(), "nothing is sent in the role that ended");
    }

    #[test]
    fn a_server_that_greets_and_hangs_up_is_not_hammered() {
        let mut link = live(0);
        let mut now_ms = 1_000;
        for _ in 0..8 {
            link.step(&Event::Closed(close::PROTOCOL), now_ms, 1.0);
            now_ms = link.wake_at(u64::MAX).unwrap();
            link.step(&Event::Woke, now_ms, 1.0);
            link.step(&Event::Opened, now_ms, 1.0);
            link.step(&Event::Hello("b1".into(), Role::Operator), now_ms, 1.0);
        }
        assert!(now_ms > 30_000, "greeted eight times within {now_ms} ms");
    }

    #[test]
    fn news_of_a_socket_that_was_given_up_changes_nothing() {
        let mut link = live(0);
        link.step(&Event::Closed(ABNORMAL), 10, 1.0);
        for late in [Event::Opened, Event::Pong(1), Event::Closed(ABNORMAL)] {
            assert_eq!(link.step(&late, 11, 1.0), [], "{late:?}");
            assert_eq!(link.wake_at(u64::MAX), Some(210), "{late:?}");
        }
    }
}
