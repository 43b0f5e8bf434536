//! Whether listening for other devices is safe as it was asked for. Pure: no clock, no I/O.
//!
//! Whoever reaches Maestro can run commands. So nothing listens beyond this machine before
//! somebody logged in, and nothing that others can read along.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use super::interfaces::{Interface, is_of_tailnet, is_tailnet};
use super::settings::{ListenSettings, TlsSource};

/// What is added to the port of this machine to get the one for other devices.
const PORT_DISTANCE: u16 = 443;

/// One safe door for other devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Where to listen; port 0 lets the system choose.
    pub(crate) address: SocketAddr,
    /// What keeps others from reading along.
    pub(crate) protection: Protection,
    /// Further host names, in lower case, IPv6 addresses without brackets.
    pub(crate) names: Vec<String>,
}

/// What keeps others from reading along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// We do TLS.
    Tls(Source),
    /// A reverse proxy does, from one of these addresses; from this machine if there are none.
    Proxy(Vec<IpAddr>),
    /// The tailnet does: WireGuard carries every packet to this address.
    Tailnet,
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Our own authority.
    Own,
    /// The program tailscale.
    Tailscale,
    /// Two PEM files.
    Files {
        /// Certificate and chain.
        cert: PathBuf,
        /// Its key.
        key: PathBuf,
    },
}

/// Why other devices cannot be served like this, and what to do.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ListenError {
    /// Something is set that only means something with an address.
    #[error("{0} is only for other devices. Say with --listen ADDRESS where they reach Maestro.")]
    Nowhere(&'static str),
    /// Nobody ever logged in.
    #[error(
        "Nobody has logged in to this Maestro yet, so it does not listen on {0}: whoever came \
         first would own it. Start it without --listen, open the login link that it prints, then \
         start it again with --listen."
    )]
    NoLogin(SocketAddr),
    /// Anybody on the way could read along.
    #[error(
        "On {0} everybody on the network could read along. Add --tls own, or --behind-proxy when \
         a reverse proxy does TLS, or listen on this machine's own tailnet address."
    )]
    Unprotected(IpAddr),
    /// It looks like a tailnet and may be the network of an internet provider.
    #[error(
        "No interface of Tailscale's has the address {0}; internet providers use such addresses, \
         too, and there everybody could read along. Start Tailscale, or add --tls own."
    )]
    NotTailnet(IpAddr),
    /// Loopback is there already.
    #[error(
        "{0} is this machine, which is served already. Give --listen the address under which \
         other devices reach it, or leave --listen out."
    )]
    Loopback(IpAddr),
    /// A proxy without a name.
    #[error(
        "--behind-proxy needs the host name under which the proxy is reached. Add --name HOST."
    )]
    ProxyWithoutName,
    /// A proxy that nothing is behind.
    #[error("--proxy is only for --behind-proxy. Add that, or leave --proxy out.")]
    NotBehindProxy,
    /// Two that exclude each other.
    #[error("{0} and {1} exclude each other. Leave one out.")]
    Both(&'static str, &'static str),
    /// Half of a pair.
    #[error("A certificate from files needs --tls-cert FILE and --tls-key FILE. Give both.")]
    HalfOfFiles,
    /// Not a host name.
    #[error(
        "“{0}” is not a host name. Give --name the host alone, such as studio.example.org, \
         without scheme, port or path."
    )]
    Name(String),
    /// The port is taken by ourselves.
    #[error(
        "Port {0} is the one for this machine. Choose another for other devices with --listen \
         ADDRESS:PORT."
    )]
    SamePort(u16),
    /// No port is left above the main one.
    #[error("Port {0} leaves no port for other devices. Name one with --listen ADDRESS:PORT.")]
    NoPort(u16),
}

/// Decides how other devices are served, if they are to be. `main_port` is the one of this
/// machine; `has_credential` says whether somebody logged in before; `interfaces` are this machine's.
pub(super) fn decide(
    settings: &ListenSettings,
    main_port: u16,
    has_credential: bool,
    interfaces: &[Interface],
) -> Result<Option<Plan>, ListenError> {
    let Some(listen) = settings.listen else {
        return match only_with_listen(settings) {
            Some(what) => Err(ListenError::Nowhere(what)),
            None => Ok(None),
        };
    };
    let names = settings.names.iter().map(|name| host_name(name)).collect::<Result<Vec<_>, _>>()?;
    let source = source(settings)?;
    // An IPv4 address in IPv6 clothes must not pass for another one.
    let ip = listen.ip.to_canonical();
    let protection = match (source, settings.behind_proxy) {
        (Some(_), true) => return Err(ListenError::Both("--tls", "--behind-proxy")),
        (None, true) if names.is_empty() => return Err(ListenError::ProxyWithoutName),
        (None, true) => {
            Protection::Proxy(settings.proxies.iter().map(IpAddr::to_canonical).collect())
        }
        _ if !settings.proxies.is_empty() => return Err(ListenError::NotBehindProxy),
        (Some(source), false) => Protection::Tls(source),
        (None, false) if ip.is_loopback() => return Err(ListenError::Loopback(ip)),
        (None, false) if is_of_tailnet(ip, interfaces) => Protection::Tailnet,
        (None, false) if is_tailnet(ip) => return Err(ListenError::NotTailnet(ip)),
        (None, false) => return Err(ListenError::Unprotected(ip)),
    };
    let port = match listen.port {
        Some(port)
            if port == main_port && port != 0 && (ip.is_unspecified() || ip.is_loopback()) =>
        {
            return Err(ListenError::SamePort(port));
        }
        Some(port) => port,
        None if main_port == 0 => 0,
        None => main_port.checked_add(PORT_DISTANCE).ok_or(ListenError::NoPort(main_port))?,
    };
    let address = SocketAddr::new(ip, port);
    // Last, so that every other mistake is found on the first try.
    if !has_credential {
        return Err(ListenError::NoLogin(address));
    }
    Ok(Some(Plan { address, protection, names }))
}

fn only_with_listen(settings: &ListenSettings) -> Option<&'static str> {
    [
        (settings.tls.is_some(), "--tls"),
        (settings.tls_cert.is_some(), "--tls-cert"),
        (settings.tls_key.is_some(), "--tls-key"),
        (settings.behind_proxy, "--behind-proxy"),
        (!settings.proxies.is_empty(), "--proxy"),
        (!settings.names.is_empty(), "--name"),
    ]
    .into_iter()
    .find_map(|(set, what)| set.then_some(what))
}

fn source(settings: &ListenSettings) -> Result<Option<Source>, ListenError> {
    let files = match (&settings.tls_cert, &settings.tls_key) {
        (Some(cert), Some(key)) => Some(Source::Files { cert: cert.clone(), key: key.clone() }),
        (None, None) => None,
        _ => return Err(ListenError::HalfOfFiles),
    };
    match (settings.tls, files) {
        (Some(TlsSource::Own), Some(_)) => Err(ListenError::Both("--tls own", "--tls-cert")),
        (Some(TlsSource::Tailscale), Some(_)) => {
            Err(ListenError::Both("--tls tailscale", "--tls-cert"))
        }
        (Some(TlsSource::Files), None) => Err(ListenError::HalfOfFiles),
        (Some(TlsSource::Own), None) => Ok(Some(Source::Own)),
        (Some(TlsSource::Tailscale), None) => Ok(Some(Source::Tailscale)),
        (None | Some(TlsSource::Files), files) => Ok(files),
    }
}

/// A host name in lower case, or an IP address.
fn host_name(text: &str) -> Result<String, ListenError> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(ip.to_string());
    }
    if is_host_name(text) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(ListenError::Name(text.into()))
    }
}

/// Whether this can stand in a certificate and in an address bar.
pub(crate) fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // All digits at the end would be read as an IPv4 address.
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.split('.').all(label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(listen: &str) -> ListenSettings {
        ListenSettings { listen: Some(listen.parse().unwrap()), ..ListenSettings::default() }
    }

    fn own(listen: &str) -> ListenSettings {
        ListenSettings { tls: Some(TlsSource::Own), ..asked(listen) }
    }

    fn proxied(listen: &str, names: &[&str]) -> ListenSettings {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        ListenSettings { behind_proxy: true, names, ..asked(listen) }
    }

    /// Tailscale gave these to this machine, and nobody else did.
    fn tailscale() -> Vec<Interface> {
        ["100.64.0.0", "100.64.0.1", "100.127.255.255", "fd7a:115c:a1e0::1", "10.0.0.1"]
            .map(|ip| Interface { name: "tailscale0".into(), ip: ip.parse().unwrap() })
            .into()
    }

    fn plan(settings: &ListenSettings) -> Plan {
        decide(settings, 23_000, true, &tailscale()).unwrap().unwrap()
    }

    fn refused(settings: &ListenSettings) -> ListenError {
        decide(settings, 23_000, true, &tailscale()).unwrap_err()
    }

    #[test]
    fn without_an_address_only_this_machine_is_served() {
        assert_eq!(decide(&ListenSettings::default(), 1, false, &tailscale()), Ok(None));
        let names = ListenSettings { names: vec!["a.test".into()], ..ListenSettings::default() };
        assert_eq!(refused(&names), ListenError::Nowhere("--name"));
        let tls = ListenSettings { tls: Some(TlsSource::Own), ..ListenSettings::default() };
        assert_eq!(refused(&tls), ListenError::Nowhere("--tls"));
        let proxy = ListenSettings { behind_proxy: true, ..ListenSettings::default() };
        assert_eq!(refused(&proxy), ListenError::Nowhere("--behind-proxy"));
    }

    #[test]
    fn nothing_listens_for_others_before_somebody_logged_in() {
        for settings in [
            own("0.0.0.0"),
            own("10.0.0.1"),
            asked("100.64.0.1"),
            proxied("127.0.0.1", &["a.test"]),
        ] {
            let error = decide(&settings, 23_000, false, &tailscale()).unwrap_err();
            assert!(matches!(error, ListenError::NoLogin(_)), "{settings:?}");
            assert!(error.to_string().contains("without --listen, open the login link"));
        }
    }

    #[test]
    fn what_others_could_read_is_refused_whatever_its_clothes() {
        let behind = Protection::Proxy(Vec::new());
        for open in [
            "0.0.0.0",
            "::",
            "[::]:23443",
            "::ffff:0.0.0.0",
            "::ffff:10.0.0.1",
            "10.0.0.1",
            "192.168.1.5:443",
            "203.0.113.7",
            "fe80::1",
            "2001:db8::1",
            "100.63.255.255",
            "100.128.0.0",
            "fd7a:115c:a1e1::1",
        ] {
            assert!(matches!(refused(&asked(open)), ListenError::Unprotected(_)), "{open}");
            assert_eq!(plan(&own(open)).protection, Protection::Tls(Source::Own), "{open}");
            assert_eq!(plan(&proxied(open, &["a.test"])).protection, behind, "{open}");
        }
        for tailnet in ["100.64.0.0", "100.127.255.255", "fd7a:115c:a1e0::1", "::ffff:100.64.0.1"] {
            assert_eq!(plan(&asked(tailnet)).protection, Protection::Tailnet, "{tailnet}");
        }
        for loopback in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            assert!(matches!(refused(&asked(loopback)), ListenError::Loopback(_)), "{loopback}");
        }
    }

    #[test]
    fn an_address_of_a_providers_network_is_no_tailnet() {
        let at = |settings: &ListenSettings, interfaces: &[Interface]| {
            decide(settings, 23_000, true, interfaces)
        };
        let ip: IpAddr = "100.64.0.1".parse().unwrap();
        let on = |name: &str| [Interface { name: name.into(), ip }];
        let settings = asked("100.64.0.1");
        assert!(at(&settings, &on("utun3")).is_ok());
        for interfaces in [&on("wwan0")[..], &[]] {
            let error = at(&settings, interfaces).unwrap_err();
            assert_eq!(error, ListenError::NotTailnet(ip));
            assert!(error.to_string().ends_with("Start Tailscale, or add --tls own."));
            assert!(at(&own("100.64.0.1"), interfaces).is_ok());
        }
    }

    #[test]
    fn proxies_are_named_only_where_there_is_one() {
        let proxies = vec!["10.0.0.2".parse().unwrap(), "::ffff:10.0.0.3".parse().unwrap()];
        let behind = ListenSettings { proxies: proxies.clone(), ..proxied("::", &["a.test"]) };
        let expected = ["10.0.0.2", "10.0.0.3"].map(|ip| ip.parse().unwrap()).into();
        assert_eq!(plan(&behind).protection, Protection::Proxy(expected));
        for other in [own("::"), asked("100.64.0.1"), asked("0.0.0.0")] {
            let settings = ListenSettings { proxies: proxies.clone(), ..other };
            assert_eq!(refused(&settings), ListenError::NotBehindProxy);
        }
        let nowhere = ListenSettings { proxies, ..ListenSettings::default() };
        assert_eq!(refused(&nowhere), ListenError::Nowhere("--proxy"));
    }

    #[test]
    fn the_port_is_443_above_the_main_one_unless_it_is_said() {
        assert_eq!(plan(&own("10.0.0.1")).address.to_string(), "10.0.0.1:23443");
        assert_eq!(plan(&own("10.0.0.1:23000")).address.port(), 23_000);
        assert_eq!(decide(&own("::"), 0, true, &tailscale()).unwrap().unwrap().address.port(), 0);
        assert_eq!(
            decide(&own("::"), 65_100, true, &tailscale()),
            Err(ListenError::NoPort(65_100))
        );
        assert_eq!(refused(&own("0.0.0.0:23000")), ListenError::SamePort(23_000));
        assert_eq!(refused(&own("[::1]:23000")), ListenError::SamePort(23_000));
    }

    #[test]
    fn a_certificate_comes_from_one_place() {
        let files = |cert: Option<&str>, key: Option<&str>, tls| ListenSettings {
            tls_cert: cert.map(Into::into),
            tls_key: key.map(Into::into),
            tls,
            ..asked("10.0.0.1")
        };
        let both = Protection::Tls(Source::Files { cert: "c".into(), key: "k".into() });
        assert_eq!(plan(&files(Some("c"), Some("k"), None)).protection, both);
        assert_eq!(plan(&files(Some("c"), Some("k"), Some(TlsSource::Files))).protection, both);
        for half in [
            files(Some("c"), None, None),
            files(None, Some("k"), Some(TlsSource::Files)),
            files(None, None, Some(TlsSource::Files)),
        ] {
            assert_eq!(refused(&half), ListenError::HalfOfFiles);
        }
        for other in [TlsSource::Own, TlsSource::Tailscale] {
            let error = refused(&files(Some("c"), Some("k"), Some(other)));
            assert!(matches!(error, ListenError::Both(_, "--tls-cert")));
        }
        let tailscale = ListenSettings { tls: Some(TlsSource::Tailscale), ..asked("::") };
        assert_eq!(plan(&tailscale).protection, Protection::Tls(Source::Tailscale));
        let both = ListenSettings { behind_proxy: true, ..own("::") };
        assert_eq!(refused(&both), ListenError::Both("--tls", "--behind-proxy"));
    }

    #[test]
    fn names_are_hosts_and_nothing_else() {
        assert_eq!(refused(&proxied("10.0.0.1", &[])), ListenError::ProxyWithoutName);
        let good = ["Studio.Example.org", "a", "10.1.2.3", "[2001:DB8::1]", "xn--bcher-kva.test"];
        let names = plan(&proxied("10.0.0.1", &good)).names;
        let expected = ["studio.example.org", "a", "10.1.2.3", "2001:db8::1", "xn--bcher-kva.test"];
        assert_eq!(names, expected);
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "https://a.test",
            "a.test:443",
            "a/b",
            "*",
            "*.a.test",
            "-a",
            "a-",
            "a_b",
            "bücher.test",
            "a b",
            "1.2.3",
            "0x7f.1",
            "a.1",
            "user@a",
            "a\r\nb",
        ] {
            assert_eq!(refused(&proxied("::", &[bad])), ListenError::Name(bad.into()), "{bad}");
        }
    }
}
