//! The server as its clients meet it: real SQLite, real tmux, real sockets.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod access;
mod agents;
mod attacker;
mod bad_input;
mod command_line;
mod inventory;
mod lifecycle;
mod listen;
mod nasty;
mod revocation;
mod roles;
mod shells;
mod startup;
mod terminals;
mod world;
