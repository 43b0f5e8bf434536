//! Against a real tmux, on sockets of its own in temporary folders.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod ends;
mod graves;
mod host;
mod input;
mod launches;
mod output;
mod people;
mod restarts;
mod sockets;
mod stopped;
mod views;
