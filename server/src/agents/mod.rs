//! Agents: what may be asked of them, carried out on the database and on tmux.
//!
//! `service` holds the parts together and is what pages and the API call; each kind of request
//! has a file: `create`, `change` (settings and their versions), `sessions` (wake,
//! hibernate, restart), `terminals`, `trash`, `bulk`. `observe` follows what tmux reports,
//! `unsaved` keeps what the database could not take yet, `recovery` brings records and
//! sessions together at a start.

mod bulk;
mod change;
mod conversation;
mod create;
mod environment;
mod folder;
mod observe;
mod programs;
mod recovery;
mod service;
mod sessions;
mod terminals;
mod trash;
mod turns;
mod unsaved;

pub use programs::Programs;
pub use service::{Agents, Folders};
