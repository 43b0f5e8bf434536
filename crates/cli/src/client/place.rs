//! Where Maestro is: where the environment says for whoever has a token of their own, else where
//! the data folder says.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use ureq::http::Uri;

use super::credential::{ADDRESS, AUTHORITY_FILE, Environment};
use super::run_files;
use crate::exit::Refusal;

/// An address, and what to say about it.
pub(super) struct Place {
    /// Scheme, host and port, such as `https://studio.local:23443`.
    pub(super) origin: String,
    /// The certificate authority to trust there, in PEM; public ones when there is none.
    pub(super) authority: Option<Vec<u8>>,
    /// The sentence for nobody there.
    pub(super) absent: String,
    /// The sentence for something else there.
    pub(super) foreign: String,
}

impl Place {
    /// On this machine, as the data folder says; `absent` is the sentence for nobody there.
    pub(super) fn of_folder(home: &Path, absent: String) -> Result<Self, Refusal> {
        let address = run_files::address(home, &absent)?;
        let foreign = format!(
            "What answers at {address} does not speak like this Maestro. Restart Maestro, so that \
             both are of one version."
        );
        Ok(Self { origin: format!("http://{address}"), authority: None, absent, foreign })
    }

    /// As the environment says, if it does.
    pub(super) fn of_environment(environment: &Environment) -> Result<Option<Self>, Refusal> {
        let Some(address) = &environment.address else { return Ok(None) };
        let origin = origin(address.to_str().unwrap_or_default())?;
        let authority = environment.authority_file.as_ref().map(read).transpose()?;
        let absent = format!(
            "Nothing answers at {origin}. Look whether Maestro runs there, and whether {ADDRESS} \
             is right."
        );
        let foreign = format!(
            "What answers at {origin} does not speak like this Maestro. Look whether {ADDRESS} is \
             right and both are of one version."
        );
        Ok(Some(Self { origin, authority, absent, foreign }))
    }
}

fn read(path: &PathBuf) -> Result<Vec<u8>, Refusal> {
    fs::read(path).map_err(|error| {
        let path = path.display();
        let message = format!("{AUTHORITY_FILE} names {path}, which cannot be read: {error}.");
        Refusal::usage(AUTHORITY_FILE, message)
    })
}

/// The address without a slash at its end, if a token may go there.
fn origin(address: &str) -> Result<String, Refusal> {
    let wrong = |what: &str| {
        let message = format!(
            "{ADDRESS} {what}. Give it an address such as https://studio.local:23443 or \
             http://127.0.0.1:23000."
        );
        Refusal::usage(ADDRESS, message)
    };
    let no_address = || wrong("does not hold an address");
    let uri: Uri = address.trim().parse().map_err(|_| no_address())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(no_address());
    };
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() || authority.as_str().contains('@')
    {
        return Err(wrong("holds more than scheme, host and port"));
    }
    match scheme {
        "https" => {}
        "http" if unread(authority.host()) => {}
        "http" => {
            return Err(wrong(
                "would send the token over the network where others can read it: plain http is \
                 only for this machine and for a tailnet address",
            ));
        }
        _ => return Err(wrong("is neither http nor https")),
    }
    Ok(format!("{scheme}://{authority}"))
}

/// Whether what goes to this host crosses no network in the clear: it stays on this machine, or a
/// tailnet encrypts it.
fn unread(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            let [first, second, ..] = address.octets();
            address.is_loopback() || first == 100 && second & 0b1100_0000 == 64
        }
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.segments()[..3] == [0xfd7a, 0x115c, 0xa1e0]
        }
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_only_where_nobody_reads_it_on_the_way() {
        for (address, expected) in [
            ("https://studio.local:23443", "https://studio.local:23443"),
            (" https://studio.local/ ", "https://studio.local"),
            ("http://127.0.0.1:23000", "http://127.0.0.1:23000"),
            ("http://[::1]:23000/", "http://[::1]:23000"),
            ("http://localhost:1", "http://localhost:1"),
            ("http://100.64.0.1:1", "http://100.64.0.1:1"),
            ("http://100.127.255.255:1", "http://100.127.255.255:1"),
            ("http://[fd7a:115c:a1e0::5]:1", "http://[fd7a:115c:a1e0::5]:1"),
        ] {
            assert_eq!(origin(address).unwrap(), expected);
        }
        for address in [
            "",
            "studio",
            "127.0.0.1:23000",
            "/tmp/socket",
            "ftp://127.0.0.1",
            "http://studio.local:23000",
            "http://localhost.evil.example",
            "http://100.128.0.1",
            "http://100.63.0.1",
            "http://192.168.1.5:23000",
            "http://[fd7a:115c:a1e1::5]:1",
            "http://127.0.0.1@evil.example",
            "https://a:b@studio.local",
            "https://studio.local/fn",
            "https://studio.local/?x",
        ] {
            let refusal = origin(address).expect_err(address);
            assert_eq!(refusal.exit, crate::Exit::Usage, "{address}");
        }
    }
}
