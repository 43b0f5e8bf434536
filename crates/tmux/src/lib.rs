//! Runs agents in Maestro's own tmux server and turns their output into terminals.
//!
//! ```text
//! spawn   → spec file (0600) → new-session + pipe-pane, one command list → launcher → program
//! input   → control client → send-keys -H → pane
//! output  → pane → pipe-pane → tap → socket → ring + model → cursors
//! exit    → pane-died hook → wait-for → exit watcher → status, end of the tap → Exit
//! ```
//!
//! One control-mode client carries every command. No text of a person and no output of a program
//! crosses it: names are agent ids, arguments and folders travel in the launcher's spec file.

pub mod launch;
pub mod tap;

mod adopt;
mod boundary;
mod config;
mod control;
mod cursor;
mod error;
mod exits;
mod model;
mod pane;
mod platform;
mod quote;
mod registry;
mod ring;
mod server;
mod session;
mod taps;
mod terminal;

pub use config::TmuxConfig;
pub use cursor::{Cursor, Output};
pub use error::TmuxError;
pub use launch::Launch;
pub use server::{Tmux, TmuxEvent, installed_version};
pub use terminal::{Facts, Terminal};
