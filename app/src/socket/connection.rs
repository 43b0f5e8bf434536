//! How the connection is, as the page shows it.

/// State of the page's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Not there yet, for the first time.
    Connecting,
    /// What the page shows is true.
    Live {
        /// Round trip in milliseconds, once it was measured.
        rtt_ms: Option<u32>,
    },
    /// Lost; the page tries again.
    Reconnecting {
        /// Which try failed last, from 1.
        attempt: u32,
        /// Length of the pause before the next one, in milliseconds.
        wait_ms: u64,
        /// The gap is long enough to interrupt somebody: say it in a banner, not only by a dot.
        lasting: bool,
    },
    /// The login ended. Only a new one helps.
    LoggedOut,
    /// Live, but the server is of another build than this page: reload it soon.
    Outdated,
}

impl Connection {
    /// Whether what is sent now arrives.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Live { .. } | Self::Outdated)
    }
}
