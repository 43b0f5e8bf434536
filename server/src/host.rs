//! What pages and the API may ask of this machine.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use protocol::error::ApiError;
use protocol::host::{Backup, Diagnostics, HostFacts, HostHealth};
use protocol::ports::HostPort;
use protocol::programs::Program;

use crate::agents::Programs;
use crate::backups::Backups;
use crate::config::Settings;
use crate::diagnostics::{self, Viewpoint};
use crate::health::Health;
use crate::metrics::Metrics;

/// The machine and what looks after it.
pub(crate) struct Host {
    /// Gathered at start.
    pub(crate) facts: HostFacts,
    /// What this server was started with.
    pub(crate) settings: Settings,
    /// Where this server listens.
    pub(crate) address: SocketAddr,
    /// What is wrong.
    pub(crate) health: Arc<Health>,
    /// Numbers.
    pub(crate) metrics: Arc<Metrics>,
    /// Copies of the database.
    pub(crate) backups: Backups,
    /// What is installed.
    pub(crate) programs: Programs,
}

#[async_trait]
impl HostPort for Host {
    async fn facts(&self) -> Result<HostFacts, ApiError> {
        Ok(self.facts.clone())
    }

    async fn health(&self) -> Result<HostHealth, ApiError> {
        Ok(self.health.now())
    }

    async fn programs(&self) -> Result<Vec<Program>, ApiError> {
        Ok(self.programs.installed().await)
    }

    async fn diagnostics(&self) -> Result<Diagnostics, ApiError> {
        let viewpoint = Viewpoint::Server {
            address: self.address,
            tmux_version: self.facts.tmux_version.clone(),
            health: self.health.now(),
        };
        Ok(Diagnostics {
            checks: diagnostics::checks(&self.settings, &viewpoint).await,
            measures: self.metrics.measures(),
            backups: self.backups.list()?,
        })
    }

    async fn back_up(&self) -> Result<Backup, ApiError> {
        self.backups.back_up_now().await
    }
}

/// The machine's name without its domain.
pub(crate) fn machine_name() -> String {
    let full = rustix::system::uname().nodename().to_string_lossy().into_owned();
    full.split('.').next().unwrap_or_default().to_owned()
}
