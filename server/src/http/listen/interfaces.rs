//! Which of this machine's addresses a tailnet gave to it.

use std::net::{IpAddr, Ipv6Addr};

/// A network interface, as far as it matters here.
#[derive(Clone, Debug)]
pub(super) struct Interface {
    /// Such as `eth0`.
    pub(super) name: String,
    /// One of its addresses.
    pub(super) ip: IpAddr,
}

/// The interfaces of this machine, one for each address.
pub(super) fn all() -> Vec<Interface> {
    let all = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the interfaces of this machine are not known");
        Vec::new()
    });
    all.into_iter().map(|it| Interface { ip: it.ip().to_canonical(), name: it.name }).collect()
}

/// Whether an interface of Tailscale's has this address. The address alone says nothing: internet
/// providers, too, give addresses of 100.64.0.0/10 to their customers.
pub(super) fn is_of_tailnet(ip: IpAddr, interfaces: &[Interface]) -> bool {
    is_tailnet(ip) && interfaces.iter().any(|it| it.ip == ip && is_tailscale(&it.name))
}

/// 100.64.0.0/10 and fd7a:115c:a1e0::/48, which Tailscale gives to its devices.
pub(super) fn is_tailnet(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(four) => {
            let [a, b, ..] = four.octets();
            a == 100 && (64..128).contains(&b)
        }
        IpAddr::V6(six) => six.segments()[..3] == TAILNET.segments()[..3],
    }
}

const TAILNET: Ipv6Addr = Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, 0);

/// `tailscale0` on Linux, `utun4` on macOS, `ts0` where somebody keeps names short.
fn is_tailscale(name: &str) -> bool {
    let number =
        ["tailscale", "utun", "ts"].into_iter().find_map(|beginning| name.strip_prefix(beginning));
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_the_tailnet_only_on_an_interface_of_tailscales() {
        let ip: IpAddr = "100.64.0.1".parse().unwrap();
        let on = |name: &str| is_of_tailnet(ip, &[Interface { name: name.into(), ip }]);
        for name in ["tailscale0", "tailscale", "utun12", "ts0"] {
            assert!(on(name), "{name}");
        }
        for name in ["wwan0", "ppp0", "eth0", "tsunami0", "tailscale-not", "my-tailscale0", ""] {
            assert!(!on(name), "{name}");
        }
        let other = Interface { name: "tailscale0".into(), ip: "100.64.0.2".parse().unwrap() };
        assert!(!is_of_tailnet(ip, &[other]), "another machine's");
        let home: IpAddr = "192.168.1.5".parse().unwrap();
        assert!(!is_of_tailnet(home, &[Interface { name: "utun0".into(), ip: home }]));
    }

    #[test]
    fn the_interfaces_of_this_machine_are_found() {
        assert!(all().iter().any(|it| it.ip.is_loopback()));
    }
}
