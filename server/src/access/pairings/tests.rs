//! Waiting, time and what is handed out; the rules themselves are tested with the desk.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use pairing::code::{Code, Secret};
use pairing::desk::{LIFE_MS, Origin};
use pairing::exchange::{ENTROPY_BYTES, Half};
use pairing::introduction::Introduction;
use pairing::proof::Shared;
use protocol::access::Role;
use protocol::access::pairing::PairingState;
use store::Store;
use tokio::time::timeout;

use super::*;
use crate::access::gatekeeper::Gatekeeper;

const INSTANCE: &str = "abcd2345";
const SOON: Duration = Duration::from_secs(10);
/// What becomes of a pairing is told for a minute.
const KEPT_MS: i64 = 60_000;

fn owner() -> Caller {
    Caller { id: Some("laptop".to_owned()), role: Role::Owner }
}

fn offer(pairings: &Pairings) -> PairingOffer {
    pairings.offer(&owner(), "https://studio.local:23443").unwrap()
}

fn device() -> Introduction {
    Introduction::new([1; 16], "iPhone".to_owned()).unwrap()
}

fn attempt(shared: &Shared) -> Attempt {
    Attempt {
        device: device(),
        proof: shared.phone_proof(&device()).to_vec(),
        origin: Origin { address: "192.0.2.7".to_owned(), user_agent: "Safari".to_owned() },
    }
}

fn scan(pairings: &Pairings, offer: &PairingOffer) -> Proven {
    let (_, secret) = offer.url.rsplit_once('.').unwrap();
    let shared = Shared::of_secret(&Secret::read(secret).unwrap(), INSTANCE);
    pairings.scan(&offer.id, attempt(&shared)).unwrap()
}

fn login() -> NewLogin {
    NewLogin {
        id: "device".to_owned(),
        role: Role::Viewer,
        cookie_token: "cookie".to_owned(),
        secret: "secret".to_owned(),
    }
}

/// Lets so much time pass.
fn pass(pairings: &Pairings, ms: i64) {
    let clock = &mut pairings.lock().clock;
    let later_ms = clock.now_ms() + ms;
    clock.reach(later_ms);
}

fn state(list: &PairingList, id: &str) -> Option<PairingState> {
    list.pairings.iter().find(|pairing| pairing.id == id).map(|pairing| pairing.state.clone())
}

#[test]
fn time_that_is_set_back_gives_no_offer_a_longer_life() {
    let mut clock = Clock::start();
    let hour_ms = 3_600_000;
    let ahead_ms = clock.now_ms() + hour_ms;
    assert_eq!(clock.reach(ahead_ms), ahead_ms, "it follows the time of day");
    let behind_ms = clock.reach(ahead_ms - hour_ms);
    assert!((ahead_ms..ahead_ms + hour_ms / 2).contains(&behind_ms), "and never goes back");
}

#[test]
fn an_offer_is_an_address_and_its_code() {
    let pairings = Pairings::new(INSTANCE);
    let offer = offer(&pairings);
    let fragment = offer.url.strip_prefix("https://studio.local:23443/pair#s=").unwrap();
    let (id, secret) = fragment.split_once('.').unwrap();
    assert_eq!((id, secret.len()), (offer.id.as_str(), 32));
    let side = offer.qr.len();
    assert!(side >= 21 && (side - 17).is_multiple_of(4), "{side} is no side of a QR code");
    assert!(offer.qr.iter().all(|row| row.len() == side), "it is a square");
    assert!(offer.qr[0].starts_with("11111110") && offer.qr[0].ends_with("01111111"));
    assert!(offer.qr.iter().all(|row| row.bytes().all(|bit| matches!(bit, b'0' | b'1'))));
    assert_eq!(pairings.list().pairings.len(), 1);
}

#[tokio::test]
async fn a_device_that_waits_hears_at_once_that_it_is_let_in() {
    let pairings = Arc::new(Pairings::new(INSTANCE));
    let offer = offer(&pairings);
    let Proven { id, ticket, .. } = scan(&pairings, &offer);
    let (held, question) = (Arc::clone(&pairings), ticket.clone());
    let waiting = tokio::spawn(async move { held.wait(&offer.id, &question).await });
    assert_eq!(pairings.visitor(&id).unwrap().name, "iPhone");
    pairings.confirm(&id, login()).unwrap();
    let word = timeout(SOON, waiting).await.unwrap().unwrap();
    assert!(matches!(word, Word::Confirmed(login) if login.cookie_token == "cookie"));
    let again = pairings.wait(&id, &ticket).await;
    assert!(matches!(again, Word::Confirmed(login) if login.secret == "secret"), "a lost answer");
    assert!(matches!(pairings.wait(&id, "another").await, Word::Over));
    assert!(pairings.confirm(&id, login()).is_err(), "said once");
    pass(&pairings, KEPT_MS);
    assert!(matches!(pairings.wait(&id, &ticket).await, Word::Over), "not for ever");
}

#[tokio::test]
async fn a_refused_device_hears_it() {
    let pairings = Pairings::new(INSTANCE);
    let Proven { id, ticket, .. } = scan(&pairings, &offer(&pairings));
    pairings.refuse(&id).unwrap();
    assert!(matches!(pairings.wait(&id, &ticket).await, Word::Refused));
    assert!(pairings.confirm(&id, login()).is_err());
}

#[tokio::test]
async fn everybody_hears_when_time_is_up() {
    let pairings = Arc::new(Pairings::new(INSTANCE));
    let offer = offer(&pairings);
    let Proven { id, ticket, .. } = scan(&pairings, &offer);
    pass(&pairings, LIFE_MS - 50);
    let keeper = Arc::clone(&pairings);
    let keeping = tokio::spawn(async move { keeper.keep_time().await });
    let mut list = pairings.subscribe();
    let over = |list: &PairingList| state(list, &id) == Some(PairingState::Over);
    let seen = timeout(SOON, list.wait_for(over)).await.unwrap().unwrap().revision;
    assert!(seen > 2, "an offer, a device, an end");
    assert!(matches!(pairings.wait(&id, &ticket).await, Word::Over));
    keeping.abort();
}

#[tokio::test]
async fn a_login_that_nobody_collects_is_given_back() {
    for collects in [false, true] {
        let pairings = Arc::new(Pairings::new(INSTANCE));
        let Proven { id, ticket, .. } = scan(&pairings, &offer(&pairings));
        pairings.confirm(&id, login()).unwrap();
        if collects {
            assert!(matches!(pairings.wait(&id, &ticket).await, Word::Confirmed(_)));
        }
        let keeper = Arc::clone(&pairings);
        let keeping = tokio::spawn(async move { keeper.keep_time().await });
        pass(&pairings, KEPT_MS);
        // Any question makes the keeper look at the time.
        pairings.at('2');
        let mut list = pairings.subscribe();
        timeout(SOON, list.wait_for(|list| list.pairings.is_empty())).await.unwrap().unwrap();
        if collects {
            let unclaimed = std::mem::take(&mut pairings.lock().unclaimed);
            assert!(unclaimed.is_empty() && !keeping.is_finished());
            keeping.abort();
        } else {
            assert_eq!(timeout(SOON, keeping).await.unwrap().unwrap(), ["device"]);
        }
    }
}

#[tokio::test]
async fn an_attempt_stays_reserved_until_the_exchange_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("maestro.db")).await.unwrap().store;
    let gatekeeper = Gatekeeper::load(store).await.unwrap();
    let reserve = || gatekeeper.reserve("pairing", IpAddr::V4(Ipv4Addr::LOCALHOST)).unwrap();

    let pairings = Pairings::new(INSTANCE);
    let offer = offer(&pairings);
    let code = Code::read(&offer.code).unwrap();
    assert_eq!(pairings.at(code.place()), Some(offer.id.clone()));
    let start = |reserved| {
        let phone = Half::phone(&code, INSTANCE, [7; ENTROPY_BYTES]);
        let message = phone.message().to_vec();
        (phone, pairings.begin(code.place(), &message, reserved).unwrap())
    };
    let (phone, begun) = start(reserve());
    let (_left, _alone) = start(reserve());
    assert_eq!(pairings.lock().reserved.len(), 2);
    let shared = phone.finish(&begun.message).unwrap();
    let (proven, reserved) = pairings.finish(&begun.exchange, attempt(&shared)).unwrap();
    assert!(reserved.is_some() && shared.is_host_proof(&device(), &proven.proof));
    assert!(pairings.lock().reserved.is_empty(), "the other exchange is over");
    let PairingState::Waiting { fingerprint, .. } = state(&pairings.list(), &offer.id).unwrap()
    else {
        panic!("it does not wait");
    };
    assert_eq!(fingerprint, shared.fingerprint(&device()));
}
