//! The door for other devices, made ready: port taken, certificate there, names known.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use protocol::access::devices::Certificate;

use super::bind::{Bound, PortError, bind};
use super::door::{Door, Guard};
use super::plan::{Plan, Protection, Source, is_host_name};
use crate::clock::now_ms;
use crate::home::Home;
use crate::http::origin::Names;
use crate::tls::{Certificates, Subject, TlsError};

/// The program that is asked for a certificate of the tailnet.
const TAILSCALE: &str = "tailscale";

/// A door that nobody came through yet.
pub(crate) struct Beyond {
    /// Its port.
    pub(crate) bound: Bound,
    /// Its kind.
    pub(crate) door: Door,
    /// What it serves, if it speaks TLS.
    pub(crate) certificates: Option<Arc<Certificates>>,
    /// Origin under which other devices find it, such as `https://studio.local:23443`.
    pub(crate) public: String,
}

/// Why the door cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BeyondError {
    /// The address or port.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Beyond {
    /// Takes the port and gets a certificate. Nobody is let in yet.
    pub(crate) async fn prepare(
        plan: Plan,
        home: &Home,
        machine: String,
        instance: String,
    ) -> Result<Self, BeyondError> {
        let bound = bind(plan.address)?;
        let mut names = vec![machine.clone(), format!("{machine}.local")];
        names.retain(|name| is_host_name(name));
        names.extend(plan.names.iter().cloned());
        let certificates = match &plan.protection {
            Protection::Tls(source) => {
                let subject = Subject {
                    address: plan.address.ip(),
                    machine: machine.clone(),
                    instance,
                    names: plan.names.clone(),
                };
                let tailscale = PathBuf::from(TAILSCALE);
                let certificates =
                    Certificates::prepare(home, source, subject, tailscale, now_ms()).await?;
                if *source != Source::Own {
                    // Whoever chose the certificate chose its names.
                    names.extend(certificates.facts().names);
                }
                Some(certificates)
            }
            Protection::Proxy(_) | Protection::Tailnet => None,
        };
        let guard = match (&plan.protection, &certificates) {
            (Protection::Proxy(proxies), _) => Guard::Proxy(proxies.as_slice().into()),
            (_, Some(certificates)) => Guard::Tls(certificates.acceptor()?),
            (_, None) => Guard::Plain,
        };
        let public = public(&plan, bound.address().port(), &machine, certificates.as_deref());
        let door = Door { guard, names: Arc::new(Names::beyond(&names)), loopback: false };
        Ok(Self { bound, door, certificates, public })
    }

    /// What people need to know to trust it.
    pub(crate) fn certificate(&self) -> Option<Certificate> {
        self.certificates.as_ref().map(|certificates| certificates.facts())
    }
}

fn public(plan: &Plan, port: u16, machine: &str, certificates: Option<&Certificates>) -> String {
    let ip = plan.address.ip();
    match &plan.protection {
        Protection::Proxy(_) => {
            // The proxy's port is its own business; without one it is the usual.
            origin("https", plan.names.first().map_or("localhost", String::as_str), 443)
        }
        Protection::Tailnet => origin("http", &ip.to_string(), port),
        Protection::Tls(source) => {
            let of_certificate = || {
                let names = certificates.filter(|_| *source != Source::Own)?.facts().names;
                names.into_iter().find(|name| is_host_name(name))
            };
            let name = plan
                .names
                .first()
                .cloned()
                .or_else(|| certificates?.tailnet_name().map(str::to_owned))
                .or_else(of_certificate)
                .or_else(|| (!ip.is_unspecified()).then(|| ip.to_string()))
                .or_else(|| is_host_name(machine).then(|| format!("{machine}.local")))
                .unwrap_or_else(|| "localhost".into());
            origin("https", &name.to_ascii_lowercase(), port)
        }
    }
}

/// An origin as a browser writes it.
fn origin(scheme: &str, name: &str, port: u16) -> String {
    let host = match name.parse::<IpAddr>() {
        Ok(IpAddr::V6(six)) => format!("[{six}]"),
        _ => name.to_owned(),
    };
    let usual = if scheme == "https" { 443 } else { 80 };
    if port == usual { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(address: &str, protection: Protection, names: &[&str]) -> Plan {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Plan { address: address.parse().unwrap(), protection, names }
    }

    #[test]
    fn the_public_origin_is_what_a_browser_would_write() {
        let own = || Protection::Tls(Source::Own);
        for (plan, expected) in [
            (plan("10.0.0.1:23443", own(), &[]), "https://10.0.0.1:23443"),
            (plan("10.0.0.1:443", own(), &["a.test"]), "https://a.test"),
            (plan("[2001:db8::1]:1", own(), &[]), "https://[2001:db8::1]:1"),
            (plan("0.0.0.0:23443", own(), &[]), "https://studio.local:23443"),
            (plan("127.0.0.1:23443", Protection::Proxy(Vec::new()), &["a.test"]), "https://a.test"),
            (plan("100.64.0.1:23443", Protection::Tailnet, &[]), "http://100.64.0.1:23443"),
        ] {
            let port = plan.address.port();
            assert_eq!(public(&plan, port, "Studio", None), expected, "{plan:?}");
        }
    }
}
