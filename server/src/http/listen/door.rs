//! One listener's kind: who it is for, what protects it, under which names it answers.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use crate::http::edge::Edge;
use crate::http::origin::Names;

/// What protects the bytes of a listener.
#[derive(Clone)]
pub(crate) enum Guard {
    /// Nothing needs to: loopback, or a tailnet.
    Plain,
    /// A reverse proxy, which says how it was asked.
    Proxy,
    /// TLS.
    Tls(TlsAcceptor),
}

/// One listener's kind; cheap to clone.
#[derive(Clone)]
pub(crate) struct Door {
    /// What protects it.
    pub(crate) guard: Guard,
    /// Names that it answers to.
    pub(crate) names: Arc<Names>,
    /// Whether only this machine comes in here.
    pub(crate) loopback: bool,
}

impl Door {
    /// The door of this machine.
    pub(crate) fn loopback() -> Self {
        Self { guard: Guard::Plain, names: Arc::new(Names::loopback()), loopback: true }
    }

    /// What a connection through this door is to the gates.
    pub(crate) fn edge(&self, peer: SocketAddr, local: SocketAddr) -> Edge {
        let plain =
            |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
        let peer = plain(peer);
        Edge {
            secure: matches!(self.guard, Guard::Tls(_)),
            peer,
            client: peer.ip(),
            local: plain(local),
            loopback: self.loopback,
            proxied: matches!(self.guard, Guard::Proxy),
            names: Arc::clone(&self.names),
        }
    }
}
