//! Everything Maestro keeps in `SQLite`. All SQL of the product is in this crate.
//!
//! [`Store::open`] gives the database; [`Store::agents`], [`Store::logins`] and
//! [`Store::instance`] give its parts, one file each. What is acknowledged is on the disk.

pub mod agents;
mod database;
pub mod error;
pub mod instance;
pub mod logins;
mod migrations;

pub use database::Store;
pub use error::StoreError;
