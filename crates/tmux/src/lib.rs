//! Runs programs in Maestro's own tmux server and turns their output into terminals.
//!
//! ```text
//! spawn   → spec file (0600) → new-session + pipe-pane, one command list → launcher → program
//! input   → control client → send-keys -H → pane
//! output  → pane → pipe-pane → tap → socket → ring + model → cursors
//! exit    → pane-died hook → wait-for → watcher → end of the tap → Exited … bury → gone
//! ```
//!
//! Everything survives the death of this process at any moment: sessions are found again by the
//! mark on their pane, and a program's end stays in tmux until somebody has stored it and buries it.
//!
//! One control-mode client carries every command. No text of a person and no output of a program
//! crosses it: names are terminal ids, arguments and folders travel in the launcher's spec file.

pub mod launch;
pub mod tap;

mod adopt;
mod boundary;
mod config;
mod control;
mod cursor;
mod ending;
mod error;
mod model;
mod output;
mod pane;
mod platform;
mod quote;
mod registry;
mod ring;
mod scope;
mod server;
mod session;
mod spawn;
mod statistics;
mod taps;
mod terminal;
mod watch;

pub use config::TmuxConfig;
pub use cursor::{Cursor, Output};
pub use error::TmuxError;
pub use launch::Launch;
pub use server::{Tmux, TmuxEvent, installed_version};
pub use statistics::{Latency, Statistics};
pub use terminal::{Facts, Terminal};
