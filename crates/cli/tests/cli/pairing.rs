//! Pairing a device: the offer, the wait, the owner's word.

use serde_json::{Value, json};

use crate::records::{MADE_MS, success};
use crate::{Exit, Home, Outcome, check};

const OFFERED: &str = "Open on the device: https://s:1/pair#s=p1.secret\n\
                       Or type there:      7KQM-4XTD\n\
                       Works once, until:  2023-11-14 22:13:20 UTC\n";
const WAITING: &str = "Waiting for the device, for two minutes at most. Ctrl+C ends the wait.\n";
const QUESTION: &str = "Device “Ada's phone\\u{7}” at 192.0.2.7 asks to be let in. Its browser says: \
                        “Firefox”\nThe device must show the same digits: 1234 5678\n\
                        Let it in as viewer? [y/N/operator/owner] ";

fn offer() -> Value {
    json!({
        "id": "p1", "url": "https://s:1/pair#s=p1.secret", "qr": ["101", "110", "011"],
        "code": "7KQM-4XTD", "expires_at_ms": MADE_MS,
    })
}

/// What the list of pairings says of ours, beside somebody else's.
fn state(state: &Value) -> String {
    let mut own = json!({ "id": "p1", "expires_at_ms": MADE_MS });
    own.as_object_mut().unwrap().extend(state.as_object().unwrap().clone());
    let other = json!({ "id": "p0", "state": "confirmed", "expires_at_ms": MADE_MS });
    success(&json!({ "revision": 1, "pairings": [other, own] }))
}

fn open(tries_left: u8) -> String {
    state(&json!({ "state": "open", "tries_left": tries_left }))
}

fn waiting() -> String {
    state(&json!({
        "state": "waiting", "name": "Ada's phone\u{7}", "fingerprint": "1234 5678",
        "address": "192.0.2.7", "user_agent": "Firefox",
    }))
}

/// Pairs with somebody who gives this answer, when the list of pairings is this, look by look.
fn pair(looks: &[String], answer: &str) -> Outcome {
    let offered = success(&offer());
    let null = success(&Value::Null);
    let mut answers = vec![(200, offered.as_str())];
    answers.extend(looks.iter().map(|look| (200, look.as_str())));
    answers.push((200, null.as_str()));
    Home::with(&answers).run_answering(&["access", "pair", "--no-qr"], answer)
}

#[test]
fn a_device_is_let_in_only_by_a_clear_word() {
    for (answer, role) in [
        ("y\n", Some("viewer")),
        ("YES\n", Some("viewer")),
        ("viewer\n", Some("viewer")),
        ("operator\n", Some("operator")),
        ("owner\n", Some("owner")),
        ("n\n", None),
        ("\n", None),
        ("", None),
        ("o\n", None),
        ("root\n", None),
    ] {
        let outcome = pair(&[open(5), open(5), waiting()], answer);
        assert_eq!(outcome.err, format!("{WAITING}{QUESTION}"), "{answer:?}");
        assert_eq!(outcome.exit, Exit::Ok);
        let name = "“Ada's phone\\u{7}”";
        let (request, said) = if let Some(role) = role {
            assert_eq!(outcome.sent(), json!({ "role": role }));
            ("POST /api/pairings/p1/confirm", format!("Device {name} is let in as {role}. "))
        } else {
            ("POST /api/pairings/p1/refuse", format!("Device {name} was not let in.\n"))
        };
        assert!(outcome.out.starts_with(&format!("{OFFERED}{said}")), "{}", outcome.out);
        let look = "GET /api/pairings";
        assert_eq!(outcome.lines(), ["POST /api/pairings", look, look, look, request]);
    }
}

#[test]
fn what_ends_without_a_device_is_told() {
    let over = "No device was paired: two minutes passed, or too many wrong codes were typed. \
                `maestro access pair` makes another offer.\n";
    let nothing = success(&json!({ "revision": 2, "pairings": [] }));
    for end in [state(&json!({ "state": "over" })), nothing] {
        let outcome = pair(&[open(5), open(4), end], "y\n");
        let tried = "A wrong code was typed. Tries left: 4.\n";
        check(&outcome, Exit::Other, OFFERED, &format!("{WAITING}{tried}{over}"));
    }
    for (word, said) in [
        (
            "confirmed",
            "The device was let in meanwhile, from a page. `maestro access list` shows it.\n",
        ),
        ("refused", "The device was refused meanwhile, from a page.\n"),
    ] {
        let outcome = pair(&[state(&json!({ "state": word }))], "y\n");
        check(&outcome, Exit::Ok, &format!("{OFFERED}{said}"), WAITING);
    }
}

#[test]
fn the_wait_has_an_end_even_if_the_server_never_says_so() {
    let looks = vec![open(5); 200];
    let outcome = pair(&looks, "y\n");
    assert_eq!((outcome.exit, outcome.requests.len()), (Exit::Other, 126));
}

#[test]
fn where_nobody_can_be_asked_the_offer_is_all() {
    let offered = success(&offer());
    let home = Home::with(&[(200, &offered), (200, &offered)]);
    let outcome = home.run(&["access", "pair"]);
    let told = "Nobody can be asked here: the page “Access” of Maestro asks whether to let the \
                device in.\n";
    check(&outcome, Exit::Ok, OFFERED, told);
    let outcome = home.run_answering(&["access", "pair", "--json"], "y\n");
    assert_eq!((outcome.data(), outcome.err.as_str()), (offer(), ""));
    assert_eq!(outcome.lines(), ["POST /api/pairings"]);
}

#[test]
fn a_screen_shows_the_code_to_scan() {
    let (offered, over) = (success(&offer()), state(&json!({ "state": "refused" })));
    let home = Home::with(&[(200, &offered), (200, &over)]);
    let outcome = home.run_answering(&["access", "pair"], "");
    assert!(outcome.out.contains("█▄▀"), "{}", outcome.out);
    assert!(outcome.out.contains(OFFERED), "{}", outcome.out);
}
