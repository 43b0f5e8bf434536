//! Against a real tmux, on sockets of its own in temporary folders.

mod ends;
mod host;
mod input;
mod launches;
mod restarts;
mod views;
