//! The store as the server uses it: on files and in memory.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod agents;
mod audit;
mod backups;
mod decay;
mod files;
mod logins;
mod migrations;
mod released;
mod samples;
mod seals;
mod second;
mod session_tokens;
mod terminals;
mod throttle;
mod tokens;
mod trash;
mod versions;
