//! Facts about this machine for sidebar and strip.

use async_trait::async_trait;
use protocol::error::ApiError;
use protocol::host::HostFacts;
use protocol::ports::HostPort;

/// Facts that were gathered at start.
pub(crate) struct Host(pub(crate) HostFacts);

#[async_trait]
impl HostPort for Host {
    async fn facts(&self) -> Result<HostFacts, ApiError> {
        Ok(self.0.clone())
    }
}

/// The machine's name without its domain.
pub(crate) fn machine_name() -> String {
    let full = rustix::system::uname().nodename().to_string_lossy().into_owned();
    full.split('.').next().unwrap_or_default().to_owned()
}
