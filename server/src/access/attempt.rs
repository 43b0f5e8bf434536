//! Requests and frames in the words of the audit trail.

use std::net::IpAddr;

use protocol::error::{ApiError, ErrorCode};
use protocol::terminals::TerminalId;

use super::matrix::Row;
use super::principal::Principal;
use crate::audit::{Actor, Carrier, NewEntry, Way};

/// A request that is noted, before it is known how it went.
#[derive(Debug)]
pub struct Attempt {
    entry: NewEntry,
    /// What the path says it is about.
    object: String,
}

impl Attempt {
    /// What somebody asks for.
    pub fn new(principal: &Principal, path: &str, row: Option<&'static Row>, from: IpAddr) -> Self {
        let action = row
            .map_or_else(|| "wrong token".to_owned(), |row| format!("{} {}", row.method, row.path));
        let carrier = match principal {
            Principal::CommandLine => Carrier::Cli,
            _ if path.starts_with("/api/") => Carrier::Http,
            _ => Carrier::Page,
        };
        let object = row.map(|row| named(row, path)).unwrap_or_default();
        Self { entry: NewEntry::new(&actor(principal), way(carrier, from), action), object }
    }

    /// It was not allowed.
    pub fn denied(&self, why: &ApiError) -> NewEntry {
        self.entry.clone().on(self.object.as_str()).denied(why.message.as_str())
    }

    /// It was answered with this HTTP status. `object` is what those who carried it out called it.
    pub fn answered(self, status: u16, object: String) -> NewEntry {
        let object = if object.is_empty() { self.object } else { object };
        let entry = self.entry.on(object);
        match status {
            200..=399 => entry,
            // Credentials were wrong: like all that is denied, a flood of them is counted.
            401 | 403 | 429 => entry.denied(format!("Answered with {status}.")),
            _ => entry.failed(format!("Answered with {status}.")),
        }
    }
}

/// A frame that was taken.
pub fn frame(principal: &Principal, from: IpAddr, name: &str, on: &TerminalId) -> NewEntry {
    new_frame(principal, from, name).on(on.to_string())
}

/// A frame that was refused.
pub fn denied_frame(principal: &Principal, from: IpAddr, name: &str, why: &ApiError) -> NewEntry {
    new_frame(principal, from, name).denied(why.message.as_str())
}

fn new_frame(principal: &Principal, from: IpAddr, name: &str) -> NewEntry {
    NewEntry::new(&actor(principal), way(Carrier::Socket, from), format!("FRAME {name}"))
}

fn way(carrier: Carrier, from: IpAddr) -> Way {
    Way { carrier, from: Some(from) }
}

fn actor(principal: &Principal) -> Actor {
    match principal {
        Principal::Anonymous => Actor::Nobody,
        Principal::CommandLine => Actor::CommandLine,
        Principal::Device(device) => {
            Actor::Device { name: device.name.clone(), id: device.id.clone() }
        }
        Principal::Script(script) => {
            Actor::Token { name: script.name.clone(), id: script.id.clone() }
        }
        Principal::Session(terminal) => Actor::Agent { id: terminal.to_string() },
    }
}

/// The part of the path that stands for the row's `{…}`.
fn named(row: &Row, path: &str) -> String {
    let place = row.path.split('/').position(|part| part.starts_with('{'));
    let part = place.and_then(|place| path.split('/').nth(place)).unwrap_or_default();
    // Anybody can ask for anything: no more than an id is worth keeping.
    part.chars().take(64).collect()
}

/// A request that was meant for another host, or came from another page.
pub fn stray(from: IpAddr, why: &ApiError) -> NewEntry {
    let action = match why.code {
        ErrorCode::Misdirected => "request for another host",
        _ => "request of another page",
    };
    NewEntry::new(&Actor::Nobody, way(Carrier::Http, from), action).denied(why.message.as_str())
}
