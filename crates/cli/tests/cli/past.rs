//! Versions and history.

use serde_json::{Value, json};

use crate::records::{ID, MADE_MS, agent, list, running, settings, success, trashed, with};
use crate::{Exit, Home, check};

fn versions() -> Value {
    let version = |number: i64, change: &Value| {
        let at_ms = MADE_MS + number * 1000;
        let settings = with(settings("payments-ledger-fix"), change);
        json!({ "version": number, "at_ms": at_ms, "settings": settings })
    };
    let third = version(3, &json!({}));
    json!([
        with(third, &json!({ "from": 1 })),
        version(2, &json!({ "label": "L\u{7}", "args": ["--continue"] })),
        version(1, &json!({})),
    ])
}

#[test]
fn versions_say_what_each_changed() {
    let home = Home::with(&[(200, &list(&[running()])), (200, &success(&versions()))]);
    let outcome = home.run(&["agent", "versions", "payments-ledger-fix"]);
    let expected = "VERSION  SINCE                    CHANGED\n\
                    3        2023-11-14 22:13:23 UTC  args, label (as in version 1)\n\
                    2        2023-11-14 22:13:22 UTC  args, label\n\
                    1        2023-11-14 22:13:21 UTC  (created)\n";
    check(&outcome, Exit::Ok, expected, "");
    let request = format!("GET /api/agents/{ID}/versions");
    assert_eq!(outcome.lines(), ["GET /api/agents", request.as_str()]);

    let home = Home::with(&[(200, &list(&[running()])), (200, &success(&versions()))]);
    assert_eq!(home.run(&["agent", "versions", ID, "--json"]).data(), versions());
}

#[test]
fn compare_shows_before_and_after() {
    let run = |numbers: &[&str]| {
        let home = Home::with(&[(200, &list(&[running()])), (200, &success(&versions()))]);
        home.run(&[&["agent", "compare", ID], numbers].concat())
    };
    let expected = "Agent “payments-ledger-fix”, from version 2 to version 3:\n\
                    args\n  - --continue\n  + --continue\n  + a b\n  + \n\
                    label\n  - L\\u{7}\n";
    check(&run(&["2"]), Exit::Ok, expected, "");
    let same = "Versions 1 and 3 of agent “payments-ledger-fix” are the same.\n";
    check(&run(&["1", "3"]), Exit::Ok, same, "");
    let missing = "Agent “payments-ledger-fix” has no version 9. `maestro agent versions \
                   payments-ledger-fix` lists them.\n";
    check(&run(&["1", "9"]), Exit::NotFound, "", missing);
    let label = json!({ "field": "label", "before": "", "after": "L\u{7}" });
    let args = json!({ "field": "args", "before": "--continue\na b\n", "after": "--continue" });
    let data = json!({ "before": 1, "after": 2, "changes": [args, label] });
    assert_eq!(run(&["1", "2", "--json"]).data(), data);
}

#[test]
fn rollback_sends_the_version() {
    let after = agent(ID, "docs", &json!({ "kind": "hibernated" }));
    let home = Home::with(&[(200, &list(&[running()])), (200, &success(&after))]);
    let outcome = home.run(&["agent", "rollback", ID, "1"]);
    let said = "Agent “docs” has the settings of version 1 again, as version 3.\n";
    check(&outcome, Exit::Ok, said, "");
    let request = format!("POST /api/agents/{ID}/rollback");
    assert_eq!(outcome.lines(), ["GET /api/agents", request.as_str()]);
    assert_eq!(outcome.sent(), json!({ "version": 1 }));
}

fn entry(seq: i64, event: &Value) -> Value {
    with(json!({ "seq": seq, "at_ms": MADE_MS }), event)
}

#[test]
fn history_is_a_line_per_entry() {
    let events = [
        (
            json!({ "kind": "created", "from": ID }),
            "created as a copy of 01jd5m0w3v8k2q4r6s8t0v2x4z",
        ),
        (json!({ "kind": "created" }), "created"),
        (
            json!({ "kind": "edited", "version": 2, "fields": ["args", "label"] }),
            "version 2: changed args, label",
        ),
        (
            json!({ "kind": "rolled_back", "version": 3, "to": 1 }),
            "version 3: settings of version 1 again",
        ),
        (json!({ "kind": "woken", "resumed": true }), "woken, took up its conversation"),
        (json!({ "kind": "woken", "resumed": false }), "woken"),
        (json!({ "kind": "hibernated" }), "hibernated"),
        (json!({ "kind": "exited", "code": 3 }), "ended with exit code 3"),
        (json!({ "kind": "exited", "code": null }), "ended by a signal"),
        (json!({ "kind": "lost" }), "its session disappeared"),
        (json!({ "kind": "rejoined" }), "found running when Maestro was started again"),
        (json!({ "kind": "trashed" }), "moved to the trash"),
        (json!({ "kind": "restored" }), "restored from the trash"),
        (
            json!({ "kind": "terminal_opened", "number": 2, "name": "a\u{7}" }),
            "terminal 2 “a\\u{7}” opened",
        ),
        (json!({ "kind": "terminal_closed", "number": 2, "name": "a" }), "terminal 2 “a” closed"),
    ];
    let entries: Vec<Value> =
        (0..).zip(&events).map(|(age, (event, _))| entry(100 - age, event)).collect();
    let expected: String =
        events.iter().map(|(_, line)| ["2023-11-14 22:13:20 UTC  ", line, "\n"].concat()).collect();
    let home = Home::with(&[(200, &list(&[running()])), (200, &success(&json!(entries)))]);
    let outcome = home.run(&["agent", "history", "payments-ledger-fix"]);
    check(&outcome, Exit::Ok, &expected, "");
    let request = format!("GET /api/agents/{ID}/history?limit=50");
    assert_eq!(outcome.lines(), ["GET /api/agents", request.as_str()]);
}

#[test]
fn a_long_history_comes_in_pages() {
    let page = |first: i64, count: i64| -> Vec<Value> {
        (0..count).map(|age| entry(first - age, &json!({ "kind": "hibernated" }))).collect()
    };
    let (newest, older) = (page(900, 500), page(400, 200));
    let home = Home::with(&[
        (200, &list(&[running()])),
        (200, &success(&json!(newest))),
        (200, &success(&json!(older))),
    ]);
    let outcome = home.run(&["agent", "history", ID, "--limit", "800", "--json"]);
    assert_eq!(outcome.data(), json!([newest, older].concat()));
    let path = format!("GET /api/agents/{ID}/history");
    let (first, second) = (format!("{path}?limit=500"), format!("{path}?before=401&limit=300"));
    assert_eq!(outcome.lines(), ["GET /api/agents", first.as_str(), second.as_str()]);
}

#[test]
fn an_agent_in_the_trash_still_has_a_past() {
    let home = Home::with(&[
        (200, &list(&[])),
        (200, &success(&json!([trashed(ID, "docs")]))),
        (200, &success(&json!([]))),
    ]);
    let outcome = home.run(&["agent", "history", "docs"]);
    check(&outcome, Exit::Ok, "Nothing is known of its past.\n", "");
    let request = format!("GET /api/agents/{ID}/history?limit=50");
    assert_eq!(outcome.lines(), ["GET /api/agents", "GET /api/trash", request.as_str()]);

    let home = Home::with(&[(200, &list(&[running()])), (200, &success(&json!([])))]);
    let unknown = "No agent is called “x”. `maestro agent list` shows all.\n";
    check(&home.run(&["agent", "versions", "x"]), Exit::NotFound, "", unknown);
}
