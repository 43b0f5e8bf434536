//! Listening, and accepting until the server stops.
//!
//! Loopback is always there and plain. `--listen` adds one door for other devices: `settings`
//! is what was asked for, `plan` decides whether that is safe, `bind` takes the ports, `beyond`
//! makes that door ready, and `accept` serves every connection under the limits of `slots`.

mod accept;
mod beyond;
mod bind;
mod door;
mod plan;
mod redirect;
mod settings;
mod slots;

pub(crate) use accept::{Attendant, accept};
pub(crate) use beyond::{Beyond, BeyondError};
pub(crate) use bind::{PortError, loopback};
pub(crate) use door::Door;
#[cfg(test)]
pub(crate) use door::Guard;
pub(crate) use plan::{ListenError, Source, decide, is_host_name};
pub(crate) use settings::ListenKeys;
pub use settings::{ListenAddress, ListenFlags, ListenSettings, TlsSource};
pub(crate) use slots::Slots;
