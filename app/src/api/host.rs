//! What pages ask of the machine.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::host::{Backup, Diagnostics, HostFacts};
use protocol::programs::Program;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::ports;
use crate::session::PageClient;

/// The machine, for a page whose own data could not be loaded.
#[server(prefix = "/fn", endpoint = "host/facts", input = Json, client = PageClient)]
pub(crate) async fn facts() -> Result<HostFacts, AppError> {
    Ok(ports::host()?.facts().await?)
}

/// Coding agents and shells that are installed.
#[server(prefix = "/fn", endpoint = "host/programs", input = Json, client = PageClient)]
pub(crate) async fn programs() -> Result<Vec<Program>, AppError> {
    Ok(ports::host()?.programs().await?)
}

/// What the diagnostics page shows.
#[server(prefix = "/fn", endpoint = "host/diagnostics", input = Json, client = PageClient)]
pub(crate) async fn diagnose() -> Result<Diagnostics, AppError> {
    Ok(ports::host()?.diagnostics().await?)
}

/// Copies the database while it is in use.
#[server(prefix = "/fn", endpoint = "host/backup", input = Json, client = PageClient)]
pub(crate) async fn back_up() -> Result<Backup, AppError> {
    Ok(ports::host()?.back_up().await?)
}
