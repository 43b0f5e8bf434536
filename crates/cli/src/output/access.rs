//! Devices, login links, addresses, and who asks.

use protocol::access::devices::{Device, Entrance, Reach};
use protocol::access::{Caller, Role};
use protocol::logins::LoginLink;

use super::moment::{minute, utc};
use super::table::{fields, table};
use super::{Report, quoted, visible};
use crate::choice;
use crate::client::Source;

/// A link that stands alone on standard output.
pub(crate) fn login_link(link: &LoginLink, role: Role) -> Report {
    Report::new(link, format!("{}\n", visible(&link.url))).remark(format!(
        "Open this link in a browser. It works once, until {}. That browser is then {role}: {}",
        utc(link.expires_at_ms),
        role.meaning()
    ))
}

/// Devices, one per row.
pub(crate) fn list(devices: &[Device]) -> Report {
    if devices.is_empty() {
        let text = "No device is logged in. `maestro login-link` and `maestro access pair` let \
                    one in.\n";
        return Report::new(devices, text.to_owned());
    }
    let telling = choice::telling(devices);
    let row = |device: &Device| {
        let how = match device.entrance {
            Entrance::Link => "by link",
            Entrance::Paired => "paired",
        };
        [
            visible(&device.name),
            device.role.to_string(),
            format!("{how} {}", minute(device.created_at_ms)),
            minute(device.last_seen_at_ms),
            visible(&device.address),
            device.sockets.to_string(),
            visible(&device.id.chars().take(telling).collect::<String>()),
        ]
    };
    let titles = ["NAME", "ROLE", "CAME IN (UTC)", "LAST USED (UTC)", "ADDRESS", "SOCKETS", "ID"];
    Report::new(devices, table(titles, devices.iter().map(row).collect()))
}

/// A device has another name.
pub(crate) fn renamed(before: &Device, device: &Device) -> Report {
    let text = format!("Renamed device {} to {}.\n", quoted(&before.name), quoted(&device.name));
    Report::new(device, text)
}

/// A device has another role.
pub(crate) fn role(device: &Device) -> Report {
    let Device { name, role, .. } = device;
    let text = format!("Device {} is {role} now. {}\n", quoted(name), role.meaning());
    Report::new(device, text)
}

/// Addresses and the certificate.
pub(crate) fn reach(reach: &Reach) -> Report {
    let mut lines = vec![("On this machine", visible(&reach.loopback))];
    if let Some(public) = &reach.public {
        lines.push(("Other devices", visible(public)));
    }
    if let Some(certificate) = &reach.certificate {
        let kind = if certificate.own_authority {
            "of this Maestro's own certificate authority, which a device must be told to trust"
        } else {
            "from elsewhere"
        };
        lines.push(("Certificate", kind.to_owned()));
        lines.push(("Fingerprint", format!("SHA-256 {}", visible(&certificate.fingerprint))));
        lines.push(("Names", visible(&certificate.names.join(", "))));
        lines.push(("Expires", utc(certificate.expires_at_ms)));
    }
    let report = Report::new(reach, fields(&lines));
    if reach.public.is_some() {
        return report;
    }
    report
        .remark("Other devices cannot reach it: `maestro --help` tells about --listen.".to_owned())
}

/// As whom the server sees this command line.
pub(crate) fn caller(caller: &Caller, source: &Source, origin: &str) -> Report {
    let Caller { id, role } = caller;
    let id = id.as_deref().map(|id| format!(" ({})", visible(id))).unwrap_or_default();
    let lines = [
        ("Role", format!("{role}. {}", role.meaning())),
        ("Credential", format!("{}{id}", visible(&source.place()))),
        ("Maestro", visible(origin)),
    ];
    Report::new(caller, fields(&lines))
}
