//! The Host and Origin gates: a web page elsewhere must not reach this server through the
//! browser of its owner.
//!
//! Loopback is no boundary (a browser reaches it), and under DNS rebinding Origin and Host agree
//! with each other, so both are held against a fixed list of names. Each listener has its own
//! list; one that listens on all addresses has one, too.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::error::{ApiError, ErrorCode};

use super::edge::Edge;
use super::errors::{HttpError, too_large};
use super::state::AppState;
use crate::access::attempt;

const HOST: &str = "host";
/// All headers of a request together.
const HEADER_BYTES: usize = 16 * 1024;
/// Names of this machine on loopback.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Host names that one listener answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names {
    /// In lower case, IPv6 addresses in brackets.
    known: Vec<String>,
    /// Whether the address that the connection came to is one of them: it is ours, and no other
    /// name can be made to look like it.
    own_address: bool,
}

impl Names {
    /// For the listener of this machine: nothing else than loopback.
    pub(crate) fn loopback() -> Self {
        Self { known: LOOPBACK.map(Into::into).into(), own_address: false }
    }

    /// For the listener of other devices: also these names and addresses, and whichever of the
    /// machine's addresses a connection comes to.
    pub(crate) fn beyond(names: &[String]) -> Self {
        let mut known = Self::loopback().known;
        known.extend(names.iter().map(|name| match name.parse() {
            Ok(ip) => bracketed(ip),
            Err(_not_an_address) => name.to_ascii_lowercase(),
        }));
        Self { known, own_address: true }
    }

    /// The host without its port, if a request for it is meant for us. `local` is the address
    /// that the connection came to.
    pub(crate) fn find<'a>(&self, host: &'a str, local: IpAddr) -> Option<&'a str> {
        let name = without_port(host)?;
        let known = self.known.iter().any(|known| known.eq_ignore_ascii_case(name))
            || (self.own_address && bracketed(local.to_canonical()).eq_ignore_ascii_case(name));
        known.then_some(name)
    }
}

/// An address as it stands in a Host header.
fn bracketed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(four) => four.to_string(),
        IpAddr::V6(six) => format!("[{six}]"),
    }
}

/// Refuses requests for other hosts and from other origins.
pub(crate) async fn gate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match check(&request) {
        Ok(()) => next.run(request).await,
        Err(error) => {
            if let Some(edge) = request.extensions().get::<Edge>() {
                state.access.trail.remark(attempt::stray(edge.client, &error));
            }
            HttpError(error).into_response()
        }
    }
}

fn check(request: &Request) -> Result<(), ApiError> {
    let headers = request.headers();
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > HEADER_BYTES {
        return Err(too_large());
    }
    // Every request has one; without it nothing is known to be allowed.
    let edge = request.extensions().get::<Edge>().ok_or_else(misdirected)?;
    edge.known_host(headers).ok_or_else(misdirected)?;
    let host = edge.host(headers).ok_or_else(misdirected)?;
    let authority = request.uri().authority().map(axum::http::uri::Authority::as_str);
    if authority.is_some_and(|authority| Some(authority) != single(headers, HOST)) {
        return Err(misdirected());
    }
    let upgrade = headers.contains_key(header::UPGRADE);
    let safe = matches!(*request.method(), Method::GET | Method::HEAD) && !upgrade;
    check_origin(headers, &format!("{}://{host}", edge.scheme()), safe)?;
    check_fetch_site(headers, safe)
}

/// A browser names the page that asks. A request without Origin must carry a bearer token, which
/// browsers never add by themselves.
fn check_origin(headers: &HeaderMap, own: &str, safe: bool) -> Result<(), ApiError> {
    match single(headers, header::ORIGIN.as_str()) {
        Some(origin) if origin == own => Ok(()),
        None if !headers.contains_key(header::ORIGIN)
            && (safe || headers.contains_key(header::AUTHORIZATION)) =>
        {
            Ok(())
        }
        _ => Err(foreign()),
    }
}

/// What browsers say about where a request comes from. Another port of this machine is
/// `same-site`, and not us either. Following a link from elsewhere to a page is fine: the cookie
/// is strict, so such a request is nobody's.
fn check_fetch_site(headers: &HeaderMap, safe: bool) -> Result<(), ApiError> {
    let value = |name| headers.get(name).map(axum::http::HeaderValue::as_bytes);
    match value("sec-fetch-site") {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_)
            if safe
                && value("sec-fetch-mode") == Some(b"navigate")
                && value("sec-fetch-dest") == Some(b"document") =>
        {
            Ok(())
        }
        Some(_) => Err(foreign()),
    }
}

pub(super) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// `None` when what follows the host is no port.
fn without_port(host: &str) -> Option<&str> {
    match host.rsplit_once(':') {
        // A colon inside brackets is part of the address.
        Some((name, port)) if !port.ends_with(']') => {
            let good = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            good.then_some(name)
        }
        _ => Some(host),
    }
}

fn misdirected() -> ApiError {
    ApiError::new(
        ErrorCode::Misdirected,
        "Maestro does not answer under this host name. Open the address that it printed at its \
         start.",
    )
}

fn foreign() -> ApiError {
    ApiError::new(
        ErrorCode::Forbidden,
        "This request comes from another page. Use Maestro's own page, or the command line.",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::Body;

    use super::*;
    use crate::http::listen::{Door, Guard};

    fn check_at(
        door: &Door,
        local: &str,
        method: &str,
        headers: &[(&str, &str)],
    ) -> Option<ErrorCode> {
        let mut request = Request::builder().method(method).uri("/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        let edge = door.edge("10.0.0.9:5".parse().unwrap(), local.parse().unwrap());
        let edge = edge.of(request.headers());
        request.extensions_mut().insert(edge);
        check(&request).err().map(|error| error.code)
    }

    fn check_request(method: &str, headers: &[(&str, &str)]) -> Option<ErrorCode> {
        check_at(&Door::loopback(), "127.0.0.1:23000", method, headers)
    }

    /// What no listener answers to.
    const STRANGE: [&str; 30] = [
        "",
        "evil.test",
        "localhost.evil.test",
        "127.0.0.1.evil.test",
        "studio.local.evil.test",
        "evil.studio.local",
        "127.0.0.2",
        "0.0.0.0",
        "0",
        "127.1",
        "2130706433",
        "0x7f.1",
        "192.168.1.6",
        "::1",
        "[::]",
        "[::1",
        "[::ffff:127.0.0.1]",
        "[::ffff:192.168.1.5]",
        "localhost.",
        "studio.local.",
        "localhost:",
        "localhost:x",
        "localhost:80:80",
        "user@localhost",
        "localhost/",
        " localhost",
        "localhost ",
        "xn--localhost",
        "127.0.0.1:-1",
        "[::1]x",
    ];

    #[test]
    fn only_names_of_this_machine_are_served() {
        let good = ["localhost", "LOCALHOST:23000", "127.0.0.1:1", "127.0.0.1", "[::1]", "[::1]:9"];
        for host in good {
            assert_eq!(check_request("GET", &[("host", host)]), None, "{host}");
        }
        let elsewhere = ["studio.local", "studio", "192.168.1.5", "[2001:db8::5]:23443"];
        for host in STRANGE.into_iter().chain(elsewhere) {
            let refused = check_request("GET", &[("host", host)]);
            assert_eq!(refused, Some(ErrorCode::Misdirected), "{host}");
        }
        let twice = [("host", "localhost"), ("host", "localhost")];
        assert_eq!(check_request("GET", &twice), Some(ErrorCode::Misdirected));
        assert_eq!(check_request("GET", &[]), Some(ErrorCode::Misdirected));
        let forwarded = [("host", "evil.test"), ("x-forwarded-host", "localhost")];
        assert_eq!(check_request("GET", &forwarded), Some(ErrorCode::Misdirected));
    }

    #[test]
    fn only_our_own_page_may_act() {
        let host = ("host", "localhost:9");
        let own = ("origin", "http://localhost:9");
        let bearer = ("authorization", "Bearer x");
        let upgrade = ("upgrade", "websocket");
        let check = |method, headers: &[_], allowed: bool| {
            let refused = check_request(method, headers);
            let expected = if allowed { None } else { Some(ErrorCode::Forbidden) };
            assert_eq!(refused, expected, "{method} {headers:?}");
        };
        check("GET", &[host], true);
        check("POST", &[host], false);
        check("POST", &[host, own], true);
        check("POST", &[host, bearer], true);
        check("GET", &[host, upgrade], false);
        check("GET", &[host, upgrade, own], true);
        check("GET", &[host, upgrade, bearer], true);
        let foreign = [
            "null",
            "http://localhost:8",
            "https://localhost:9",
            "http://127.0.0.1:9",
            "http://evil.test",
            "http://localhost:9.evil.test",
            "",
        ];
        for origin in foreign {
            for method in ["GET", "POST", "DELETE"] {
                check(method, &[host, ("origin", origin)], false);
                check(method, &[host, bearer, ("origin", origin)], false);
            }
        }
    }

    #[test]
    fn another_port_of_this_machine_is_another_site() {
        let host = ("host", "localhost:9");
        let own = ("origin", "http://localhost:9");
        let site = |value| ("sec-fetch-site", value);
        let link = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        let frame = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
        let check = |method, headers: &[_], allowed: bool| {
            assert_eq!(check_request(method, headers).is_none(), allowed, "{method} {headers:?}");
        };
        check("POST", &[host, own, site("same-origin")], true);
        check("POST", &[host, own, site("same-site")], false);
        check("GET", &[host, site("cross-site")], false);
        check("GET", &[&[host, site("cross-site")], &link[..]].concat(), true);
        check("GET", &[&[host, site("cross-site")], &frame[..]].concat(), false);
        check("POST", &[&[host, own, site("cross-site")], &link[..]].concat(), false);
    }

    fn beyond(guard: Guard) -> Door {
        let names = ["studio", "Studio.Local", "203.0.113.9", "2001:db8::9"].map(Into::into);
        Door { guard, names: Arc::new(Names::beyond(&names)), loopback: false }
    }

    #[test]
    fn a_listener_for_others_answers_to_its_names_and_to_the_address_that_was_reached() {
        let door = beyond(Guard::Plain);
        let at = |local, host| check_at(&door, local, "GET", &[("host", host)]);
        let four = "192.168.1.5:23443";
        for host in [
            "localhost:1",
            "studio",
            "STUDIO.local:23443",
            "192.168.1.5",
            "192.168.1.5:23443",
            "203.0.113.9",
            "[2001:db8::9]:1",
        ] {
            assert_eq!(at(four, host), None, "{host}");
            assert_eq!(at("[::ffff:192.168.1.5]:1", host), None, "{host} over a dual-stack socket");
        }
        for host in STRANGE {
            assert_eq!(at(four, host), Some(ErrorCode::Misdirected), "{host}");
        }
        // An address of ours, but not the one that was reached.
        assert_eq!(at("10.0.0.1:23443", "192.168.1.5"), Some(ErrorCode::Misdirected));
        assert_eq!(at("[2001:db8::5]:1", "[2001:db8::5]:1"), None);
        assert_eq!(at("[2001:db8::5]:1", "[2001:db8:0::5]:1"), Some(ErrorCode::Misdirected));
    }

    #[test]
    fn behind_a_proxy_the_host_and_scheme_that_it_names_count() {
        let check =
            |guard, headers: &[_]| check_at(&beyond(guard), "127.0.0.1:23443", "POST", headers);
        let host = ("host", "127.0.0.1:23443");
        let named = ("x-forwarded-host", "studio.local");
        let https = ("x-forwarded-proto", "https");
        let own = ("origin", "https://studio.local");
        assert_eq!(check(Guard::proxy("10.0.0.9"), &[host, named, https, own]), None);
        assert_eq!(check(Guard::proxy("10.0.0.9"), &[("host", "studio.local"), https, own]), None);
        let plain = [host, named, ("x-forwarded-proto", "http"), own];
        assert_eq!(check(Guard::proxy("10.0.0.9"), &plain), Some(ErrorCode::Forbidden));
        let evil = [host, ("x-forwarded-host", "evil.test"), https, own];
        assert_eq!(check(Guard::proxy("10.0.0.9"), &evil), Some(ErrorCode::Misdirected));
        let twice = [host, named, ("x-forwarded-host", "studio.local"), https, own];
        assert_eq!(check(Guard::proxy("10.0.0.9"), &twice), Some(ErrorCode::Misdirected));
        let list = [host, ("x-forwarded-host", "studio.local, evil.test"), https, own];
        assert_eq!(check(Guard::proxy("10.0.0.9"), &list), Some(ErrorCode::Misdirected));
        // On any other listener these headers are nothing but text.
        assert_eq!(check(Guard::Plain, &[host, named, https, own]), Some(ErrorCode::Forbidden));
    }

    #[test]
    fn a_request_of_which_nothing_is_known_is_refused() {
        let request = Request::builder().uri("/x").header("host", "localhost");
        let refused = check(&request.body(Body::empty()).unwrap()).unwrap_err();
        assert_eq!(refused.code, ErrorCode::Misdirected);
    }
}
