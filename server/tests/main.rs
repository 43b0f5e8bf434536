//! The server as its clients meet it: real SQLite, real tmux, real sockets.

mod access;
mod agents;
mod bad_input;
mod command_line;
mod inventory;
mod nasty;
mod startup;
mod terminals;
mod world;
