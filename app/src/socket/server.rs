//! A page that is being rendered has no connection.
#![expect(clippy::unused_self, reason = "the same shape as in the browser")]

use leptos::prelude::*;

use super::{Connection, TopicSink};

/// Stands for a socket that only a browser opens.
#[derive(Clone, Copy)]
pub(super) struct Tab;

impl Tab {
    /// Nothing starts.
    pub(super) fn start(_sink: impl TopicSink, _connection: WriteSignal<Connection>) -> Self {
        Self
    }

    /// Nothing to retry.
    pub(super) fn retry_now(self) {}
}
