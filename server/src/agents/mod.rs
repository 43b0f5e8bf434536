//! Agents: what may be asked of them, carried out on the database and on tmux.

mod folder;
mod program;
mod recovery;
mod service;
mod turns;

pub use service::Agents;
