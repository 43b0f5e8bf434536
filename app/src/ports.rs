//! What pages ask of the server, handed over through Leptos context.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::access::Caller;
use protocol::error::ApiError;
use protocol::ports::{AccessPort, AgentsPort, HostPort, TerminalsPort};

/// All ports in one value: the server builds it once and provides it to every render and every
/// server function.
#[derive(Clone)]
pub struct Ports {
    /// The agents of this host.
    pub agents: Arc<dyn AgentsPort>,
    /// Their screens.
    pub terminals: Arc<dyn TerminalsPort>,
    /// The machine.
    pub host: Arc<dyn HostPort>,
    /// Who may do what.
    pub access: Arc<dyn AccessPort>,
}

impl Ports {
    /// Makes the ports reachable from the current reactive owner.
    pub fn provide(&self) {
        provide_context(Arc::clone(&self.agents));
        provide_context(Arc::clone(&self.terminals));
        provide_context(Arc::clone(&self.host));
        provide_context(Arc::clone(&self.access));
    }
}

/// The agents port of this request.
pub(crate) fn agents() -> Result<Arc<dyn AgentsPort>, ApiError> {
    use_context().ok_or_else(ApiError::internal)
}

/// The terminals port of this request.
pub(crate) fn terminals() -> Result<Arc<dyn TerminalsPort>, ApiError> {
    use_context().ok_or_else(ApiError::internal)
}

/// The host port of this request.
pub(crate) fn host() -> Result<Arc<dyn HostPort>, ApiError> {
    use_context().ok_or_else(ApiError::internal)
}

/// The access port of this request.
pub(crate) fn access() -> Result<Arc<dyn AccessPort>, ApiError> {
    use_context().ok_or_else(ApiError::internal)
}

/// Who sent this request.
pub(crate) fn caller() -> Result<Caller, ApiError> {
    use_context().ok_or_else(ApiError::internal)
}
