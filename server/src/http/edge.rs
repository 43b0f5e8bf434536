//! How a request came in: through which listener, from where, and whether others could read it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use protocol::error::{ApiError, ErrorCode};

use super::origin::Names;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_HOST: &str = "x-forwarded-host";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// How a connection came to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From whoever asks.
    Direct,
    /// From a reverse proxy of ours.
    Proxy,
    /// To the proxy's listener, but not from it.
    PastProxy,
}

/// What the accept loop knows about a request; an extension of each.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Whether the browser speaks TLS, to us or to our proxy.
    pub secure: bool,
    /// The other end of the connection; behind a proxy that is the proxy.
    pub peer: SocketAddr,
    /// Who asks, for limits and the audit trail: the peer, or whom the proxy names.
    pub client: IpAddr,
    /// Our end of the connection.
    pub local: SocketAddr,
    /// Whether it came through the listener of this machine.
    pub loopback: bool,
    /// Whether a proxy is in between, whose `X-Forwarded-…` headers count.
    pub(super) way: Way,
    /// Names that the listener answers to.
    pub(super) names: Arc<Names>,
}

impl Edge {
    /// The same for one request, if it may be answered at all. Who comes past the proxy would be
    /// read along by everybody, and could say that it is anybody.
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<Self, ApiError> {
        let edge = self.of(headers);
        match edge.way {
            Way::PastProxy => Err(ApiError::new(
                ErrorCode::Forbidden,
                format!(
                    "This port is for a reverse proxy, and {} is not one that Maestro was told \
                     of. Ask the proxy; if this is the proxy, name it with --proxy ADDRESS.",
                    edge.peer.ip()
                ),
            )),
            Way::Proxy if !edge.secure => Err(ApiError::new(
                ErrorCode::Misdirected,
                "The reverse proxy did not say that this request came over TLS. Ask for https://; \
                 the proxy must send plain HTTP there, and set X-Forwarded-Proto to https.",
            )),
            Way::Direct | Way::Proxy => Ok(edge),
        }
    }

    /// The same for one request: behind a proxy, its headers say who asks and how. Of a list the
    /// last counts, since the proxy appends and the client may write whatever it likes before.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Self {
        let mut edge = self.clone();
        if self.way == Way::Proxy {
            edge.secure =
                last(headers, FORWARDED_PROTO).is_some_and(|it| it.eq_ignore_ascii_case("https"));
            let client = last(headers, FORWARDED_FOR).and_then(|text| text.parse::<IpAddr>().ok());
            edge.client = client.map_or(self.peer.ip(), |ip| ip.to_canonical());
        }
        edge
    }

    /// The host that the browser asked for, if it is one and said once.
    pub(super) fn host<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let name = if self.way == Way::Proxy && headers.contains_key(FORWARDED_HOST) {
            FORWARDED_HOST
        } else {
            header::HOST.as_str()
        };
        super::origin::single(headers, name)
    }

    /// The host that the browser asked for, without its port, if we answer under it.
    pub(super) fn known_host<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        self.names.find(self.host(headers)?, self.local.ip())
    }

    /// What an origin of ours begins with.
    pub(super) fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }
}

fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(way: Way) -> Edge {
        let local = "10.0.0.1:23443".parse().unwrap();
        let peer: SocketAddr = "10.0.0.9:5".parse().unwrap();
        let names = Arc::new(Names::loopback());
        Edge { secure: false, peer, client: peer.ip(), local, loopback: false, way, names }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_a_proxy_may_say_who_asks_and_how() {
        let said = headers(&[
            ("x-forwarded-proto", "https"),
            ("x-forwarded-for", "203.0.113.7"),
            ("x-forwarded-host", "a.test"),
            ("host", "b.test"),
        ]);
        let direct = edge(Way::Direct).of(&said);
        assert!(!direct.secure && direct.client == direct.peer.ip());
        assert_eq!(direct.host(&said), Some("b.test"));
        let proxied = edge(Way::Proxy).of(&said);
        assert!(proxied.secure);
        assert_eq!(proxied.client.to_string(), "203.0.113.7");
        assert_eq!(proxied.peer.to_string(), "10.0.0.9:5", "the socket's own");
        assert_eq!(proxied.host(&said), Some("a.test"));
    }

    #[test]
    fn what_a_client_wrote_before_the_proxy_does_not_count() {
        let said = headers(&[
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-for", "1.1.1.1, ::ffff:203.0.113.7"),
            ("x-forwarded-proto", "https, http"),
            ("x-forwarded-host", "a.test"),
            ("x-forwarded-host", "b.test"),
        ]);
        let edge = edge(Way::Proxy).of(&said);
        assert_eq!(edge.client.to_string(), "203.0.113.7");
        assert!(!edge.secure);
        assert_eq!(edge.host(&said), None, "two hosts are none");
        let garbage = headers(&[("x-forwarded-for", "unknown")]);
        assert_eq!(edge.of(&garbage).client, edge.peer.ip());
    }

    #[test]
    fn who_comes_past_the_proxy_or_not_over_tls_is_refused_with_a_sentence() {
        let https = headers(&[("x-forwarded-proto", "https"), ("x-forwarded-for", "127.0.0.1")]);
        let refused = |way, headers: &HeaderMap| edge(way).admit(headers).unwrap_err();
        let error = refused(Way::PastProxy, &https);
        assert_eq!(error.code, ErrorCode::Forbidden);
        assert!(error.message.contains("10.0.0.9 is not one that Maestro was told of"));
        assert_eq!(edge(Way::PastProxy).of(&https).client.to_string(), "10.0.0.9");
        assert!(edge(Way::Proxy).admit(&https).unwrap().secure);
        for said in [&[][..], &[(FORWARDED_PROTO, "http")], &[(FORWARDED_PROTO, "https, http")]] {
            let plain = headers(said);
            assert_eq!(refused(Way::Proxy, &plain).code, ErrorCode::Misdirected);
            assert!(edge(Way::Direct).admit(&plain).is_ok());
        }
    }
}
