//! Certificates are made, read and renewed, and bad ones are refused with a sentence.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rcgen::{CertificateParams, KeyPair};
use x509_parser::prelude::ASN1Time;

use super::*;

const NOW_MS: i64 = 1_800_000_000_000;

fn home(folder: &Path) -> Home {
    Home::at(folder.join("home")).unwrap()
}

fn subject(names: &[&str]) -> Subject {
    Subject {
        address: [10, 0, 0, 1].into(),
        machine: "Studio".into(),
        instance: "abcd2345".into(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

async fn own(home: &Home, names: &[&str], now_ms: i64) -> Result<Arc<Certificates>, TlsError> {
    Certificates::prepare(home, &Source::Own, subject(names), "tailscale".into(), now_ms).await
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn an_own_authority_is_made_once_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    assert_eq!(authority_pem(&home), None);
    let first = own(&home, &["a.test"], NOW_MS).await.unwrap();
    let facts = first.facts();
    assert!(facts.own_authority);
    assert_eq!(facts.names, ["10.0.0.1", "a.test", "localhost", "studio", "studio.local"]);
    assert_eq!(facts.fingerprint.len(), 32 * 3 - 1);
    assert!(facts.fingerprint.bytes().all(|b| b":0123456789ABCDEF".contains(&b)));
    let tls = home.root().join("tls");
    assert_eq!(mode(&tls), 0o700);
    for file in ["ca.pem", "ca.key", "server.pem"] {
        assert_eq!(mode(&tls.join(file)), 0o600, "{file}");
    }
    let pem = authority_pem(&home).unwrap();
    assert!(pem.contains("BEGIN CERTIFICATE") && !pem.contains("PRIVATE"), "{pem}");

    let again = own(&home, &["a.test"], NOW_MS + DAY_MS).await.unwrap();
    assert_eq!(again.now().key.cert, first.now().key.cert, "the same one is served on");
    assert_eq!(authority_pem(&home).unwrap(), pem);
}

#[tokio::test]
async fn an_own_certificate_lives_397_days_and_is_renewed_in_time_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let certificates = own(&home, &[], NOW_MS).await.unwrap();
    let first = certificates.facts();
    let said = pair::said(&certificates.now().key.cert[0]).unwrap();
    assert_eq!((said.until_ms - said.from_ms) / DAY_MS, 397);

    let soon = first.expires_at_ms - RENEW_BEFORE_MS;
    assert!(!certificates.refresh(soon - 1).await.unwrap());
    assert!(certificates.refresh(soon).await.unwrap());
    let second = certificates.facts();
    assert!(second.expires_at_ms > first.expires_at_ms);
    assert_eq!(second.fingerprint, first.fingerprint, "devices trust the authority already");

    // Another name, and an authority that did not sign what is there.
    let named = own(&home, &["b.test"], NOW_MS).await.unwrap().facts();
    assert!(named.names.contains(&"b.test".into()));
    assert_eq!(named.fingerprint, first.fingerprint);
    for file in ["ca.pem", "ca.key"] {
        fs::remove_file(home.root().join("tls").join(file)).unwrap();
    }
    let other = own(&home, &["b.test"], NOW_MS).await.unwrap();
    assert_ne!(other.facts().fingerprint, first.fingerprint);
    let authority = authority_pem(&home).unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(authority.as_bytes()).unwrap();
    let authority = pem.parse_x509().unwrap();
    assert_eq!(authority.subject().to_string(), "CN=Maestro Studio (abcd2345)");
    let chain = other.now().key.cert.clone();
    let (_, leaf) = x509_parser::parse_x509_certificate(&chain[0]).unwrap();
    leaf.verify_signature(Some(authority.public_key())).unwrap();
}

#[tokio::test]
async fn an_authority_that_lost_its_key_or_shows_it_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    own(&home, &[], NOW_MS).await.unwrap();
    let tls = home.root().join("tls");
    let sentence = async || own(&home, &[], NOW_MS).await.unwrap_err().to_string();

    fs::set_permissions(tls.join("ca.key"), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(sentence().await.contains("(mode 640). Run: chmod go-rwx "));
    fs::set_permissions(tls.join("ca.key"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(tls.join("server.pem"), fs::Permissions::from_mode(0o604)).unwrap();
    assert!(sentence().await.contains("(mode 604)"));
    fs::set_permissions(tls.join("server.pem"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&tls, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(sentence().await.contains("(mode 755)"));
    fs::set_permissions(&tls, fs::Permissions::from_mode(0o700)).unwrap();

    let expired = own(&home, &[], NOW_MS + 3653 * DAY_MS).await.unwrap_err().to_string();
    assert!(expired.contains("ca.pem expired on 20"), "{expired}");
    write(&tls.join("server.pem"), "torn", 0o600);
    own(&home, &[], NOW_MS).await.unwrap();
    write(&tls.join("ca.key"), &KeyPair::generate().unwrap().serialize_pem(), 0o600);
    assert!(sentence().await.contains("does not belong to the certificate"));
    fs::remove_file(tls.join("ca.key")).unwrap();
    assert!(sentence().await.contains("every device must trust anew"));
}

/// A certificate of nobody we know, good for so many days around [`NOW_MS`].
fn stranger(from: i64, until: i64) -> (String, String) {
    let time = |days: i64| ASN1Time::from_timestamp(NOW_MS / 1000 + days * 86_400).unwrap();
    let mut params = CertificateParams::new(vec!["studio.example.org".to_owned()]).unwrap();
    params.not_before = time(from).to_datetime();
    params.not_after = time(until).to_datetime();
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

#[tokio::test]
async fn files_are_checked_before_they_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let source = Source::Files { cert: cert.clone(), key: key.clone() };
    let read = async || {
        Certificates::prepare(&home, &source, subject(&[]), "tailscale".into(), NOW_MS)
            .await
            .map_err(|error| error.to_string())
    };
    assert!(read().await.unwrap_err().contains("cert.pem cannot be used: No such file"));
    let (pem, secret) = stranger(-1, 10);
    write(&cert, &pem, 0o644);
    assert!(read().await.unwrap_err().contains("key.pem cannot be used: No such file"));
    write(&key, &secret, 0o644);
    assert!(read().await.unwrap_err().contains("key.pem (mode 644). Run: chmod"));
    write(&key, &secret, 0o640);
    let certificates = read().await.unwrap();
    let facts = certificates.facts();
    assert_eq!((facts.own_authority, facts.names), (false, vec!["studio.example.org".into()]));
    assert!(!home.root().exists(), "files of others need no folder of ours");

    write(&cert, "no certificate", 0o644);
    assert!(read().await.unwrap_err().contains("there is no certificate (PEM) in it"));
    write(&cert, &pem, 0o644);
    write(&key, &pem, 0o600);
    assert!(read().await.unwrap_err().contains("there is no unencrypted key (PEM) in it"));
    write(&key, &stranger(-1, 10).1, 0o600);
    let mismatch = certificates.refresh(NOW_MS).await.unwrap_err().to_string();
    assert!(mismatch.contains("does not belong to the certificate"), "{mismatch}");
    assert_eq!(read().await.unwrap_err(), mismatch);
    assert_eq!(certificates.facts().fingerprint, facts.fingerprint, "the old one is served on");

    let (old, secret) = stranger(-10, -1);
    write(&cert, &old, 0o644);
    write(&key, &secret, 0o600);
    assert!(read().await.unwrap_err().contains("expired on 2027-01-14. Renew it"));
    let (early, secret) = stranger(1, 10);
    write(&cert, &early, 0o644);
    write(&key, &secret, 0o600);
    assert!(read().await.unwrap_err().contains("is not valid before 2027-01-16. Check this"));

    let (new, secret) = stranger(-1, 20);
    write(&cert, &new, 0o644);
    write(&key, &secret, 0o600);
    assert!(certificates.refresh(NOW_MS).await.unwrap());
    assert_ne!(certificates.facts().fingerprint, facts.fingerprint);
    assert!(!certificates.refresh(NOW_MS).await.unwrap());
}

#[tokio::test]
async fn tailscale_is_asked_for_name_and_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let program = folder.path().join("tailscale");
    let get = async |program: &Path| {
        let subject = subject(&[]);
        Certificates::prepare(&home, &Source::Tailscale, subject, program.into(), NOW_MS).await
    };
    let missing = get(&program).await.unwrap_err().to_string();
    assert!(missing.contains("was not found. Install Tailscale"), "{missing}");

    let (pem, secret) = stranger(-1, 80);
    fs::write(folder.path().join("cert"), pem).unwrap();
    fs::write(folder.path().join("key"), secret).unwrap();
    // As `tailscale cert` writes them: the key for us alone.
    let fake = |status: &str| {
        let folder = folder.path().display();
        write(
            &program,
            &format!(
                "#!/bin/sh\nset -e\numask 077\n\
                 if [ \"$1 $2\" = 'status --json' ]; then echo '{status}'; exit; fi\n\
                 [ \"$1 $2 $4 $6\" = 'cert --cert-file --key-file studio.tail1.ts.net' ]\n\
                 cp '{folder}/cert' \"$3\"; cp '{folder}/key' \"$5\"; echo \"$6\" > '{folder}/asked'\n"
            ),
            0o700,
        );
    };
    fake(r#"{"Self": {"DNSName": "Studio.tail1.ts.net."}}"#);
    let certificates = get(&program).await.unwrap();
    assert_eq!(certificates.tailnet_name(), Some("studio.tail1.ts.net"));
    assert!(!certificates.facts().own_authority);
    assert_eq!(mode(&home.root().join("tls/tailscale.key")), 0o600);
    assert_eq!(
        fs::read_to_string(folder.path().join("asked")).unwrap().trim(),
        "studio.tail1.ts.net"
    );

    for nameless in [r#"{"Self": {"DNSName": ""}}"#, r#"{"Self": {"DNSName": "-x; rm"}}"#, "{}"] {
        fake(nameless);
        let sentence = get(&program).await.unwrap_err().to_string();
        assert!(sentence.contains("no name in the tailnet"), "{sentence}");
    }
    write(&program, "#!/bin/sh\necho 'not logged in.' >&2\nexit 1\n", 0o700);
    assert_eq!(
        get(&program).await.unwrap_err().to_string(),
        "Tailscale gives no certificate: not logged in. Mend that, or use --tls own instead."
    );
}
