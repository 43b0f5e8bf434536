//! How requests travel.

use std::io;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::exit::Refusal;

/// Carries requests. `authority` is the certificate authority to trust, in PEM, instead of the
/// public ones.
pub(super) fn agent(authority: Option<&[u8]>) -> Result<ureq::Agent, Refusal> {
    let roots = match authority {
        Some(pem) => RootCerts::from(certificates(pem)?),
        None => RootCerts::WebPki,
    };
    // The token must reach nobody else: no proxy from the environment, no redirects.
    Ok(ureq::Agent::config_builder()
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .user_agent(concat!("maestro/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent())
}

/// Whether this error is about the certificate of the other end.
pub(super) fn untrusted(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => true,
        ureq::Error::Io(error) => error.kind() == io::ErrorKind::InvalidData,
        _ => false,
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, Refusal> {
    let certificates: Vec<_> = parse_pem(pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        let message = "The file that MAESTRO_CA_FILE names holds no certificate. Fetch /ca.pem of \
                       that Maestro, in PEM.";
        return Err(Refusal::usage("MAESTRO_CA_FILE", message));
    }
    Ok(certificates)
}
