//! Plain HTTP on the port for TLS: whoever typed the address without its scheme is sent on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::slots::Slot;
use crate::http::edge::Edge;

/// How long all of it may take, a request's head included.
const PATIENCE: Duration = Duration::from_secs(15);

/// Answers one request and closes.
pub(super) async fn answer(
    stream: TcpStream,
    slot: &Arc<Slot>,
    edge: &Edge,
    mut builder: http1::Builder,
) {
    let service = service_fn(async |request: hyper::Request<Incoming>| {
        slot.speak(edge.peer.ip());
        Ok::<_, Infallible>(respond(&request, edge))
    });
    let served = builder.keep_alive(false).serve_connection(TokioIo::new(stream), service);
    match timeout(PATIENCE, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "plain HTTP on the port for TLS"),
        Err(_elapsed) => tracing::debug!("plain HTTP on the port for TLS took too long"),
    }
}

fn respond<B>(request: &hyper::Request<B>, edge: &Edge) -> Response<String> {
    let mut response = Response::new(String::new());
    let location = location(request, edge).and_then(|it| HeaderValue::from_str(&it).ok());
    if let Some(location) = location {
        *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
        response.headers_mut().insert(header::LOCATION, location);
    } else {
        *response.status_mut() = StatusCode::BAD_REQUEST;
        // Nothing of the request is repeated: it may be anything.
        *response.body_mut() = "This port speaks TLS. Ask for https://.\n".into();
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn location<B>(request: &hyper::Request<B>, edge: &Edge) -> Option<String> {
    let name = edge.known_host(request.headers())?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    // OPTIONS * names no path.
    let path = if path.starts_with('/') { path } else { "/" };
    Some(format!("https://{name}:{}{path}", edge.local.port()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::listen::{Door, Guard};
    use crate::http::origin::Names;

    fn ask(host: &[&str], uri: &str) -> (u16, Option<String>, String) {
        let names = Arc::new(Names::beyond(&["studio.local".into()]));
        let door = Door { guard: Guard::Plain, names, loopback: false };
        let edge = door.edge("10.0.0.9:5".parse().unwrap(), "10.0.0.1:23443".parse().unwrap());
        let mut request = hyper::Request::builder().uri(uri);
        for host in host {
            request = request.header("host", *host);
        }
        let response = respond(&request.body(()).unwrap(), &edge);
        let location = response.headers().get("location");
        let location = location.map(|it| it.to_str().unwrap().to_owned());
        (response.status().as_u16(), location, response.into_body())
    }

    #[test]
    fn a_known_host_is_sent_to_the_same_page_over_tls() {
        for (host, uri, expected) in [
            ("studio.local:23443", "/a?b=c", "https://studio.local:23443/a?b=c"),
            ("studio.local", "/", "https://studio.local:23443/"),
            ("10.0.0.1:23443", "//evil.test/x", "https://10.0.0.1:23443//evil.test/x"),
            ("localhost:1", "http://evil.test/x", "https://localhost:23443/x"),
            ("studio.local", "*", "https://studio.local:23443/"),
        ] {
            let (status, location, body) = ask(&[host], uri);
            assert_eq!((status, location.as_deref()), (308, Some(expected)), "{host} {uri}");
            assert_eq!(body, "");
        }
    }

    #[test]
    fn an_unknown_host_is_sent_nowhere_and_not_repeated() {
        let two = ["studio.local", "studio.local"];
        for host in [&["evil.test"][..], &["10.0.0.2"], &["studio.local.evil.test"], &[], &two] {
            let (status, location, body) = ask(host, "/evil.test");
            assert_eq!((status, location), (400, None), "{host:?}");
            assert!(!body.contains("evil"), "{body}");
        }
    }
}
