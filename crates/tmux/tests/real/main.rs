//! Against a real tmux, on sockets of its own in temporary folders.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod ends;
mod host;
mod input;
mod launches;
mod restarts;
mod views;
