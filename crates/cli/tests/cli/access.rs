//! Devices, login links, addresses, and who asks.

use serde_json::{Value, json};

use crate::host::check_both;
use crate::records::{MADE_MS, failure, success, with};
use crate::{Exit, Home, check};

const PHONE: &str = "01jd5m0w3v8k2q4r6s8t0v2x4z";
const LAPTOP: &str = "01jd5m0w9x2a2q4r6s8t0v2x50";

fn device(id: &str, name: &str) -> Value {
    json!({
        "id": id, "name": name, "role": "viewer", "entrance": "paired",
        "created_at_ms": MADE_MS, "last_seen_at_ms": MADE_MS + 60_000, "address": "192.0.2.7",
        "user_agent": "Firefox", "sockets": 2,
    })
}

fn devices(all: &[Value]) -> Value {
    json!({ "devices": all, "current": null })
}

fn both() -> String {
    success(&devices(&[device(PHONE, "phone\u{7}"), device(LAPTOP, "laptop")]))
}

#[test]
fn a_login_link_stands_alone_on_stdout() {
    let link = json!({ "url": "http://localhost:1/login#t=abc", "expires_at_ms": MADE_MS });
    check_both(
        &["login-link"],
        "POST /api/login-links",
        &link,
        "http://localhost:1/login#t=abc\n",
        "Open this link in a browser. It works once, until 2023-11-14 22:13:20 UTC. That browser \
         is then owner: Does everything, and decides who may do what.\n",
    );
    let home = Home::with(&[(200, &success(&link)), (200, &success(&link))]);
    let outcome = home.run(&["login-link", "--role", "viewer"]);
    assert_eq!(outcome.sent(), json!({ "role": "viewer" }));
    assert!(outcome.err.ends_with("viewer: Sees agents and terminals, changes nothing.\n"));
    assert_eq!(home.run(&["login-link"]).sent(), json!({}));
}

#[test]
fn devices_are_a_table() {
    let home = Home::with(&[(200, &both())]);
    let outcome = home.run(&["access", "list"]);
    let expected = "\
NAME        ROLE    CAME IN (UTC)            LAST USED (UTC)   ADDRESS    SOCKETS  ID
phone\\u{7}  viewer  paired 2023-11-14 22:13  2023-11-14 22:14  192.0.2.7  2        01jd5m0w3
laptop      viewer  paired 2023-11-14 22:13  2023-11-14 22:14  192.0.2.7  2        01jd5m0w9
";
    check(&outcome, Exit::Ok, expected, "");
    assert_eq!(outcome.lines(), ["GET /api/devices"]);
    let none = Home::with(&[(200, &success(&devices(&[])))]).run(&["access", "list", "--json"]);
    assert_eq!(none.data(), json!([]));
}

#[test]
fn a_device_is_renamed_and_gets_a_role() {
    let named = with(device(LAPTOP, "desk"), &json!({ "role": "operator" }));
    for (line, request, body, said) in [
        (
            ["access", "rename", "laptop", "desk"],
            format!("PATCH /api/devices/{LAPTOP}"),
            json!({ "name": "desk" }),
            "Renamed device “laptop” to “desk”.\n",
        ),
        (
            ["access", "role", "01jd5m0w9", "operator"],
            format!("PUT /api/devices/{LAPTOP}/role"),
            json!({ "role": "operator" }),
            "Device “desk” is operator now. Works with agents and types into their terminals.\n",
        ),
    ] {
        let home = Home::with(&[(200, &both()), (200, &success(&named))]);
        let outcome = home.run(&line);
        check(&outcome, Exit::Ok, said, "");
        assert_eq!(outcome.lines(), ["GET /api/devices", request.as_str()]);
        assert_eq!(outcome.sent(), body);
    }
}

#[test]
fn what_fits_two_devices_lists_their_ids() {
    let home = Home::with(&[(200, &both())]);
    let outcome = home.run(&["access", "revoke", "01jd5m0w", "--yes"]);
    let sentence = format!(
        "“01jd5m0w” fits 2 devices. Say which by its id: {PHONE} (“phone\\u{{7}}”), {LAPTOP} \
         (“laptop”).\n"
    );
    check(&outcome, Exit::Conflict, "", &sentence);
    assert_eq!(outcome.requests.len(), 1);

    let outcome = Home::with(&[(200, &both())]).run(&["access", "role", "laptob", "owner"]);
    let sentence = "There is no device “laptob”. Did you mean “laptop”? `maestro access list` \
                    shows all.\n";
    check(&outcome, Exit::NotFound, "", sentence);
}

#[test]
fn revoking_asks_and_takes_only_yes() {
    for (answer, revokes) in [("y\n", true), ("\n", false), ("viewer\n", false), ("", false)] {
        let home = Home::with(&[(200, &both()), (200, &success(&Value::Null))]);
        let outcome = home.run_answering(&["access", "revoke", "laptop"], answer);
        let question =
            "Revoke device “laptop”? Open windows are closed and logged out at once. [y/N] ";
        let said =
            if revokes { "Revoked device “laptop”.\n" } else { "Nothing was changed.\n" };
        check(&outcome, Exit::Ok, said, question);
        assert_eq!(outcome.requests.len(), if revokes { 2 } else { 1 }, "{answer:?}");
    }
    let outcome = Home::with(&[]).run(&["access", "revoke", "laptop"]);
    let sentence = "Nobody can be asked here whether they are to be revoked. Add --yes if so.\n";
    check(&outcome, Exit::Usage, "", sentence);
    assert_eq!(outcome.requests, []);
}

#[test]
fn several_are_revoked_one_by_one_and_each_is_told() {
    let answers = [
        (200, both()),
        (409, failure("conflict", "It is the last owner.")),
        (200, success(&Value::Null)),
    ];
    let answers: Vec<_> = answers.iter().map(|(status, body)| (*status, body.as_str())).collect();
    let line = ["access", "revoke", PHONE, "laptop", LAPTOP, "--yes"];
    let outcome = Home::with(&answers).run(&line);
    check(
        &outcome,
        Exit::Conflict,
        "Revoked device “laptop”.\n",
        "Revoking device “phone\\u{7}” was refused: It is the last owner.\n",
    );
    let (first, second) =
        (format!("DELETE /api/devices/{PHONE}"), format!("DELETE /api/devices/{LAPTOP}"));
    assert_eq!(outcome.lines(), ["GET /api/devices", first.as_str(), second.as_str()]);

    let json = Home::with(&answers).run(&[&line[..], &["--json"]].concat());
    let error = json!({ "code": "conflict", "message": "It is the last owner." });
    let expected = json!({ "outcomes": [
        { "id": PHONE, "name": "phone\u{7}", "error": error },
        { "id": LAPTOP, "name": "laptop" },
    ]});
    assert_eq!((json.data(), json.exit), (expected, Exit::Conflict));
}

#[test]
fn the_reach_tells_addresses_and_the_certificate() {
    let reach = json!({
        "loopback": "http://127.0.0.1:23000", "public": "https://studio.local:23443",
        "certificate": {
            "fingerprint": "AB:CD", "own_authority": true, "names": ["studio", "studio.local"],
            "expires_at_ms": MADE_MS,
        },
    });
    let expected = "\
On this machine: http://127.0.0.1:23000
Other devices:   https://studio.local:23443
Certificate:     of this Maestro's own certificate authority, which a device must be told to trust
Fingerprint:     SHA-256 AB:CD
Names:           studio, studio.local
Expires:         2023-11-14 22:13:20 UTC
";
    check_both(&["access", "show"], "GET /api/reach", &reach, expected, "");
    let alone = json!({ "loopback": "http://x:1", "public": null, "certificate": null });
    let told = "Other devices cannot reach it: `maestro --help` tells about --listen.\n";
    let expected = "On this machine: http://x:1\n";
    check_both(&["access", "show"], "GET /api/reach", &alone, expected, told);
}

#[test]
fn who_asks_is_told_with_the_role() {
    let home = Home::with(&[(200, &success(&json!({ "id": null, "role": "owner" })))]);
    let outcome = home.run(&["whoami"]);
    let expected = format!(
        "Role:       owner. Does everything, and decides who may do what.\n\
         Credential: the data folder\n\
         Maestro:    http://{}\n",
        home.server.address
    );
    check(&outcome, Exit::Ok, &expected, "");
    assert_eq!(outcome.lines(), ["GET /api/self"]);
}
