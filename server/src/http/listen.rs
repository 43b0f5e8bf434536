//! Listening on loopback, and accepting until the server stops.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A port that cannot be had, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PortError {
    /// Somebody else has it.
    #[error("Port {0} is in use by another program. Stop it, or choose another port with --port.")]
    InUse(u16),
    /// The system refuses.
    #[error("Port {0} cannot be used: {1}. Choose another port with --port.")]
    Refused(u16, io::Error),
}

impl PortError {
    /// Names what the system says about a port.
    pub(crate) fn new(port: u16, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::AddrInUse {
            Self::InUse(port)
        } else {
            Self::Refused(port, error)
        }
    }
}

/// Both loopback addresses on one port. A machine without IPv6 gets the other one.
pub(crate) async fn listen(port: u16) -> Result<(SocketAddr, Vec<TcpListener>), PortError> {
    let refuse = |error| PortError::new(port, error);
    let four = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(refuse)?;
    let address = four.local_addr().map_err(refuse)?;
    match TcpListener::bind((Ipv6Addr::LOCALHOST, address.port())).await {
        Ok(six) => Ok((address, vec![four, six])),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(refuse(error)),
        Err(error) => {
            tracing::debug!(%error, "no IPv6 on loopback");
            Ok((address, vec![four]))
        }
    }
}

/// Serves one listener; open requests may finish after `closing` turns true.
pub(crate) async fn accept(
    listener: TcpListener,
    router: Router,
    mut closing: watch::Receiver<bool>,
) {
    let listener = listener.tap_io(|stream| {
        // Keystrokes must not wait for a fuller packet.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was not set");
        }
    });
    let stop = async move {
        // An error means that the server is gone already.
        let _gone = closing.wait_for(|closing| *closing).await;
    };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
        tracing::error!(%error, "a listener failed");
    }
}
