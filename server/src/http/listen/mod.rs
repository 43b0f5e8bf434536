//! Listening, and accepting until the server stops.
//!
//! Loopback is always there and plain. `--listen` adds one door for other devices: `settings`
//! is what was asked for, `plan` decides whether that is safe, `bind` takes the ports, `beyond`
//! makes that door ready, and `accept` serves every connection under the limits of `slots`,
//! which the credential gate lifts for those it knows, by `welcome`.

mod accept;
mod beyond;
mod bind;
mod counted;
mod door;
mod interfaces;
mod plan;
mod redirect;
mod settings;
mod slots;
mod welcome;

pub(crate) use accept::{Attendant, accept};
pub(crate) use beyond::{Beyond, BeyondError};
pub(crate) use bind::{PortError, loopback};
pub(crate) use door::Door;
#[cfg(test)]
pub(crate) use door::Guard;
pub(crate) use plan::{ListenError, Source, is_host_name};
pub(crate) use settings::ListenKeys;
pub use settings::{ListenAddress, ListenFlags, ListenSettings, TlsSource};
pub(crate) use slots::Slots;
pub(crate) use welcome::Welcome;

/// Decides how other devices are served, if they are to. `main_port` is the one of this machine;
/// `has_credential` says whether somebody logged in before.
pub(crate) fn decide(
    settings: &ListenSettings,
    main_port: u16,
    has_credential: bool,
) -> Result<Option<plan::Plan>, ListenError> {
    plan::decide(settings, main_port, has_credential, &interfaces::all())
}
