//! What was asked for about other devices: flags, variables and keys, not yet judged.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

use crate::config::ConfigError;

/// What the command line says about other devices; nothing where it says nothing.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ListenFlags {
    /// Also listen on this address, for other devices [env: MAESTRO_LISTEN]
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    pub listen: Option<ListenAddress>,
    /// Where the certificate of --listen comes from [env: MAESTRO_TLS]
    #[arg(long, value_enum, value_name = "SOURCE")]
    pub tls: Option<TlsSource>,
    /// Certificate and its chain, PEM [env: MAESTRO_TLS_CERT]
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate, PEM [env: MAESTRO_TLS_KEY]
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// --listen is for a reverse proxy that does TLS itself [env: MAESTRO_BEHIND_PROXY]
    #[arg(long)]
    pub behind_proxy: bool,
    /// Address of the reverse proxy, when it is another machine; may be repeated
    /// [env: MAESTRO_PROXIES]
    #[arg(long = "proxy", value_name = "ADDRESS")]
    pub proxies: Vec<IpAddr>,
    /// Another host name under which devices ask for this server; may be repeated
    /// [env: MAESTRO_NAMES]
    #[arg(long = "name", value_name = "HOST")]
    pub names: Vec<String>,
}

/// The same as keys of `config.toml`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ListenKeys {
    pub(crate) listen: Option<ListenAddress>,
    pub(crate) tls: Option<TlsSource>,
    pub(crate) tls_cert: Option<PathBuf>,
    pub(crate) tls_key: Option<PathBuf>,
    pub(crate) behind_proxy: Option<bool>,
    pub(crate) proxies: Option<Vec<IpAddr>>,
    pub(crate) names: Option<Vec<String>>,
}

/// Everything that was asked for, from whichever place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListenSettings {
    /// Address for other devices; none: only this machine.
    pub listen: Option<ListenAddress>,
    /// Where the certificate comes from.
    pub tls: Option<TlsSource>,
    /// Certificate and chain, PEM.
    pub tls_cert: Option<PathBuf>,
    /// Its key, PEM.
    pub tls_key: Option<PathBuf>,
    /// A reverse proxy does TLS.
    pub behind_proxy: bool,
    /// Where the proxy asks from; none: from this machine.
    pub proxies: Vec<IpAddr>,
    /// Further host names, as they were given.
    pub names: Vec<String>,
}

/// Where a certificate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum TlsSource {
    /// An authority of this instance, which devices are told to trust
    Own,
    /// Tailscale, for this machine's name in the tailnet
    Tailscale,
    /// The files --tls-cert and --tls-key
    Files,
}

/// An address with or without a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ListenAddress {
    /// One of this machine's addresses, or `0.0.0.0` or `::` for all.
    pub ip: IpAddr,
    /// Port, if it was said.
    pub port: Option<u16>,
}

const NOT_AN_ADDRESS: &str =
    "it is not an IP address with or without a port, such as 192.168.1.5 or [::]:23443";

/// A text that is no address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{NOT_AN_ADDRESS}")]
pub struct NotAnAddress;

impl FromStr for ListenAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(Self { ip, port: None });
        }
        let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if let Some(Ok(ip)) = bracketed.map(str::parse) {
            return Ok(Self { ip: IpAddr::V6(ip), port: None });
        }
        let address: SocketAddr = text.parse().map_err(|_| NotAnAddress)?;
        Ok(Self { ip: address.ip(), port: Some(address.port()) })
    }
}

impl TryFrom<String> for ListenAddress {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, NotAnAddress> {
        text.parse()
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.ip, port).fmt(f),
            None => self.ip.fmt(f),
        }
    }
}

impl ListenSettings {
    /// Flag before variable before key, each setting for itself.
    pub(crate) fn decide(
        flags: &ListenFlags,
        variable: &impl Fn(&str) -> Option<String>,
        keys: ListenKeys,
    ) -> Result<Self, ConfigError> {
        let said = |name: &str, value: String, problem: &'static str| {
            Err(ConfigError::Variable { name: name.into(), value, problem })
        };
        let listen = match (flags.listen, variable("MAESTRO_LISTEN")) {
            (Some(listen), _) => Some(listen),
            (None, Some(text)) => match text.parse() {
                Ok(listen) => Some(listen),
                Err(NotAnAddress) => return said("MAESTRO_LISTEN", text, NOT_AN_ADDRESS),
            },
            (None, None) => keys.listen,
        };
        let tls = match variable("MAESTRO_TLS") {
            None => keys.tls,
            Some(text) => match <TlsSource as clap::ValueEnum>::from_str(&text, false) {
                Ok(tls) => Some(tls),
                Err(_unknown) => {
                    return said("MAESTRO_TLS", text, "it is neither own, tailscale nor files");
                }
            },
        };
        let behind_proxy = match variable("MAESTRO_BEHIND_PROXY").as_deref() {
            None => keys.behind_proxy.unwrap_or_default(),
            Some("true") => true,
            Some("false") => false,
            Some(text) => {
                return said(
                    "MAESTRO_BEHIND_PROXY",
                    text.to_owned(),
                    "it is neither true nor false",
                );
            }
        };
        let proxies = match variable("MAESTRO_PROXIES") {
            Some(text) => match listed(&text).map(str::parse).collect() {
                Ok(proxies) => proxies,
                Err(_no_address) => {
                    let problem = "it is no list of IP addresses, separated by commas";
                    return said("MAESTRO_PROXIES", text, problem);
                }
            },
            None => keys.proxies.unwrap_or_default(),
        };
        let names = match variable("MAESTRO_NAMES") {
            Some(text) => listed(&text).map(Into::into).collect(),
            None => keys.names.unwrap_or_default(),
        };
        let path = |flag: &Option<PathBuf>, name: &str, key: Option<PathBuf>| {
            flag.clone().or_else(|| variable(name).map(PathBuf::from)).or(key)
        };
        Ok(Self {
            listen,
            tls: flags.tls.or(tls),
            tls_cert: path(&flags.tls_cert, "MAESTRO_TLS_CERT", keys.tls_cert),
            tls_key: path(&flags.tls_key, "MAESTRO_TLS_KEY", keys.tls_key),
            behind_proxy: flags.behind_proxy || behind_proxy,
            proxies: if flags.proxies.is_empty() { proxies } else { flags.proxies.clone() },
            names: if flags.names.is_empty() { names } else { flags.names.clone() },
        })
    }
}

/// The items of a variable that holds several, separated by commas.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_ip_with_or_without_a_port() {
        for (text, expected) in [
            ("192.168.1.5", "192.168.1.5"),
            ("192.168.1.5:8443", "192.168.1.5:8443"),
            ("::", "::"),
            ("[::]", "::"),
            ("[::]:1", "[::]:1"),
            ("fd7a:115c:a1e0::1", "fd7a:115c:a1e0::1"),
        ] {
            assert_eq!(text.parse::<ListenAddress>().unwrap().to_string(), expected);
        }
        for text in ["", "studio.local", "1.2.3", "1.2.3.4:", "1.2.3.4:70000", ":443", "[::]:"] {
            assert_eq!(text.parse::<ListenAddress>(), Err(NotAnAddress), "{text}");
        }
    }

    fn decide(
        flags: &ListenFlags,
        variables: &[(&str, &str)],
        keys: ListenKeys,
    ) -> Result<ListenSettings, String> {
        let variable = |wanted: &str| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        };
        ListenSettings::decide(flags, &variable, keys).map_err(|error| error.to_string())
    }

    #[test]
    fn flag_beats_variable_beats_key() {
        let address = |text: &str| Some(text.parse::<ListenAddress>().unwrap());
        let keys = || ListenKeys {
            listen: address("10.0.0.1"),
            tls: Some(TlsSource::Own),
            behind_proxy: Some(true),
            proxies: Some(vec!["10.0.0.7".parse().unwrap()]),
            names: Some(vec!["key.test".into()]),
            ..ListenKeys::default()
        };
        let settings = decide(&ListenFlags::default(), &[], keys()).unwrap();
        assert_eq!((settings.listen, settings.tls), (address("10.0.0.1"), Some(TlsSource::Own)));
        assert!(settings.behind_proxy);
        assert_eq!(settings.proxies, ["10.0.0.7".parse::<IpAddr>().unwrap()]);
        let variables = [
            ("MAESTRO_LISTEN", "10.0.0.2:1"),
            ("MAESTRO_TLS", "tailscale"),
            ("MAESTRO_BEHIND_PROXY", "false"),
            ("MAESTRO_NAMES", "a.test, b.test,"),
            ("MAESTRO_PROXIES", "10.0.0.8, ::1"),
            ("MAESTRO_TLS_CERT", "/c"),
        ];
        let settings = decide(&ListenFlags::default(), &variables, keys()).unwrap();
        assert_eq!(settings.listen, address("10.0.0.2:1"));
        assert_eq!(settings.tls, Some(TlsSource::Tailscale));
        assert_eq!(settings.names, ["a.test", "b.test"]);
        assert_eq!(settings.proxies, ["10.0.0.8", "::1"].map(|ip| ip.parse::<IpAddr>().unwrap()));
        assert_eq!(settings.tls_cert, Some("/c".into()));
        assert!(!settings.behind_proxy);
        let flags = ListenFlags {
            listen: address("10.0.0.3"),
            tls: Some(TlsSource::Files),
            proxies: vec!["10.0.0.9".parse().unwrap()],
            names: vec!["flag.test".into()],
            ..ListenFlags::default()
        };
        let settings = decide(&flags, &variables, keys()).unwrap();
        assert_eq!((settings.listen, settings.tls), (address("10.0.0.3"), Some(TlsSource::Files)));
        assert_eq!(settings.names, ["flag.test"]);
        assert_eq!(settings.proxies, ["10.0.0.9".parse::<IpAddr>().unwrap()]);
    }

    #[test]
    fn a_variable_that_makes_no_sense_is_named() {
        for (name, value) in [
            ("MAESTRO_LISTEN", "home"),
            ("MAESTRO_TLS", "on"),
            ("MAESTRO_BEHIND_PROXY", "1"),
            ("MAESTRO_PROXIES", "10.0.0.1, proxy"),
        ] {
            let flags = ListenFlags::default();
            let sentence = decide(&flags, &[(name, value)], ListenKeys::default()).unwrap_err();
            assert!(sentence.starts_with(&format!("{name}={value} cannot be used: it is ")));
        }
    }
}
