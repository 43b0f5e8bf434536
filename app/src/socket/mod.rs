//! The page's one live connection: topics keep client state true, channels carry terminals.
//!
//! What happens when is decided by two pure parts, `link` (the connection) and `channels` (what
//! runs over it). `browser` does what they say with a WebSocket and timers; on the server there
//! is no connection.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(any(not(feature = "ssr"), test))]
mod channels;
mod connection;
#[cfg(any(not(feature = "ssr"), test))]
mod link;
#[cfg(feature = "ssr")]
mod server;

use leptos::prelude::*;
use protocol::access::Role;
use protocol::events::{Topic, TopicEvent, TopicState};

#[cfg(not(feature = "ssr"))]
use browser::Tab;
#[cfg(not(feature = "ssr"))]
pub(crate) use browser::{ChannelHandle, TerminalEvent};
pub use connection::Connection;
#[cfg(feature = "ssr")]
use server::Tab;

/// Takes what arrives on the subscribed topics.
pub trait TopicSink: 'static {
    /// The state of a topic, as a subscription starts with it. Comes again after every gap.
    fn state(&self, state: TopicState);
    /// One change.
    fn event(&self, event: TopicEvent);
}

/// The socket of this tab.
#[derive(Clone, Copy)]
pub struct SocketHandle {
    connection: ReadSignal<Connection>,
    tab: Tab,
}

/// Provides the socket to every component below. It connects once the page is mounted. A server
/// that knows this page under another `role` makes it load itself again.
pub fn provide_socket(sink: impl TopicSink, role: Role) {
    let (connection, set_connection) = signal(Connection::Connecting);
    let tab = Tab::start(sink, role, set_connection);
    provide_context(SocketHandle { connection, tab });
}

/// The socket of this page.
pub fn use_socket() -> SocketHandle {
    expect_context()
}

/// How the connection is.
pub fn use_connection() -> Signal<Connection> {
    use_socket().connection.into()
}

impl SocketHandle {
    /// Connects now instead of when the back-off ends.
    pub fn retry_now(self) {
        self.tab.retry_now();
    }

    /// Follows one more topic for as long as the current component is there.
    pub(crate) fn follow(self, topic: Topic) {
        self.tab.follow(topic);
        on_cleanup(move || self.tab.unfollow(topic));
    }
}
