//! A certificate authority of this instance: devices are told once to trust it, and it signs
//! whatever the server needs for the names and addresses that it has at the time.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::prelude::{ASN1Time, FromDer as _, X509Certificate};

use super::error::TlsError;
use super::pair::{self, Pair};
use super::{DAY_MS, RENEW_BEFORE_MS, private};
use crate::home::Home;

/// Ten years.
const AUTHORITY_MS: i64 = 3652 * DAY_MS;
/// With the day before it, 397 days: browsers refuse more.
const LEAF_MS: i64 = 396 * DAY_MS;
/// A device whose clock is behind must not refuse a fresh certificate.
const BACKDATED_MS: i64 = DAY_MS;

/// The authority, ready to sign.
pub(super) struct Authority {
    path: PathBuf,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// The one that is there, or a new one of this name.
    pub(super) fn at(folder: &Path, name: &str, now_ms: i64) -> Result<Self, TlsError> {
        let (path, key_path) = (folder.join("ca.pem"), folder.join("ca.key"));
        if !path.exists() {
            create(&path, &key_path, name, now_ms)?;
        }
        if !key_path.exists() {
            return Err(TlsError::LostKey { key: key_path, pem: path });
        }
        let der = Pair::read(&path, &key_path, private::file)?;
        // The same checks as for any certificate: time, and that the key is its own.
        let der = der.serve(None, now_ms)?.key.cert[0].clone();
        let key = fs::read_to_string(&key_path).map_err(|it| TlsError::file(&key_path, it))?;
        let key = KeyPair::from_pem(&key).map_err(|error| TlsError::file(&key_path, error))?;
        let issuer =
            Issuer::from_ca_cert_der(&der, key).map_err(|error| TlsError::file(&path, error))?;
        Ok(Self { path, der, issuer })
    }

    /// The certificate for devices to trust, if there is one. Never the key.
    pub(super) fn pem_at(folder: &Path) -> Option<String> {
        let pem = fs::read_to_string(folder.join("ca.pem")).ok()?;
        CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        (!pem.contains("PRIVATE KEY")).then_some(pem)
    }

    /// SHA-256 of the authority.
    pub(super) fn fingerprint(&self) -> String {
        pair::fingerprint(&self.der)
    }

    /// A certificate for these names: the one that is there if it will do, or else a new one.
    pub(super) fn leaf(
        &self,
        path: &Path,
        names: &[String],
        now_ms: i64,
    ) -> Result<Pair, TlsError> {
        if path.exists() {
            private::file(path)?;
            // One that cannot be read is worth as much as none.
            if let Ok(pair) = Pair::read(path, path, private::file)
                && self.will_do(&pair, names, now_ms)
            {
                return Ok(pair);
            }
        }
        self.issue(path, names, now_ms)?;
        Pair::read(path, path, private::file)
    }

    fn will_do(&self, pair: &Pair, names: &[String], now_ms: i64) -> bool {
        let Ok(said) = pair.said() else { return false };
        let mut known = said.names;
        known.sort();
        known == names
            && (said.from_ms..said.until_ms - RENEW_BEFORE_MS).contains(&now_ms)
            && self.signed(pair.leaf())
    }

    fn signed(&self, leaf: &CertificateDer<'_>) -> bool {
        let Ok((_, own)) = X509Certificate::from_der(&self.der) else { return false };
        let Ok((_, leaf)) = X509Certificate::from_der(leaf) else { return false };
        leaf.verify_signature(Some(own.public_key())).is_ok()
    }

    fn issue(&self, path: &Path, names: &[String], now_ms: i64) -> Result<(), TlsError> {
        let end = pair::said(&self.der).map_err(|problem| TlsError::file(&self.path, problem))?;
        let until = (now_ms + LEAF_MS).min(end.until_ms);
        let mut params = params("Maestro", now_ms - BACKDATED_MS, until)?;
        params.subject_alt_names =
            CertificateParams::new(names).map_err(TlsError::make)?.subject_alt_names;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(TlsError::make)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(TlsError::make)?;
        // One file, so that a crash leaves no key without its certificate.
        let text = format!("{}{}", certificate.pem(), key.serialize_pem());
        Ok(Home::write_private(path, &text)?)
    }
}

/// The key first: a certificate that is there has a key.
fn create(path: &Path, key_path: &Path, name: &str, now_ms: i64) -> Result<(), TlsError> {
    let mut params = params(name, now_ms - BACKDATED_MS, now_ms + AUTHORITY_MS)?;
    // It signs for servers and for nothing below it.
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().map_err(TlsError::make)?;
    let certificate = params.self_signed(&key).map_err(TlsError::make)?;
    Home::write_private(key_path, &key.serialize_pem())?;
    Ok(Home::write_private(path, &certificate.pem())?)
}

fn params(name: &str, from_ms: i64, until_ms: i64) -> Result<CertificateParams, TlsError> {
    let time = |at_ms: i64| {
        ASN1Time::from_timestamp(at_ms / 1000).map(|it| it.to_datetime()).map_err(TlsError::make)
    };
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = time(from_ms)?;
    params.not_after = time(until_ms)?;
    Ok(params)
}
