//! The rules of Maestro as pure functions: no clock, no I/O, no runtime. Time is an argument.
//!
//! [`settings`] checks what a person decided, [`lifecycle`] says how a session's state changes,
//! [`launch`] what a program gets at a start, [`logins`] how long a login link and a login are
//! good for, [`devices`] what a new one is called, [`throttle`] how many wrong credentials somebody
//! may try, [`audit`] how the trail is chained, [`retention`] which backups are kept.
#![deny(missing_docs)]

pub mod audit;
pub mod devices;
pub mod launch;
pub mod lifecycle;
pub mod logins;
pub mod retention;
pub mod settings;
pub mod throttle;
