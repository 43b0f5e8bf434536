//! The rules of an offer: two minutes, one use, five tries, the owner's word.

use proptest::prelude::*;
use protocol::access::pairing::PairingState;
use protocol::error::ApiError;

use super::*;
use crate::code::ALPHABET;

const T0: i64 = 1_000_000;
const INSTANCE: &str = "abcd2345";

/// A desk with random bytes that are the same in every run, and different in every call.
struct Bench {
    desk: Desk,
    state: u64,
}

impl Bench {
    fn new(seed: u64) -> Self {
        Self { desk: Desk::new(INSTANCE), state: seed | 1 }
    }

    /// Runs `act` with the desk and its random bytes.
    fn with<T>(&mut self, act: impl FnOnce(&mut Desk, Random<'_>) -> T) -> T {
        let state = &mut self.state;
        act(&mut self.desk, &mut || {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (*state >> 56) as u8
        })
    }

    fn open(&mut self, now_ms: i64) -> Opened {
        self.with(|desk, random| desk.open("laptop", now_ms, random)).unwrap()
    }

    fn scan(&mut self, offer: &Opened, secret: &Secret, now: i64) -> Result<Proven, Refusal> {
        let device = device("iPhone");
        let proof = Shared::of_secret(secret, INSTANCE).phone_proof(&device);
        let attempt = Attempt { device, proof: proof.to_vec(), origin: origin() };
        self.with(|desk, random| desk.scan(&offer.id, attempt, now, random))
    }

    /// The phone's first step with a code.
    fn begin(&mut self, code: &Code, now: i64) -> Result<(Half, Begun), Refusal> {
        let phone = Half::phone(code, INSTANCE, [7; ENTROPY_BYTES]);
        let message = phone.message().to_vec();
        let begun = self.with(|desk, random| desk.begin(code.place(), &message, now, random))?;
        Ok((phone, begun))
    }

    /// The phone's second step; answers what the phone knows too: its fingerprint.
    fn finish(&mut self, half: Half, begun: &Begun, now: i64) -> Result<(Proven, String), Refusal> {
        let device = device("iPhone");
        let shared = half.finish(&begun.message).unwrap();
        let attempt = Attempt {
            proof: shared.phone_proof(&device).to_vec(),
            device: device.clone(),
            origin: origin(),
        };
        let proven =
            self.with(|desk, random| desk.finish(&begun.exchange, attempt, now, random))?;
        assert!(shared.is_host_proof(&device, &proven.proof), "the host knew the code too");
        Ok((proven, shared.fingerprint(&device)))
    }

    fn type_code(&mut self, code: &Code, now: i64) -> Result<(Proven, String), Refusal> {
        let (half, begun) = self.begin(code, now)?;
        self.finish(half, &begun, now)
    }

    fn state(&self, id: &str) -> PairingState {
        let list = self.desk.list();
        list.pairings.into_iter().find(|pairing| pairing.id == id).expect("it is listed").state
    }
}

fn device(name: &str) -> Introduction {
    Introduction::new([3; 16], name.to_owned()).unwrap()
}

fn origin() -> Origin {
    Origin { address: "192.0.2.7".to_owned(), user_agent: "Safari".to_owned() }
}

/// The same code with another last character.
fn wrong(code: &Code) -> Code {
    let mut text = code.to_string();
    let last = text.pop().unwrap();
    text.push(if last == '2' { '3' } else { '2' });
    Code::read(&text).unwrap()
}

/// A code whose place is not that of any of these.
fn elsewhere(codes: &[&Code]) -> Code {
    let free = ALPHABET.iter().map(|byte| char::from(*byte));
    let place = free.into_iter().find(|place| codes.iter().all(|code| code.place() != *place));
    Code::read(&format!("{}2222222", place.unwrap())).unwrap()
}

#[test]
fn a_scanned_device_waits_until_the_owner_lets_it_in() {
    let mut bench = Bench::new(1);
    let offer = bench.open(T0);
    assert_eq!(bench.state(&offer.id), PairingState::Open { tries_left: TRIES });
    let proven = bench.scan(&offer, &offer.secret.clone(), T0 + 1).unwrap();
    let device = device("iPhone");
    let shared = Shared::of_secret(&offer.secret, INSTANCE);
    assert!(shared.is_host_proof(&device, &proven.proof));
    let PairingState::Waiting { name, fingerprint, address, .. } = bench.state(&offer.id) else {
        panic!("it does not wait");
    };
    assert_eq!((name.as_str(), address.as_str()), ("iPhone", "192.0.2.7"));
    assert_eq!(fingerprint, shared.fingerprint(&device), "both sides show the same");

    let standing = |bench: &mut Bench, now| bench.desk.standing(&proven.id, &proven.ticket, now);
    assert_eq!(standing(&mut bench, T0 + 2), Standing::Pending);
    assert_eq!(bench.desk.standing(&proven.id, "0", T0 + 2), Standing::Over, "another's ticket");
    let visitor = Visitor { name: "iPhone".to_owned(), origin: origin() };
    assert_eq!(bench.desk.visitor(&offer.id, T0 + 2), Ok(visitor));
    bench.desk.confirm(&offer.id, T0 + 3).unwrap();
    assert_eq!(bench.desk.visitor(&offer.id, T0 + 3), Err(Closed));
    assert_eq!(standing(&mut bench, T0 + 4), Standing::Confirmed);
    assert_eq!(standing(&mut bench, T0 + 5), Standing::Confirmed, "a lost answer");
    assert_eq!(bench.desk.confirm(&offer.id, T0 + 6), Err(Closed), "said once");
    assert_eq!(standing(&mut bench, T0 + 3 + KEPT_MS), Standing::Over, "then it is forgotten");
    assert!(bench.desk.list().pairings.is_empty());
}

#[test]
fn a_typed_code_shows_the_same_digits_on_both_sides() {
    let mut bench = Bench::new(2);
    let offer = bench.open(T0);
    let (_, digits) = bench.type_code(&offer.code.clone(), T0).unwrap();
    let PairingState::Waiting { fingerprint, .. } = bench.state(&offer.id) else {
        panic!("it does not wait");
    };
    assert_eq!(fingerprint, digits);
}

#[test]
fn five_wrong_tries_are_forgiven_in_all_and_then_it_is_over() {
    let mut bench = Bench::new(3);
    let offer = bench.open(T0);
    let other = Secret::draw(&mut || 9);
    let code = wrong(&offer.code);
    let (half, begun) = bench.begin(&code, T0).unwrap();
    assert_eq!(bench.state(&offer.id), PairingState::Open { tries_left: 5 }, "not yet wrong");
    let revision = bench.desk.revision();
    assert_eq!(bench.finish(half, &begun, T0).unwrap_err(), Refusal::Wrong { left: 4 });
    assert!(bench.desk.revision() > revision, "the owner sees each wrong code");
    assert_eq!(bench.scan(&offer, &other, T0).unwrap_err(), Refusal::Wrong { left: 3 });
    assert_eq!(bench.type_code(&code, T0).unwrap_err(), Refusal::Wrong { left: 2 });
    assert_eq!(bench.state(&offer.id), PairingState::Open { tries_left: 2 });
    assert_eq!(bench.scan(&offer, &other, T0).unwrap_err(), Refusal::Wrong { left: 1 });
    assert_eq!(bench.type_code(&code, T0).unwrap_err(), Refusal::Over);
    assert_eq!(bench.state(&offer.id), PairingState::Over);
    assert_eq!(bench.type_code(&offer.code.clone(), T0).unwrap_err(), Refusal::Over);
    assert_eq!(bench.scan(&offer, &offer.secret.clone(), T0).unwrap_err(), Refusal::Over);
}

#[test]
fn the_fifth_try_may_be_the_right_one() {
    let mut bench = Bench::new(4);
    let offer = bench.open(T0);
    for _ in 0..4 {
        bench.type_code(&wrong(&offer.code), T0).unwrap_err();
    }
    assert!(bench.type_code(&offer.code.clone(), T0).is_ok());
}

#[test]
fn a_burst_of_guesses_counts_each_of_them() {
    let mut bench = Bench::new(5);
    let offer = bench.open(T0);
    let begun: Vec<_> = (0..200).map(|_| bench.begin(&wrong(&offer.code), T0)).collect();
    assert_eq!(begun.iter().filter(|begun| begun.is_ok()).count(), usize::from(TRIES));
    assert_eq!(bench.begin(&offer.code.clone(), T0).unwrap_err(), Refusal::Over);
    for (half, begun) in begun.into_iter().flatten() {
        assert_eq!(bench.finish(half, &begun, T0).unwrap_err(), Refusal::Over);
    }
    assert_eq!(bench.state(&offer.id), PairingState::Over);
}

#[test]
fn exchanges_that_nobody_finishes_do_not_keep_an_offer_alive() {
    let mut bench = Bench::new(6);
    let offer = bench.open(T0);
    let kept: Vec<_> = (0..TRIES).map(|_| bench.begin(&offer.code.clone(), T0).unwrap()).collect();
    assert_eq!(bench.desk.next_ms(), Some(T0 + EXCHANGE_MS));
    bench.desk.advance(T0 + EXCHANGE_MS - 1);
    assert_eq!(bench.state(&offer.id), PairingState::Open { tries_left: TRIES }, "not yet wrong");
    bench.desk.advance(T0 + EXCHANGE_MS);
    assert_eq!(bench.state(&offer.id), PairingState::Over);
    for (half, begun) in kept {
        let late = bench.finish(half, &begun, T0 + EXCHANGE_MS);
        assert_eq!(late.unwrap_err(), Refusal::Over);
    }
}

#[test]
fn it_ends_at_exactly_two_minutes() {
    let end = T0 + 120_000;
    let mut bench = Bench::new(7);
    let offer = bench.open(T0);
    assert_eq!((offer.expires_at_ms, bench.desk.next_ms()), (end, Some(end)));
    assert!(bench.scan(&offer, &offer.secret.clone(), end - 1).is_ok());
    assert_eq!(bench.desk.confirm(&offer.id, end), Err(Closed), "nor confirmed then");
    assert_eq!(bench.state(&offer.id), PairingState::Over);

    let mut bench = Bench::new(8);
    let offer = bench.open(T0);
    assert_eq!(bench.scan(&offer, &offer.secret.clone(), end).unwrap_err(), Refusal::Over);
    let offer = bench.open(end);
    let (half, begun) = bench.begin(&offer.code.clone(), end + LIFE_MS - 1).unwrap();
    assert_eq!(bench.finish(half, &begun, end + LIFE_MS).unwrap_err(), Refusal::Over);

    let mut bench = Bench::new(9);
    let offer = bench.open(T0);
    bench.scan(&offer, &offer.secret.clone(), T0).unwrap();
    assert!(bench.desk.confirm(&offer.id, end - 1).is_ok());
}

#[test]
fn an_offer_is_used_once() {
    let mut bench = Bench::new(10);
    let offer = bench.open(T0);
    let late = bench.begin(&offer.code.clone(), T0).unwrap();
    bench.scan(&offer, &offer.secret.clone(), T0).unwrap();
    assert_eq!(bench.scan(&offer, &offer.secret.clone(), T0).unwrap_err(), Refusal::Over);
    assert_eq!(bench.type_code(&offer.code.clone(), T0).unwrap_err(), Refusal::Over);
    assert_eq!(bench.finish(late.0, &late.1, T0).unwrap_err(), Refusal::Over);
    assert!(matches!(bench.state(&offer.id), PairingState::Waiting { .. }), "the first one waits");
}

#[test]
fn two_phones_pair_at_once() {
    let mut bench = Bench::new(11);
    let (first, second) = (bench.open(T0), bench.open(T0));
    assert_ne!(first.code.place(), second.code.place());
    let one = bench.begin(&first.code.clone(), T0).unwrap();
    let two = bench.begin(&second.code.clone(), T0).unwrap();
    let (two, _) = bench.finish(two.0, &two.1, T0).unwrap();
    let (one, _) = bench.finish(one.0, &one.1, T0).unwrap();
    assert_eq!((&one.id, &two.id), (&first.id, &second.id));
    bench.desk.confirm(&one.id, T0).unwrap();
    bench.desk.refuse(&two.id, T0).unwrap();
    let standing = bench.desk.standing(&one.id, &one.ticket, T0);
    assert_eq!(standing, Standing::Confirmed);
    assert_eq!(bench.desk.standing(&two.id, &two.ticket, T0), Standing::Refused);
    let crossed = bench.desk.standing(&one.id, &two.ticket, T0);
    assert_eq!(crossed, Standing::Over, "a ticket is for one pairing");
    let told = bench.desk.standing(&two.id, "", T0);
    assert_eq!(told, Standing::Over, "what became of it is the device's business alone");
}

#[test]
fn a_code_for_nothing_that_is_open_costs_a_try_everywhere() {
    let mut bench = Bench::new(12);
    assert_eq!(bench.begin(&elsewhere(&[]), T0).unwrap_err(), Refusal::Over, "nothing is open");
    let (first, second) = (bench.open(T0), bench.open(T0));
    bench.type_code(&wrong(&first.code), T0).unwrap_err();
    let code = elsewhere(&[&first.code, &second.code]);
    assert_eq!(bench.begin(&code, T0).unwrap_err(), Refusal::Wrong { left: 3 });
    assert_eq!(bench.state(&first.id), PairingState::Open { tries_left: 3 });
    assert_eq!(bench.state(&second.id), PairingState::Open { tries_left: 4 });
}

#[test]
fn a_malformed_message_costs_a_try() {
    let mut bench = Bench::new(13);
    let offer = bench.open(T0);
    for message in [&[][..], &[0; 33], &[b'A'; 34], &[b'B'; 33]] {
        let place = offer.code.place();
        let answer = bench.with(|desk, random| desk.begin(place, message, T0, random));
        assert!(matches!(answer, Err(Refusal::Wrong { .. })), "{answer:?}");
    }
    assert_eq!(bench.state(&offer.id), PairingState::Open { tries_left: 1 });
}

#[test]
fn the_fourth_offer_replaces_the_oldest_of_the_same_device() {
    let mut bench = Bench::new(14);
    let offers: Vec<Opened> = (0..3).map(|at| bench.open(T0 + at)).collect();
    let full = bench.with(|desk, random| desk.open("desktop", T0 + 3, random));
    assert_eq!(full, Err(Full), "another device's offers are not taken away");
    let fourth = bench.open(T0 + 4);
    let ids: Vec<String> =
        bench.desk.list().pairings.into_iter().map(|pairing| pairing.id).collect();
    assert_eq!(ids, [&fourth.id, &offers[2].id, &offers[1].id].map(Clone::clone));
    let gone = bench.scan(&offers[0], &offers[0].secret.clone(), T0 + 5);
    assert_eq!(gone.unwrap_err(), Refusal::Over);
}

#[test]
fn an_offer_that_nobody_used_is_taken_back() {
    let mut bench = Bench::new(15);
    let offer = bench.open(T0);
    bench.desk.refuse(&offer.id, T0).unwrap();
    assert_eq!(bench.scan(&offer, &offer.secret.clone(), T0).unwrap_err(), Refusal::Over);
    assert_eq!(bench.desk.refuse(&offer.id, T0), Err(Closed));
    assert_eq!(bench.desk.confirm("nothing", T0), Err(Closed));
}

#[test]
fn refusals_say_no_more_than_they_must() {
    let text = |refusal: Refusal| ApiError::from(refusal).message;
    assert_eq!(text(Refusal::Wrong { left: 4 }), "That code is not right, 4 tries are left.");
    assert_eq!(text(Refusal::Wrong { left: 1 }), "That code is not right, 1 try is left.");
    let over = "This pairing is over. Ask for a new code on the computer.";
    assert_eq!(text(Refusal::Over), over);
}

#[test]
fn memory_stays_bounded() {
    let mut bench = Bench::new(16);
    for _ in 0..100 {
        let offer = bench.open(T0);
        bench.desk.refuse(&offer.id, T0).unwrap();
    }
    assert_eq!(bench.desk.list().pairings.len(), REMEMBERED);
    let shown = format!("{:?}", bench.desk);
    assert!(!shown.contains("Secret") && !shown.contains("Code"), "{shown}");
}

fn remembered(bench: &Bench, id: &str) -> bool {
    bench.desk.list().pairings.iter().any(|pairing| pairing.id == id)
}

/// What anybody may do to a desk.
#[derive(Clone, Debug)]
enum Step {
    Open,
    Scan { right: bool },
    Type { right: bool },
    Confirm,
    Refuse,
    Wait { ms: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Open),
        any::<bool>().prop_map(|right| Step::Scan { right }),
        any::<bool>().prop_map(|right| Step::Type { right }),
        Just(Step::Confirm),
        Just(Step::Refuse),
        (0_i64..70_000).prop_map(|ms| Step::Wait { ms }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_the_promises_hold(
        seed in any::<u64>(), steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut bench = Bench::new(seed);
        let mut now = T0;
        let mut offers: Vec<Opened> = Vec::new();
        let mut wrongs = std::collections::HashMap::<String, u8>::new();
        for step in steps {
            let revision = bench.desk.revision();
            let before = bench.desk.list();
            let newest = offers.last().cloned();
            match (step, newest) {
                (Step::Open, _) => offers.push(bench.open(now)),
                (Step::Scan { right }, Some(offer)) => {
                    let secret = if right { offer.secret.clone() } else { Secret::draw(&mut || 1) };
                    let live = now < offer.expires_at_ms;
                    match bench.scan(&offer, &secret, now) {
                        Ok(_) => prop_assert!(right && live),
                        Err(Refusal::Wrong { .. }) => {
                            prop_assert!(!right && live);
                            *wrongs.entry(offer.id).or_default() += 1;
                        }
                        Err(Refusal::Over) => {}
                    }
                }
                (Step::Type { right }, Some(offer)) => {
                    let code = if right { offer.code.clone() } else { wrong(&offer.code) };
                    let live = now < offer.expires_at_ms;
                    match bench.type_code(&code, now) {
                        Ok(_) => prop_assert!(right && live),
                        // Once it is forgotten, its code is one for nothing that is open.
                        Err(Refusal::Wrong { .. }) if !remembered(&bench, &offer.id) => {}
                        Err(Refusal::Wrong { .. }) => {
                            prop_assert!(!right && live);
                            *wrongs.entry(offer.id).or_default() += 1;
                        }
                        Err(Refusal::Over) => {}
                    }
                }
                (Step::Confirm, Some(offer)) => {
                    let waiting = bench.desk.list().pairings.iter().any(|pairing| {
                        pairing.id == offer.id
                            && matches!(pairing.state, PairingState::Waiting { .. })
                    });
                    let confirmed = bench.desk.confirm(&offer.id, now).is_ok();
                    prop_assert_eq!(confirmed, waiting && now < offer.expires_at_ms);
                }
                (Step::Refuse, Some(offer)) => drop(bench.desk.refuse(&offer.id, now)),
                (Step::Wait { ms }, _) => {
                    now += ms;
                    bench.desk.advance(now);
                    prop_assert!(bench.desk.next_ms().is_none_or(|next| next > now));
                }
                (_, None) => {}
            }
            let list = bench.desk.list();
            let live = |state: &PairingState| {
                matches!(state, PairingState::Open { .. } | PairingState::Waiting { .. })
            };
            let open = list.pairings.iter().filter(|pairing| live(&pairing.state)).count();
            prop_assert!(open <= OPEN);
            prop_assert!(wrongs.values().all(|count| *count < TRIES));
            if list.pairings != before.pairings {
                prop_assert!(bench.desk.revision() > revision, "a change has a revision");
            }
        }
    }
}
