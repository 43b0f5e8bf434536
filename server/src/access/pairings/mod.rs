//! Open pairings of this instance: the rules of `pairing::desk` with a clock, random bytes, and
//! news for whoever waits. Nothing is stored: a restart ends them all.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use pairing::desk::{Attempt, Begun, Desk, Proven, Random, Refusal, Standing, Visitor};
use protocol::access::Caller;
use protocol::access::pairing::{PairingList, PairingOffer};
use protocol::error::ApiError;
use qrcode::{Color, QrCode};
use tokio::sync::{Notify, watch};
use tokio::time::{Duration, sleep, timeout_at};

use crate::access::gatekeeper::Reserved;
use crate::access::logins::NewLogin;
use crate::clock::now_ms;
use crate::secrets;

/// How long a device's question is held when there is no answer yet.
const PATIENCE: Duration = Duration::from_secs(25);

/// Pairings that are open or just ended.
pub struct Pairings {
    inner: Mutex<Inner>,
    list: watch::Sender<PairingList>,
    /// Told when there may be another moment to wake up for.
    changed: Notify,
}

struct Inner {
    desk: Desk,
    clock: Clock,
    /// The device that made each offer, by the offer's id.
    owners: HashMap<String, String>,
    /// What lets a confirmed device in, until it is forgotten.
    admitted: HashMap<String, Admitted>,
    /// Attempts that are not known to be right or wrong, by their exchange.
    reserved: HashMap<String, Reserved>,
    /// Logins that nobody came to collect.
    unclaimed: Vec<String>,
}

struct Admitted {
    login: NewLogin,
    collected: bool,
}

/// What a device hears that asks how it stands.
pub enum Word {
    /// Nothing yet: ask again.
    Pending,
    /// It is let in with this login, as often as it asks within a minute.
    Confirmed(NewLogin),
    /// The owner refused it.
    Refused,
    /// The pairing is over.
    Over,
}

impl Pairings {
    /// No pairings yet, of this instance.
    pub fn new(instance: &str) -> Self {
        let desk = Desk::new(instance);
        Self {
            list: watch::Sender::new(desk.list()),
            inner: Mutex::new(Inner {
                desk,
                clock: Clock::start(),
                owners: HashMap::new(),
                admitted: HashMap::new(),
                reserved: HashMap::new(),
                unclaimed: Vec::new(),
            }),
            changed: Notify::new(),
        }
    }

    /// Makes an offer for whoever reaches this host under `origin`, such as
    /// `https://studio.local:23443`.
    pub fn offer(&self, caller: &Caller, origin: &str) -> Result<PairingOffer, ApiError> {
        let owner = caller.id.as_deref().unwrap_or_default();
        let opened = self.act(|inner, now, random| {
            let now = if inner.desk.next_ms().is_none() {
                // Nothing is under way that a new look at the clock could prolong.
                inner.clock = Clock::start();
                inner.clock.now_ms()
            } else {
                now
            };
            let opened = inner.desk.open(owner, now, random)?;
            inner.owners.insert(opened.id.clone(), owner.to_owned());
            Ok::<_, ApiError>(opened)
        })?;
        let url = format!("{origin}/pair#s={}.{}", opened.id, opened.secret.text());
        Ok(PairingOffer {
            qr: rows(&url)?,
            url,
            code: opened.code.to_string(),
            id: opened.id,
            expires_at_ms: opened.expires_at_ms,
        })
    }

    /// All of them, as the owner sees them.
    pub fn list(&self) -> PairingList {
        self.list.borrow().clone()
    }

    /// All of them, and each change.
    pub fn subscribe(&self) -> watch::Receiver<PairingList> {
        self.list.subscribe()
    }

    /// A device that read the QR code proves that it holds the secret.
    pub fn scan(&self, id: &str, attempt: Attempt) -> Result<Proven, Refusal> {
        self.act(|inner, now, random| inner.desk.scan(id, attempt, now, random))
    }

    /// The pairing that a code of this place is for, if it is open.
    pub fn at(&self, place: char) -> Option<String> {
        self.act(|inner, now, _random| {
            inner.desk.advance(now);
            inner.desk.at(place).map(str::to_owned)
        })
    }

    /// A device to which somebody typed a code sends its half of the exchange. The attempt stays
    /// reserved until the other half is there.
    pub fn begin(&self, place: char, message: &[u8], by: Reserved) -> Result<Begun, Refusal> {
        self.act(|inner, now, random| {
            let begun = inner.desk.begin(place, message, now, random)?;
            inner.reserved.insert(begun.exchange.clone(), by);
            Ok(begun)
        })
    }

    /// The device proves that it knew the code. With it comes the attempt, to be forgiven.
    pub fn finish(
        &self,
        exchange: &str,
        attempt: Attempt,
    ) -> Result<(Proven, Option<Reserved>), Refusal> {
        self.act(|inner, now, random| {
            let reserved = inner.reserved.remove(exchange);
            let proven = inner.desk.finish(exchange, attempt, now, random)?;
            Ok((proven, reserved))
        })
    }

    /// The device that waits for the owner's word.
    pub fn visitor(&self, id: &str) -> Result<Visitor, ApiError> {
        Ok(self.act(|inner, now, _random| inner.desk.visitor(id, now))?)
    }

    /// The owner lets the device in: it will collect this login.
    pub fn confirm(&self, id: &str, login: NewLogin) -> Result<(), ApiError> {
        self.act(|inner, now, _random| {
            inner.desk.confirm(id, now)?;
            inner.admitted.insert(id.to_owned(), Admitted { login, collected: false });
            Ok(())
        })
    }

    /// The owner refuses the device, or takes back an offer that nobody used.
    pub fn refuse(&self, id: &str) -> Result<(), ApiError> {
        Ok(self.act(|inner, now, _random| inner.desk.refuse(id, now))?)
    }

    /// Refuses whatever is open of offers that this device made: it may not make them any more.
    pub fn withdraw(&self, owner: &str) {
        self.act(|inner, now, _random| {
            let Inner { desk, owners, .. } = inner;
            for (id, _) in owners.iter().filter(|(_, made_by)| *made_by == owner) {
                // One that is over needs no refusal.
                let _over = desk.refuse(id, now);
            }
        });
    }

    /// What the owner says to the device with this ticket. Waits for it, 25 seconds at most.
    pub async fn wait(&self, id: &str, ticket: &str) -> Word {
        let until = tokio::time::Instant::now() + PATIENCE;
        let mut changes = self.list.subscribe();
        loop {
            changes.mark_unchanged();
            match self.word(id, ticket) {
                Word::Pending => {}
                word => return word,
            }
            // The sender lives as long as this does.
            if !matches!(timeout_at(until, changes.changed()).await, Ok(Ok(()))) {
                return Word::Pending;
            }
        }
    }

    fn word(&self, id: &str, ticket: &str) -> Word {
        self.act(|inner, now, _random| match inner.desk.standing(id, ticket, now) {
            Standing::Pending => Word::Pending,
            Standing::Refused => Word::Refused,
            Standing::Over => Word::Over,
            Standing::Confirmed => match inner.admitted.get_mut(id) {
                // An answer may be lost on its way: it is given again.
                Some(Admitted { login, collected }) => {
                    *collected = true;
                    Word::Confirmed(copy(login))
                }
                None => Word::Over,
            },
        })
    }

    /// Ends pairings when their time has come, until there are logins that nobody came to
    /// collect: their devices will never use them. To be called again and again.
    pub async fn keep_time(&self) -> Vec<String> {
        loop {
            let unclaimed = self.act(|inner, now, _random| {
                inner.desk.advance(now);
                inner.forget();
                std::mem::take(&mut inner.unclaimed)
            });
            if !unclaimed.is_empty() {
                return unclaimed;
            }
            let next = {
                let mut inner = self.lock();
                let now_ms = inner.clock.now_ms();
                let left = |next: i64| next.saturating_sub(now_ms).max(1);
                inner.desk.next_ms().map(|next| Duration::from_millis(left(next).unsigned_abs()))
            };
            let due = async {
                match next {
                    Some(left) => sleep(left).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                () = self.changed.notified() => {}
            }
        }
    }

    /// Does something, and tells everybody if it changed anything. Told under the lock, so that
    /// revisions arrive in order.
    fn act<T>(&self, act: impl FnOnce(&mut Inner, i64, Random<'_>) -> T) -> T {
        let mut inner = self.lock();
        let before = inner.desk.revision();
        let now_ms = inner.clock.now_ms();
        let result = act(&mut inner, now_ms, &mut random_bytes());
        if inner.desk.revision() != before {
            inner.forget();
            self.list.send_replace(inner.desk.list());
            self.changed.notify_one();
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Each rule leaves the desk valid, so a panic elsewhere cannot spoil it.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Drops what belongs to pairings and exchanges that are no more.
    fn forget(&mut self) {
        let Self { desk, owners, admitted, reserved, unclaimed, .. } = self;
        owners.retain(|id, _| desk.remembers(id));
        reserved.retain(|exchange, _| desk.expects(exchange));
        admitted.retain(|id, admitted| {
            let kept = desk.remembers(id);
            if !kept && !admitted.collected {
                unclaimed.push(admitted.login.id.clone());
            }
            kept
        });
    }
}

/// A clock that never goes back, whatever the time is set to, and does not stand while the
/// machine sleeps: it follows the time of day forwards, and runs on by itself where that is behind.
struct Clock {
    at: Instant,
    at_ms: i64,
}

impl Clock {
    fn start() -> Self {
        Self { at: Instant::now(), at_ms: now_ms() }
    }

    fn now_ms(&mut self) -> i64 {
        self.reach(now_ms())
    }

    /// The time, when the time of day is this.
    fn reach(&mut self, day_ms: i64) -> i64 {
        let passed = i64::try_from(self.at.elapsed().as_millis()).unwrap_or(i64::MAX);
        let steady_ms = self.at_ms.saturating_add(passed);
        if day_ms <= steady_ms {
            return steady_ms;
        }
        *self = Self { at: Instant::now(), at_ms: day_ms };
        day_ms
    }
}

/// Random bytes, one by one.
fn random_bytes() -> impl FnMut() -> u8 {
    let mut bytes = [0; 64];
    let mut left = 0;
    move || {
        if left == 0 {
            bytes = secrets::random_bytes();
            left = bytes.len();
        }
        left -= 1;
        bytes[left]
    }
}

/// The address as a QR code: one text of `0` and `1` per row, without a margin.
fn rows(url: &str) -> Result<Vec<String>, ApiError> {
    let code = QrCode::new(url).map_err(|error| {
        tracing::error!(%error, length = url.len(), "an address does not fit into a QR code");
        ApiError::internal()
    })?;
    let bit = |color: &Color| if *color == Color::Dark { '1' } else { '0' };
    Ok(code.to_colors().chunks(code.width()).map(|row| row.iter().map(bit).collect()).collect())
}

fn copy(login: &NewLogin) -> NewLogin {
    NewLogin {
        id: login.id.clone(),
        role: login.role,
        cookie_token: login.cookie_token.clone(),
        secret: login.secret.clone(),
    }
}
