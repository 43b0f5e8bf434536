//! Maestro elsewhere, over TLS: only a certificate that was said to be trusted is.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use cli::client::Environment;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::records::success;
use crate::{Exit, Home, Talk};

/// Answers one request over TLS, if it comes that far. Returns its address and the authority
/// behind its certificate, in PEM.
fn serve(body: String) -> (String, String) {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = names.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(connection, listener.accept().unwrap().0);
        let mut request = Vec::new();
        let mut bytes = [0; 1024];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut bytes) {
                Ok(read) if read > 0 => request.extend(&bytes[..read]),
                _untrusted_or_gone => return,
            }
        }
        assert!(String::from_utf8(request).unwrap().contains("Bearer abc"));
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
    });
    (format!("https://localhost:{port}"), authority.pem())
}

#[test]
fn only_the_named_authority_is_trusted() {
    let home = Home::with(&[]);
    let caller = json!({ "id": "t1", "role": "viewer" });
    let authority_file = home.folder.path().join("ca.pem");
    let ask = |origin: &str, trusted: bool| {
        let environment = Environment {
            token: Some("abc".into()),
            address: Some(origin.into()),
            authority_file: trusted.then(|| authority_file.clone()),
            ..Default::default()
        };
        home.start(&["whoami", "--json"], &Talk { environment, ..Default::default() })
    };

    let (origin, authority) = serve(success(&caller));
    std::fs::write(&authority_file, authority).unwrap();
    let outcome = ask(&origin, true);
    assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Ok, ""));
    assert_eq!(outcome.data(), caller);

    // Another server, whose authority is neither the named one nor a public one.
    for trusted in [true, false] {
        let (origin, _authority) = serve(success(&caller));
        let outcome = ask(&origin, trusted);
        assert_eq!(outcome.exit, Exit::Unreachable, "{}", outcome.err);
        let sentence = format!("The certificate at {origin} is not trusted. Fetch {origin}/ca.pem");
        assert!(outcome.err.contains(&sentence), "{}", outcome.err);
    }
}
