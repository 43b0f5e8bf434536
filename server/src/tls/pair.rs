//! A certificate with its chain and key, out of PEM, checked before anybody sees it.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::access::devices::Certificate;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{ASN1Time, FromDer as _, X509Certificate};

use super::Served;
use super::error::TlsError;
use crate::home::HomeError;

/// A certificate with its chain and key, and where they lie.
#[derive(Debug)]
pub(super) struct Pair {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    cert_path: PathBuf,
    key_path: PathBuf,
}

/// What a certificate says of itself; times in milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) names: Vec<String>,
    pub(super) from_ms: i64,
    pub(super) until_ms: i64,
}

impl Pair {
    /// Reads two PEM files, which may be one. `check` judges who can read the key.
    pub(super) fn read(
        cert: &Path,
        key: &Path,
        check: fn(&Path) -> Result<(), HomeError>,
    ) -> Result<Self, TlsError> {
        let read = |path: &Path| fs::read(path).map_err(|error| TlsError::file(path, error));
        let pem = read(cert)?;
        let chain = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| TlsError::file(cert, error))?;
        if chain.is_empty() {
            return Err(TlsError::file(cert, "there is no certificate (PEM) in it"));
        }
        let pem = read(key)?;
        check(key)?;
        let secret = PrivateKeyDer::from_pem_slice(&pem)
            .map_err(|_unread| TlsError::file(key, "there is no unencrypted key (PEM) in it"))?;
        Ok(Self { chain, key: secret, cert_path: cert.into(), key_path: key.into() })
    }

    /// The certificate itself, without its chain.
    pub(super) fn leaf(&self) -> &CertificateDer<'static> {
        &self.chain[0]
    }

    /// What the certificate says of itself.
    pub(super) fn said(&self) -> Result<Said, TlsError> {
        said(self.leaf()).map_err(|problem| TlsError::file(&self.cert_path, problem))
    }

    /// Checks that it can be served now. `authority` is the fingerprint of ours, if it signed.
    pub(super) fn serve(self, authority: Option<String>, now_ms: i64) -> Result<Served, TlsError> {
        let said = self.said()?;
        if now_ms >= said.until_ms {
            return Err(TlsError::Expired { path: self.cert_path, day: day(said.until_ms) });
        }
        if now_ms < said.from_ms {
            return Err(TlsError::NotYet { path: self.cert_path, day: day(said.from_ms) });
        }
        let own_authority = authority.is_some();
        let facts = Certificate {
            fingerprint: authority.unwrap_or_else(|| fingerprint(self.leaf())),
            own_authority,
            names: said.names,
            expires_at_ms: said.until_ms,
        };
        let key =
            any_supported_type(&self.key).map_err(|error| TlsError::file(&self.key_path, error))?;
        let key = CertifiedKey::new(self.chain, key);
        if key.keys_match().is_err() {
            return Err(TlsError::Mismatch { cert: self.cert_path, key: self.key_path });
        }
        Ok(Served { key: Arc::new(key), facts })
    }
}

/// What a certificate says of itself.
pub(super) fn said(der: &CertificateDer<'_>) -> Result<Said, String> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
    let alternative = certificate.subject_alternative_name().map_err(|error| error.to_string())?;
    let names = alternative.map_or(&[][..], |it| &it.value.general_names);
    let validity = certificate.validity();
    Ok(Said {
        names: names.iter().filter_map(name).collect(),
        from_ms: ms(validity.not_before),
        until_ms: ms(validity.not_after),
    })
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match **bytes {
            [a, b, c, d] => Some(IpAddr::from([a, b, c, d]).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
        },
        _ => None,
    }
}

/// SHA-256 as people compare it: upper-case hexadecimal with colons.
pub(super) fn fingerprint(der: &CertificateDer<'_>) -> String {
    let bytes = Sha256::digest(der);
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

fn ms(time: ASN1Time) -> i64 {
    time.timestamp().saturating_mul(1000)
}

fn day(at_ms: i64) -> String {
    ASN1Time::from_timestamp(at_ms / 1000)
        .map_or_else(|_| "an unknown day".into(), |time| time.to_datetime().date().to_string())
}
