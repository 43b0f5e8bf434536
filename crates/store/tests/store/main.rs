//! The store as the server uses it: on files and in memory.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod agents;
mod files;
mod logins;
