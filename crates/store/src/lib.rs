//! Everything Maestro keeps in `SQLite`. All SQL of the product is in this crate.
//!
//! [`Store::open`] gives the database; [`Store::agents`], [`Store::terminals`],
//! [`Store::logins`], [`Store::tokens`], [`Store::session_tokens`], [`Store::throttle`],
//! [`Store::audit`] and [`Store::instance`] give its parts, one file each. What is acknowledged
//! is on the disk, and what is read is what was written: every row carries a seal.

pub mod agents;
pub mod audit;
pub mod backups;
mod carry;
mod change;
mod creation;
mod database;
pub mod error;
mod files;
pub mod instance;
mod integrity;
pub mod logins;
mod migrations;
mod seal;
pub mod session_tokens;
mod stamp;
mod states;
pub mod statistics;
#[cfg(feature = "tampering")]
pub mod tampering;
pub mod terminals;
pub mod throttle;
pub mod tokens;
mod wal;

pub use database::{Opened, Store};
pub use error::StoreError;
pub use stamp::words as moment;
pub use statistics::Statistics;
