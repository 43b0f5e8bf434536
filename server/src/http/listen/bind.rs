//! Taking ports: bound first, listening only when everything else is decided.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// A port that cannot be had, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PortError {
    /// Somebody else has it.
    #[error("Port {0} is in use by another program. Stop it, or choose another port with --port.")]
    InUse(u16),
    /// The system refuses.
    #[error("Port {0} cannot be used: {1}. Choose another port with --port.")]
    Refused(u16, io::Error),
    /// Somebody else has the port for other devices.
    #[error(
        "{0} is in use by another program. Stop it, or choose another port with --listen \
         ADDRESS:PORT."
    )]
    BeyondInUse(SocketAddr),
    /// The address belongs to another machine.
    #[error(
        "This machine has no address {0} to listen on. Give --listen one of its own addresses: \
         {1}."
    )]
    NotOurs(IpAddr, String),
    /// The system refuses the address for other devices.
    #[error("{0} cannot be used: {1}. Choose another address or port with --listen.")]
    BeyondRefused(SocketAddr, io::Error),
}

impl PortError {
    /// Names what the system says about a port on loopback.
    pub(crate) fn new(port: u16, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::AddrInUse {
            Self::InUse(port)
        } else {
            Self::Refused(port, error)
        }
    }

    fn beyond(address: SocketAddr, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::BeyondInUse(address),
            io::ErrorKind::AddrNotAvailable => {
                let own: Vec<String> =
                    crate::tls::own_addresses().iter().map(ToString::to_string).collect();
                Self::NotOurs(address.ip(), own.join(", "))
            }
            _ => Self::BeyondRefused(address, error),
        }
    }
}

/// A port that is ours, with nobody listening yet.
pub(crate) struct Bound {
    address: SocketAddr,
    socket: TcpSocket,
    name: fn(SocketAddr, io::Error) -> PortError,
}

impl Bound {
    /// Where it will listen; the port is decided even when the system chose it.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets connections in.
    pub(crate) fn listen(self) -> Result<TcpListener, PortError> {
        self.socket.listen(BACKLOG).map_err(|error| (self.name)(self.address, error))
    }
}

/// Both loopback addresses on one port. A machine without IPv6 gets the other one.
pub(crate) fn loopback(port: u16) -> Result<(SocketAddr, Vec<Bound>), PortError> {
    let name = |address: SocketAddr, error| PortError::new(address.port(), error);
    let four = take((Ipv4Addr::LOCALHOST, port).into(), name)?;
    let address = four.address;
    match take((Ipv6Addr::LOCALHOST, address.port()).into(), name) {
        Ok(six) => Ok((address, vec![four, six])),
        Err(error @ PortError::InUse(_)) => Err(error),
        Err(error) => {
            tracing::debug!(%error, "no IPv6 on loopback");
            Ok((address, vec![four]))
        }
    }
}

/// The port for other devices.
pub(crate) fn bind(address: SocketAddr) -> Result<Bound, PortError> {
    take(address, PortError::beyond)
}

fn take(
    address: SocketAddr,
    name: fn(SocketAddr, io::Error) -> PortError,
) -> Result<Bound, PortError> {
    let refuse = |error| name(address, error);
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }
    .map_err(refuse)?;
    // Connections of a server that just stopped must not keep the next one from starting.
    socket.set_reuseaddr(true).map_err(refuse)?;
    socket.bind(address).map_err(refuse)?;
    let address = socket.local_addr().map_err(refuse)?;
    Ok(Bound { address, socket, name })
}
