//! The rules of Maestro as pure functions: no clock, no I/O, no runtime. Time is an argument.
//!
//! [`agents`] checks what a person typed, [`lifecycle`] says how an agent's state changes,
//! [`logins`] says how long a login link and a login are good for.
#![deny(missing_docs)]

pub mod agents;
pub mod lifecycle;
pub mod logins;
