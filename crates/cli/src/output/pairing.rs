//! An offer to pair a device, the question about the device that came, and the end of it.

use protocol::access::Role;
use protocol::access::pairing::PairingOffer;

use super::moment::utc;
use super::table::fields;
use super::{Report, quoted, visible};

/// Modules of light around a QR code; readers find it by them.
const MARGIN: usize = 4;
/// Black on white whatever the terminal's colours are, and back: inverted codes are not read by
/// every phone.
const INK: &str = "\u{1b}[38;5;16;48;5;231m";
const PLAIN: &str = "\u{1b}[0m";

/// Said while nobody came yet.
pub(crate) const WAITING: &str =
    "Waiting for the device, for two minutes at most. Ctrl+C ends the wait.\n";

/// A device that has proven itself.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// What it calls itself.
    pub(crate) name: String,
    /// Digits that stand on the device too.
    pub(crate) fingerprint: String,
    /// Where it comes from.
    pub(crate) address: String,
    /// What its browser calls itself.
    pub(crate) user_agent: String,
}

/// What the person needs to bring the device here.
pub(crate) fn offer(offer: &PairingOffer, with_qr: bool) -> String {
    let mut text = String::new();
    if with_qr {
        text.push_str(&qr(&offer.qr));
        text.push('\n');
    }
    text.push_str(&fields(&[
        ("Open on the device", visible(&offer.url)),
        ("Or type there", visible(&offer.code)),
        ("Works once, until", utc(offer.expires_at_ms)),
    ]));
    text
}

/// An offer that is all there is.
pub(crate) fn offer_alone(of: &PairingOffer, with_qr: bool) -> Report {
    Report::new(of, offer(of, with_qr)).remark(
        "Nobody can be asked here: the page “Access” of Maestro asks whether to let the device in."
            .to_owned(),
    )
}

/// Somebody typed a wrong code.
pub(crate) fn wrong_code(tries_left: u8) -> String {
    format!("A wrong code was typed. Tries left: {tries_left}.")
}

/// Asks about the device that came.
pub(crate) fn question(waiting: &Waiting) -> String {
    let Waiting { name, fingerprint, address, user_agent } = waiting;
    format!(
        "Device {} at {} asks to be let in. Its browser says: {}\n\
         The device must show the same digits: {}\n\
         Let it in as viewer? [y/N/operator/owner] ",
        quoted(name),
        visible(address),
        quoted(user_agent),
        visible(fingerprint)
    )
}

/// The device is in.
pub(crate) fn confirmed(waiting: &Waiting, role: Role) -> Report {
    let text =
        format!("Device {} is let in as {role}. {}\n", quoted(&waiting.name), role.meaning());
    Report::new((), text)
}

/// The device is not in.
pub(crate) fn refused(waiting: &Waiting) -> Report {
    Report::new((), format!("Device {} was not let in.\n", quoted(&waiting.name)))
}

/// Somebody answered on a page meanwhile.
pub(crate) fn decided_elsewhere(let_in: bool) -> Report {
    let text = if let_in {
        "The device was let in meanwhile, from a page. `maestro access list` shows it.\n"
    } else {
        "The device was refused meanwhile, from a page.\n"
    };
    Report::new((), text.to_owned())
}

/// The code with its margin, two rows of modules in one line of text.
fn qr(rows: &[String]) -> String {
    let width = rows.iter().map(|row| row.chars().count()).max().unwrap_or_default();
    let light = vec![false; width + 2 * MARGIN];
    let mut modules = vec![light.clone(); MARGIN];
    for row in rows {
        let mut line = light.clone();
        for (module, dark) in line.iter_mut().skip(MARGIN).zip(row.chars().map(|c| c == '1')) {
            *module = dark;
        }
        modules.push(line);
    }
    modules.extend(vec![light.clone(); MARGIN]);
    let mut text = String::new();
    for pair in modules.chunks(2) {
        let below = pair.get(1).unwrap_or(&light);
        text.push_str(INK);
        text.extend(pair[0].iter().zip(below).map(|(upper, lower)| match (upper, lower) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        text.push_str(PLAIN);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_with_light_around_it() {
        let drawn = qr(&["101".to_owned(), "110".to_owned(), "011".to_owned()]);
        let lines: Vec<&str> = drawn
            .lines()
            .map(|line| line.strip_prefix(INK).unwrap().strip_suffix(PLAIN).unwrap())
            .collect();
        let light = " ".repeat(11);
        let expected =
            [&light, &light, "    █▄▀    ", "     ▀▀    ", &light, &light].map(str::to_owned);
        assert_eq!(lines, expected);
    }
}
