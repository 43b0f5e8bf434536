//! What server, browser and command line say to each other: ids, records, errors, frames.
//!
//! Compiles for wasm and native alike and knows no runtime, no database, no web framework.
//! Read in this order: [`agents`] (the record), [`error`] (the one client-visible error),
//! [`frame`] (the wire format as a table), [`message`] (what the frames mean),
//! [`limits`] (every number that both ends must agree on).
#![deny(missing_docs)]

pub mod access;
pub mod agents;
pub mod envelope;
pub mod error;
pub mod events;
pub mod frame;
pub mod host;
pub mod limits;
pub mod logins;
pub mod message;
#[cfg(feature = "ports")]
pub mod ports;
pub mod programs;
pub mod terminals;
pub mod text;
