//! The certificate that other devices see: made, read or fetched, and renewed while we run.
//!
//! Three sources: an authority of this instance (`authority`), two files (`pair`), or the
//! program tailscale (`tailscale`). Whichever it is, `Certificates` holds what is served now;
//! a new one takes its place without a restart.

mod authority;
mod error;
mod keep;
mod pair;
mod private;
mod tailscale;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use protocol::access::devices::Certificate;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::home::{Home, private_folder};
use crate::http::listen::{Source, is_host_name};
use authority::Authority;
pub(crate) use error::TlsError;
use pair::Pair;

/// A certificate is renewed when it has less than this to live, in milliseconds.
const RENEW_BEFORE_MS: i64 = 30 * DAY_MS;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What a certificate is to be good for.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// Where the server listens; an unspecified address stands for all of this machine's.
    pub(crate) address: IpAddr,
    /// This machine's name, without a domain.
    pub(crate) machine: String,
    /// Names this instance in its authority.
    pub(crate) instance: String,
    /// Further host names and addresses.
    pub(crate) names: Vec<String>,
}

/// What is served, and where the next one comes from.
#[derive(Debug)]
pub(crate) struct Certificates {
    origin: Origin,
    served: RwLock<Served>,
}

#[derive(Debug)]
enum Origin {
    Own { home: Home, subject: Subject },
    Files { cert: PathBuf, key: PathBuf },
    Tailscale { program: PathBuf, name: String, cert: PathBuf, key: PathBuf },
}

/// One certificate, ready to be served.
#[derive(Clone, Debug)]
struct Served {
    key: Arc<CertifiedKey>,
    facts: Certificate,
}

impl Certificates {
    /// Gets the first certificate. `tailscale` is the program to run for [`Source::Tailscale`].
    pub(crate) async fn prepare(
        home: &Home,
        source: &Source,
        subject: Subject,
        tailscale: PathBuf,
        now_ms: i64,
    ) -> Result<Arc<Self>, TlsError> {
        let folder = home.root().join("tls");
        let origin = match source {
            Source::Own => Origin::Own { home: home.clone(), subject },
            Source::Files { cert, key } => Origin::Files { cert: cert.clone(), key: key.clone() },
            Source::Tailscale => {
                private_folder(&folder)?;
                let name = tailscale::name(&tailscale).await?;
                let (cert, key) = (folder.join("tailscale.pem"), folder.join("tailscale.key"));
                Origin::Tailscale { program: tailscale, name, cert, key }
            }
        };
        let served = origin.get(now_ms).await?;
        Ok(Arc::new(Self { origin, served: RwLock::new(served) }))
    }

    /// What people need to know to trust it.
    pub(crate) fn facts(&self) -> Certificate {
        self.now().facts
    }

    /// The name in the tailnet, if the certificate is for one.
    pub(crate) fn tailnet_name(&self) -> Option<&str> {
        match &self.origin {
            Origin::Tailscale { name, .. } => Some(name),
            Origin::Own { .. } | Origin::Files { .. } => None,
        }
    }

    /// Speaks TLS with whatever is served at the time.
    pub(crate) fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::make)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Gets another certificate if it is time, or if the files or names changed. Returns whether
    /// it did; after an error the old one is served on.
    pub(crate) async fn refresh(&self, now_ms: i64) -> Result<bool, TlsError> {
        let new = self.origin.get(now_ms).await?;
        let mut served = self.served.write().unwrap_or_else(PoisonError::into_inner);
        let changed = served.key.cert != new.key.cert;
        *served = new;
        Ok(changed)
    }

    fn now(&self) -> Served {
        self.served.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesServerCert for Certificates {
    // Every name gets the same: the Host gate decides which of them we answer to.
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now().key)
    }
}

impl Origin {
    async fn get(&self, now_ms: i64) -> Result<Served, TlsError> {
        match self {
            Self::Own { home, subject } => {
                let folder = home.root().join("tls");
                private_folder(&folder)?;
                let name = format!("Maestro {} ({})", subject.machine, subject.instance);
                let authority = Authority::at(&folder, &name, now_ms)?;
                let pair = authority.leaf(&folder.join("server.pem"), &subject.all(), now_ms)?;
                pair.serve(Some(authority.fingerprint()), now_ms)
            }
            Self::Files { cert, key } => {
                Pair::read(cert, key, private::not_for_all)?.serve(None, now_ms)
            }
            Self::Tailscale { program, name, cert, key } => {
                tailscale::fetch(program, name, cert, key).await?;
                Pair::read(cert, key, private::file)?.serve(None, now_ms)
            }
        }
    }
}

impl Subject {
    /// Every name and address, sorted, none twice.
    fn all(&self) -> Vec<String> {
        let mut all = vec!["localhost".to_owned()];
        let machine = self.machine.to_ascii_lowercase();
        if is_host_name(&machine) {
            all.push(format!("{machine}.local"));
            all.push(machine);
        }
        if self.address.is_unspecified() {
            all.extend(own_addresses().iter().map(IpAddr::to_string));
        } else {
            all.push(self.address.to_string());
        }
        all.extend(self.names.iter().cloned());
        all.sort();
        all.dedup();
        all
    }
}

/// This machine's addresses that others can reach: neither loopback nor link-local.
pub(crate) fn own_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the addresses of this machine are not known");
        Vec::new()
    });
    let all = interfaces.iter().filter(|it| !it.is_loopback() && !it.is_link_local());
    all.map(if_addrs::Interface::ip).collect()
}

/// The certificate of this instance's authority, as PEM, for devices to trust; `None` when there
/// is none.
pub fn authority_pem(home: &Home) -> Option<String> {
    Authority::pem_at(&home.root().join("tls"))
}

#[cfg(test)]
mod tests;
