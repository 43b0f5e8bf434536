//! The pairings that are open, as a state machine: times and random bytes are handed in.
//!
//! An offer lives two minutes, is used once and forgives five tries, whichever way they come. A
//! try is taken before it is looked at, so that a burst of guesses counts as what it is. Whoever
//! has proven nothing hears only that a code is wrong, or that a pairing is over.

mod entry;
mod refusal;
#[cfg(test)]
mod tests;

use std::fmt;

use protocol::access::pairing::{Pairing, PairingList};

use self::entry::{Entry, Exchange, Stage, Waiting};
pub use self::refusal::{Closed, Full, Refusal};
use crate::code::{Code, Secret};
use crate::exchange::{ENTROPY_BYTES, Half};
use crate::hex;
use crate::introduction::Introduction;
use crate::proof::{PROOF_BYTES, Shared};

/// How long an offer lives, in milliseconds.
pub const LIFE_MS: i64 = 2 * 60_000;
/// Wrong proofs that an offer forgives, in all.
pub const TRIES: u8 = 5;
/// Offers that are open at the same time.
pub const OPEN: usize = 3;
/// How long a device may take between the two halves of an exchange, in milliseconds.
const EXCHANGE_MS: i64 = 30_000;
/// How long what became of an offer is still told, and a device that was let in may collect what
/// lets it in, in milliseconds.
const KEPT_MS: i64 = 60_000;
/// Offers that are remembered, those that ended included.
const REMEMBERED: usize = 16;

/// Where random bytes come from.
pub type Random<'a> = &'a mut dyn FnMut() -> u8;

/// All pairings, newest first.
#[derive(Debug)]
pub struct Desk {
    instance: String,
    revision: u64,
    entries: Vec<Entry>,
}

/// An offer as the owner gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Names it; opens nothing.
    pub id: String,
    /// For a camera.
    pub secret: Secret,
    /// For fingers.
    pub code: Code,
    /// When it ends, milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
}

/// The host's half of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Names the exchange; opens nothing.
    pub exchange: String,
    /// The host's message.
    pub message: Vec<u8>,
}

/// Where a device comes from, as the owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its network address.
    pub address: String,
    /// What its browser calls itself.
    pub user_agent: String,
}

/// What a device says to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Who it says it is.
    pub device: Introduction,
    /// That it holds the key.
    pub proof: Vec<u8>,
    /// Where it comes from.
    pub origin: Origin,
}

/// What a device gets that has proven itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Proven {
    /// The pairing.
    pub id: String,
    /// With this it asks what the owner says.
    pub ticket: String,
    /// The host's own proof.
    pub proof: [u8; PROOF_BYTES],
}

impl fmt::Debug for Proven {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Proven").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A device that has proven itself and waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// What it calls itself.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// How it stands for a device that has proven itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The owner has said nothing yet.
    Pending,
    /// The owner let it in.
    Confirmed,
    /// The owner refused it.
    Refused,
    /// Nobody said anything in time, or there is no such pairing.
    Over,
}

impl Desk {
    /// No pairings yet. `instance` is the host's name in proofs.
    pub fn new(instance: &str) -> Self {
        Self { instance: instance.to_owned(), revision: 0, entries: Vec::new() }
    }

    /// Makes an offer. When as many as may be are open, it takes the place of the oldest one of
    /// the same owner's device.
    pub fn open(&mut self, owner: &str, now_ms: i64, random: Random<'_>) -> Result<Opened, Full> {
        self.advance(now_ms);
        let live = |entry: &Entry| entry.stage.is_live();
        if self.entries.iter().filter(|entry| live(entry)).count() >= OPEN {
            let oldest = self.entries.iter().rposition(|entry| live(entry) && entry.owner == owner);
            self.entries.remove(oldest.ok_or(Full)?);
        }
        let code = loop {
            let code = Code::draw(random);
            if !self.entries.iter().any(|entry| entry.code.place() == code.place()) {
                break code;
            }
        };
        let opened = Opened {
            id: token::<8>(random),
            secret: Secret::draw(random),
            code,
            expires_at_ms: now_ms.saturating_add(LIFE_MS),
        };
        self.entries.insert(0, Entry::new(owner, &opened));
        self.entries.truncate(REMEMBERED);
        self.revision += 1;
        Ok(opened)
    }

    /// A device that read the QR code proves that it holds the secret.
    pub fn scan(
        &mut self,
        id: &str,
        attempt: Attempt,
        now_ms: i64,
        random: Random<'_>,
    ) -> Result<Proven, Refusal> {
        self.advance(now_ms);
        let index = self.find(id).filter(|index| self.entries[*index].takes_tries());
        let index = index.ok_or(Refusal::Over)?;
        self.take_try(index);
        let shared = Shared::of_secret(&self.entries[index].secret, &self.instance);
        self.judge(index, &shared, attempt, now_ms, random)
    }

    /// A device to which somebody typed a code sends its half of the exchange. `place` is the
    /// code's first character. This takes a try, whatever comes of it.
    pub fn begin(
        &mut self,
        place: char,
        message: &[u8],
        now_ms: i64,
        random: Random<'_>,
    ) -> Result<Begun, Refusal> {
        self.advance(now_ms);
        let found = self.entries.iter().position(|entry| entry.code.place() == place);
        let Some(index) = found else { return Err(self.wrong_place(now_ms)) };
        if !self.entries[index].takes_tries() {
            return Err(Refusal::Over);
        }
        self.take_try(index);
        let half = Half::host(
            &self.entries[index].code,
            &self.instance,
            std::array::from_fn::<u8, ENTROPY_BYTES, _>(|_| random()),
        );
        let answer = half.message().to_vec();
        let Ok(shared) = half.finish(message) else { return Err(self.failed(index, now_ms)) };
        let exchange = token::<16>(random);
        self.entries[index].exchanges.push(Exchange {
            id: exchange.clone(),
            shared,
            ends_at_ms: now_ms.saturating_add(EXCHANGE_MS),
        });
        Ok(Begun { exchange, message: answer })
    }

    /// The device proves that it ended with the host's key, and so knew the code.
    pub fn finish(
        &mut self,
        exchange: &str,
        attempt: Attempt,
        now_ms: i64,
        random: Random<'_>,
    ) -> Result<Proven, Refusal> {
        self.advance(now_ms);
        let found = self.entries.iter_mut().enumerate().find_map(|(index, entry)| {
            let place = entry.exchanges.iter().position(|known| known.id == exchange)?;
            Some((index, entry.exchanges.remove(place)))
        });
        let (index, Exchange { shared, .. }) = found.ok_or(Refusal::Over)?;
        self.judge(index, &shared, attempt, now_ms, random)
    }

    /// How it stands for the device with this ticket.
    pub fn standing(&mut self, id: &str, ticket: &str, now_ms: i64) -> Standing {
        self.advance(now_ms);
        let entry = self.entries.iter().find(|entry| entry.id == id && entry.holds(ticket));
        entry.map_or(Standing::Over, Entry::standing)
    }

    /// The device that waits for the owner's word.
    pub fn visitor(&mut self, id: &str, now_ms: i64) -> Result<Visitor, Closed> {
        self.advance(now_ms);
        self.find(id).and_then(|index| self.entries[index].visitor()).ok_or(Closed)
    }

    /// The owner lets a device in that waits.
    pub fn confirm(&mut self, id: &str, now_ms: i64) -> Result<(), Closed> {
        self.decide(id, now_ms, Stage::Confirmed)
    }

    /// The owner refuses a device that waits, or takes an offer back that nobody used.
    pub fn refuse(&mut self, id: &str, now_ms: i64) -> Result<(), Closed> {
        self.advance(now_ms);
        if let Some(index) = self.find(id)
            && matches!(self.entries[index].stage, Stage::Open)
        {
            self.end(index, Stage::Over, now_ms);
            return Ok(());
        }
        self.decide(id, now_ms, Stage::Refused)
    }

    /// Ends what is over and forgets what was told for long enough.
    pub fn advance(&mut self, now_ms: i64) {
        for index in 0..self.entries.len() {
            let entry = &mut self.entries[index];
            let before = entry.exchanges.len();
            entry.exchanges.retain(|exchange| now_ms < exchange.ends_at_ms);
            // What is not finished by now was no right code.
            self.revision += u64::from(entry.exchanges.len() != before);
            if entry.stage.is_live() && (now_ms >= entry.expires_at_ms || entry.is_used_up()) {
                self.end(index, Stage::Over, now_ms);
            }
        }
        let before = self.entries.len();
        self.entries.retain(|entry| entry.forgotten_at_ms.is_none_or(|at| now_ms < at));
        if self.entries.len() != before {
            self.revision += 1;
        }
    }

    /// When [`advance`](Self::advance) has something to do next.
    pub fn next_ms(&self) -> Option<i64> {
        self.entries.iter().flat_map(Entry::moments).min()
    }

    /// As the owner sees it.
    pub fn list(&self) -> PairingList {
        let pairing = |entry: &Entry| Pairing {
            id: entry.id.clone(),
            state: entry.state(),
            expires_at_ms: entry.expires_at_ms,
        };
        PairingList {
            revision: self.revision,
            pairings: self.entries.iter().map(pairing).collect(),
        }
    }

    /// The offer that a code of this place is for, if it is open.
    pub fn at(&self, place: char) -> Option<&str> {
        let found = self.entries.iter().find(|entry| entry.code.place() == place);
        found.filter(|entry| entry.takes_tries()).map(|entry| entry.id.as_str())
    }

    /// Whether what became of this offer is not forgotten.
    pub fn remembers(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    /// Whether this exchange may still be finished.
    pub fn expects(&self, exchange: &str) -> bool {
        self.entries.iter().flat_map(|entry| &entry.exchanges).any(|known| known.id == exchange)
    }

    /// Grows with every change of the list.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id == id)
    }

    fn take_try(&mut self, index: usize) {
        self.entries[index].tries_left -= 1;
        self.revision += 1;
    }

    /// A code whose first character is none that is open: a slip of the finger, or a search for
    /// what is open. It costs a try everywhere, so that there are no free guesses.
    fn wrong_place(&mut self, now_ms: i64) -> Refusal {
        let open: Vec<usize> =
            (0..self.entries.len()).filter(|index| self.entries[*index].takes_tries()).collect();
        let mut least = None;
        for index in open {
            self.take_try(index);
            let refusal = self.failed(index, now_ms);
            least = Some(least.map_or(refusal, |least: Refusal| least.min(refusal)));
        }
        least.unwrap_or(Refusal::Over)
    }

    /// A try was wrong: the last one ends the offer.
    fn failed(&mut self, index: usize, now_ms: i64) -> Refusal {
        self.revision += 1;
        if self.entries[index].is_used_up() {
            self.end(index, Stage::Over, now_ms);
            return Refusal::Over;
        }
        match self.entries[index].tries_left {
            0 => Refusal::Over,
            left => Refusal::Wrong { left },
        }
    }

    fn judge(
        &mut self,
        index: usize,
        shared: &Shared,
        attempt: Attempt,
        now_ms: i64,
        random: Random<'_>,
    ) -> Result<Proven, Refusal> {
        if !matches!(self.entries[index].stage, Stage::Open) {
            return Err(Refusal::Over);
        }
        let Attempt { device, proof, origin } = attempt;
        if !shared.is_phone_proof(&device, &proof) {
            return Err(self.failed(index, now_ms));
        }
        let ticket = token::<32>(random);
        let entry = &mut self.entries[index];
        entry.welcome(&device, shared.fingerprint(&device), origin, &ticket);
        let id = entry.id.clone();
        self.revision += 1;
        Ok(Proven { id, ticket, proof: shared.host_proof(&device) })
    }

    fn decide(
        &mut self,
        id: &str,
        now_ms: i64,
        stage: impl FnOnce(Waiting) -> Stage,
    ) -> Result<(), Closed> {
        self.advance(now_ms);
        let index = self.find(id).ok_or(Closed)?;
        let Stage::Waiting(waiting) = &self.entries[index].stage else { return Err(Closed) };
        let waiting = waiting.clone();
        self.end(index, stage(waiting), now_ms);
        Ok(())
    }

    fn end(&mut self, index: usize, stage: Stage, now_ms: i64) {
        let entry = &mut self.entries[index];
        entry.stage = stage;
        entry.exchanges.clear();
        entry.forgotten_at_ms = Some(now_ms.saturating_add(KEPT_MS));
        self.revision += 1;
    }
}

/// `N` random bytes as hexadecimal.
fn token<const N: usize>(random: Random<'_>) -> String {
    hex::write(&std::array::from_fn::<u8, N, _>(|_| random()))
}
