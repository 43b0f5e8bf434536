//! An agent's terminal in the page: its screen as text at once, xterm.js over the socket when the
//! browser has loaded it.
//!
//! The server's text stays in the page as the accessible view: it is hidden from sight, not from
//! screen readers, and follows what xterm.js shows.

#[cfg(not(feature = "ssr"))]
mod browser;
mod facts;
mod keys;
mod phone;
#[cfg(any(not(feature = "ssr"), test))]
mod sequences;
#[cfg(feature = "ssr")]
mod server;
mod state;
mod view;

#[cfg(not(feature = "ssr"))]
use browser::LiveTerminal;
pub use facts::{TerminalFacts, use_terminal_facts};
#[cfg(feature = "ssr")]
use server::LiveTerminal;
pub use view::TerminalView;
