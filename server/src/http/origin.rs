//! The Host and Origin gates: a web page elsewhere must not reach this server through the
//! browser of its owner.
//!
//! Loopback is no boundary (a browser reaches it), and under DNS rebinding Origin and Host agree
//! with each other, so both are held against a fixed list of names.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::error::{ApiError, ErrorCode};

use super::errors::{HttpError, too_large};

/// All headers of a request together.
const HEADER_BYTES: usize = 16 * 1024;
/// Names of this machine on loopback.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Refuses requests for other hosts and from other origins.
pub(crate) async fn gate(request: Request, next: Next) -> Response {
    match check(&request) {
        Ok(()) => next.run(request).await,
        Err(error) => HttpError(error).into_response(),
    }
}

fn check(request: &Request) -> Result<(), ApiError> {
    let headers = request.headers();
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > HEADER_BYTES {
        return Err(too_large());
    }
    let host = single(headers, header::HOST.as_str()).ok_or_else(misdirected)?;
    let authority = request.uri().authority().map(axum::http::uri::Authority::as_str);
    if !is_loopback(host) || authority.is_some_and(|authority| authority != host) {
        return Err(misdirected());
    }
    let upgrade = headers.contains_key(header::UPGRADE);
    let safe = matches!(*request.method(), Method::GET | Method::HEAD) && !upgrade;
    check_origin(headers, host, safe)?;
    check_fetch_site(headers, safe)
}

/// A browser names the page that asks. A request without Origin must carry a bearer token, which
/// browsers never add by themselves.
fn check_origin(headers: &HeaderMap, host: &str, safe: bool) -> Result<(), ApiError> {
    match single(headers, header::ORIGIN.as_str()) {
        Some(origin) if origin == format!("http://{host}") => Ok(()),
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

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        // A colon inside brackets is part of the address.
        Some((name, port)) if !port.ends_with(']') => {
            if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
                return false;
            }
            name
        }
        _ => host,
    };
    LOOPBACK.iter().any(|known| known.eq_ignore_ascii_case(name))
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
    use axum::body::Body;

    use super::*;

    fn check_request(method: &str, headers: &[(&str, &str)]) -> Option<ErrorCode> {
        let mut request = Request::builder().method(method).uri("/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(Body::empty()).unwrap()).err().map(|error| error.code)
    }

    #[test]
    fn only_names_of_this_machine_are_served() {
        let good = ["localhost", "LOCALHOST:23000", "127.0.0.1:1", "127.0.0.1", "[::1]", "[::1]:9"];
        for host in good {
            assert_eq!(check_request("GET", &[("host", host)]), None, "{host}");
        }
        let bad = [
            "",
            "evil.test",
            "localhost.evil.test",
            "127.0.0.1.evil.test",
            "127.0.0.2",
            "0.0.0.0",
            "0",
            "127.1",
            "2130706433",
            "0x7f.1",
            "::1",
            "[::]",
            "[::1",
            "[::ffff:127.0.0.1]",
            "localhost.",
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
        for host in bad {
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
}
