//! Renews the certificate while the server runs.

use std::sync::Arc;
use std::time::Duration;

use protocol::access::devices::Reach;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

use super::{Certificates, Origin};
use crate::clock::now_ms;

/// How often somebody looks whether it is time; a certificate has weeks of slack.
const EVERY: Duration = Duration::from_hours(24);

impl Certificates {
    /// Looks once a day, and for files also at SIGHUP, until `closing` turns true.
    pub(crate) async fn keep(
        self: Arc<Self>,
        reach: watch::Sender<Reach>,
        mut closing: watch::Receiver<bool>,
    ) {
        // Only where somebody else changes files: elsewhere a closed terminal ends the server.
        let mut hangup = match &self.origin {
            Origin::Files { .. } => signal(SignalKind::hangup()).ok(),
            Origin::Own { .. } | Origin::Tailscale { .. } => None,
        };
        loop {
            tokio::select! {
                () = sleep(EVERY) => {}
                () = heard(hangup.as_mut()) => {}
                _ = closing.wait_for(|closing| *closing) => return,
            }
            match self.refresh(now_ms()).await {
                Ok(false) => {}
                Ok(true) => {
                    let facts = self.facts();
                    tracing::info!(expires_at_ms = facts.expires_at_ms, "another certificate");
                    reach.send_modify(|reach| reach.certificate = Some(facts));
                }
                Err(error) => tracing::error!("The certificate stays as it is. {error}"),
            }
        }
    }
}

async fn heard(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
