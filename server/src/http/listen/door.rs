//! One listener's kind: who it is for, what protects it, under which names it answers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use crate::http::edge::{Edge, Way};
use crate::http::origin::Names;

/// What protects the bytes of a listener.
#[derive(Clone)]
pub(crate) enum Guard {
    /// Nothing needs to: loopback, or a tailnet.
    Plain,
    /// A reverse proxy, which says how it was asked: one of these addresses, or if there are none,
    /// a program of this machine.
    Proxy(Arc<[IpAddr]>),
    /// TLS.
    Tls(TlsAcceptor),
}

impl Guard {
    fn way(&self, peer: IpAddr, local: IpAddr) -> Way {
        let Self::Proxy(proxies) = self else { return Way::Direct };
        let ours = if proxies.is_empty() {
            // Nobody else can answer to an address of ours.
            peer.is_loopback() || peer == local
        } else {
            proxies.contains(&peer)
        };
        if ours { Way::Proxy } else { Way::PastProxy }
    }

    /// Behind the proxy at this address.
    #[cfg(test)]
    pub(crate) fn proxy(address: &str) -> Self {
        Self::Proxy(Arc::new([address.parse().unwrap()]))
    }
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
        let (peer, local) = (plain(peer), plain(local));
        Edge {
            secure: matches!(self.guard, Guard::Tls(_)),
            peer,
            client: peer.ip(),
            local,
            loopback: self.loopback,
            way: self.guard.way(peer.ip(), local.ip()),
            names: Arc::clone(&self.names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_that_was_named_is_one_and_without_names_only_this_machine() {
        let way = |proxies: &[&str], peer: &str| {
            let proxies = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
            let names = Arc::new(Names::loopback());
            let door = Door { guard: Guard::Proxy(proxies), names, loopback: false };
            door.edge(peer.parse().unwrap(), "192.168.1.5:23443".parse().unwrap()).way
        };
        for own in ["127.0.0.1:9", "127.8.8.8:9", "[::1]:9", "[::ffff:127.0.0.1]:9"] {
            assert_eq!(way(&[], own), Way::Proxy, "{own}");
            assert_eq!(way(&["10.0.0.2"], own), Way::PastProxy, "{own} was not named");
        }
        assert_eq!(way(&[], "192.168.1.5:9"), Way::Proxy);
        for other in ["192.168.1.6:9", "10.0.0.2:9", "[2001:db8::1]:9", "0.0.0.0:9"] {
            assert_eq!(way(&[], other), Way::PastProxy, "{other}");
        }
        let two = ["10.0.0.2", "2001:db8::1"];
        for named in ["10.0.0.2:9", "[::ffff:10.0.0.2]:9", "[2001:db8::1]:9"] {
            assert_eq!(way(&two, named), Way::Proxy, "{named}");
        }
        assert_eq!(way(&two, "10.0.0.3:9"), Way::PastProxy);
    }
}
