//! The pages of Maestro: components, client state and server functions.
//!
//! The server renders them, the browser hydrates them; after that the socket is the only source
//! of change. To serve a page:
//!
//! 1. build [`ports::Ports`] once (feature `ssr`);
//! 2. per request, `let seed = Seed::load(&ports, path, caller).await`;
//! 3. render [`shell`] with `ports.provide()`, the [`Seed`] and a [`PageRequest`] in context;
//! 4. call server functions (`/fn/…`) with `ports.provide()` and the `Caller` in context.
//!
//! `cfg(feature)` stands on `mod` and `use` lines only. What needs a browser API is in a file
//! named `browser`, beside a `server` file of the same shape.
#![expect(
    unreachable_pub,
    reason = "the component macro makes props public in private modules too"
)]

mod access;
pub mod agents;
mod api;
mod audit;
mod caller;
mod clock;
mod diagnostics;
mod document;
pub mod error;
mod host;
mod loaded;
#[cfg(feature = "ssr")]
pub mod ports;
mod reauth;
mod response;
pub mod routes;
mod seed;
pub mod session;
mod shell;
pub mod socket;
pub mod terminals;
pub mod theme;
mod title;
mod trash;
pub mod ui;

pub use document::{PageRequest, shell};
pub use seed::Seed;
pub use shell::App;
