//! What handlers share.

use std::sync::Arc;

use app::ports::Ports;
use axum::extract::FromRef;
use leptos::prelude::LeptosOptions;
use tokio::sync::watch;

use crate::access::service::Access;
use crate::events::AgentsTopic;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::terminals::Hub;
use crate::ws::Sockets;

/// Handed to every handler; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// What pages and the API may ask for.
    pub ports: Ports,
    /// Live terminals, for sockets.
    pub hub: Arc<Hub>,
    /// Live agent list, for sockets.
    pub topic: Arc<AgentsTopic>,
    /// What is wrong with this host, for sockets.
    pub health: Arc<Health>,
    /// Numbers for Prometheus.
    pub metrics: Arc<Metrics>,
    /// Counts open sockets.
    pub sockets: Sockets,
    /// Who may do what.
    pub access: Arc<Access>,
    /// This instance's certificate authority in PEM, if it has one.
    pub authority: Option<Arc<str>>,
    /// Changes with every build of the page.
    pub build: Arc<str>,
    /// Names this instance in cookies and in the browser's storage.
    pub instance: Arc<str>,
    /// What Leptos needs to know to render pages.
    pub leptos: LeptosOptions,
    /// Turns true when the server shuts down.
    pub closing: watch::Receiver<bool>,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
