//! Who acted and which way it came, as words that an entry can hold.

use std::fmt;
use std::net::IpAddr;

use protocol::text::is_invisible;

/// Who did it, or tried to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A browser that logged in or was paired.
    Device {
        /// What its owner calls it.
        name: String,
        /// Its public id; it opens nothing.
        id: String,
    },
    /// The command line of this machine.
    CommandLine,
    /// A script.
    Token {
        /// What its owner calls it.
        name: String,
        /// Its public id; it opens nothing.
        id: String,
    },
    /// The session of an agent's terminal.
    Agent {
        /// The agent.
        id: String,
    },
    /// Nobody that is known.
    Nobody,
    /// The server by itself.
    Maestro,
}

impl fmt::Display for Actor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device { name, id } => write!(out, "device {} ({id})", visible(name)),
            Self::CommandLine => out.write_str("command line"),
            Self::Token { name, id } => write!(out, "token {} ({id})", visible(name)),
            Self::Agent { id } => write!(out, "agent {id}"),
            Self::Nobody => out.write_str("nobody"),
            Self::Maestro => out.write_str("maestro"),
        }
    }
}

/// What carried the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The API.
    Http,
    /// A page or a function of one.
    Page,
    /// A frame on a socket.
    Socket,
    /// The command line.
    Cli,
}

/// Which way it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// What carried it.
    pub carrier: Carrier,
    /// The other end of the connection.
    pub from: Option<IpAddr>,
}

impl fmt::Display for Way {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self.carrier {
            Carrier::Http => "http",
            Carrier::Page => "page",
            Carrier::Socket => "socket",
            Carrier::Cli => "cli",
        })?;
        // An IPv4 address that came through an IPv6 socket is the same address.
        self.from.map_or(Ok(()), |from| write!(out, " {}", from.to_canonical()))
    }
}

/// The text with everything spelled out that a reader could not see, or that would move a
/// terminal's cursor.
pub(super) fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, character| {
        if character.is_control() || is_invisible(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
        shown
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_words() {
        let (name, id) = ("ada-phone".to_owned(), "01j5".to_owned());
        for (actor, words) in [
            (Actor::Device { name: name.clone(), id: id.clone() }, "device ada-phone (01j5)"),
            (Actor::Token { name, id: id.clone() }, "token ada-phone (01j5)"),
            (Actor::Agent { id }, "agent 01j5"),
            (Actor::CommandLine, "command line"),
            (Actor::Nobody, "nobody"),
            (Actor::Maestro, "maestro"),
        ] {
            assert_eq!(actor.to_string(), words);
        }
    }

    #[test]
    fn names_cannot_hide_or_move_anything() {
        let name = "a\n\u{1b}[2J\u{202e}b\u{7f}é".to_owned();
        let actor = Actor::Device { name, id: "1".into() };
        assert_eq!(actor.to_string(), r"device a\u{a}\u{1b}[2J\u{202e}b\u{7f}é (1)");
    }

    #[test]
    fn ways_end_with_the_address() {
        let way = |carrier, from: Option<&str>| {
            Way { carrier, from: from.map(|from| from.parse().unwrap()) }.to_string()
        };
        assert_eq!(way(Carrier::Http, Some("10.0.0.7")), "http 10.0.0.7");
        assert_eq!(way(Carrier::Socket, Some("::ffff:10.0.0.7")), "socket 10.0.0.7");
        assert_eq!(way(Carrier::Page, Some("::1")), "page ::1");
        assert_eq!(way(Carrier::Cli, None), "cli");
    }
}
