//! A page that is being rendered has no connection.
#![expect(clippy::unused_self, reason = "the same shape as in the browser")]

use leptos::prelude::*;
use protocol::access::Role;
use protocol::events::Topic;

use super::{Connection, TopicSink};

/// Stands for a socket that only a browser opens.
#[derive(Clone, Copy)]
pub(super) struct Tab;

impl Tab {
    /// Nothing starts.
    pub(super) fn start(
        _sink: impl TopicSink,
        _role: Role,
        _connection: WriteSignal<Connection>,
    ) -> Self {
        Self
    }

    /// Nothing to retry.
    pub(super) fn retry_now(self) {}

    /// Nothing to follow.
    pub(super) fn follow(self, _topic: Topic) {}

    /// Nothing was followed.
    pub(super) fn unfollow(self, _topic: Topic) {}
}
