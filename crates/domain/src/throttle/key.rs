//! What attempts are counted under.

use std::fmt;
use std::net::IpAddr;

use super::Rule;

/// What kind of credential is attempted. Each is counted apart: who guesses one kind must not
/// keep others from using another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A token that scripts and programs send.
    Bearer,
    /// A login link.
    Login,
    /// A pairing's code or secret.
    Pairing,
}

/// What attempts are counted under. Its text is stored: it holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// What is attempted: a kind of login, one pairing, one token's id.
    Account(String),
    /// Where it comes from; see [`Key::address`].
    Address(Kind, String),
    /// All attempts of a kind together.
    All(Kind),
}

impl Key {
    /// The key of whoever has this address: in version 6 a network of 64 bits, since one customer
    /// has at least that; this machine by whatever address it calls itself.
    pub fn address(kind: Kind, address: IpAddr) -> Self {
        let address = address.to_canonical();
        let place = match address {
            _ if address.is_loopback() => "loopback".into(),
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        };
        Self::Address(kind, place)
    }

    /// How attempts under this key are spaced.
    pub fn rule(&self) -> &'static Rule {
        match self {
            Self::Account(_) | Self::Address(..) => &Rule::ONE,
            Self::All(_) => &Rule::ALL,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(out, "account {account}"),
            Self::Address(kind, address) => write!(out, "{kind} address {address}"),
            Self::All(kind) => write!(out, "{kind} all"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Bearer => "bearer",
            Self::Login => "login",
            Self::Pairing => "pairing",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_customer_are_one_key() {
        for (address, expected) in [
            ("192.168.1.7", "address 192.168.1.7"),
            ("::ffff:192.168.1.7", "address 192.168.1.7"),
            ("127.0.0.1", "address loopback"),
            ("127.9.9.9", "address loopback"),
            ("::1", "address loopback"),
            ("::ffff:127.0.0.1", "address loopback"),
            ("2001:db8:0:7:1:2:3:4", "address 2001:db8:0:7::/64"),
            ("2001:db8:0:7:ffff::1", "address 2001:db8:0:7::/64"),
            ("2001:db8:0:8::1", "address 2001:db8:0:8::/64"),
        ] {
            let key = Key::address(Kind::Login, address.parse().unwrap());
            assert_eq!(key.to_string(), format!("login {expected}"));
        }
        // A name that looks like another kind of key is still an account.
        assert_eq!(Key::Account("all".into()).to_string(), "account all");
        assert_eq!(Key::All(Kind::Bearer).to_string(), "bearer all");
    }
}
