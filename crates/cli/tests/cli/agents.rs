//! What is asked of the server, and what a person or a program gets to read.

use serde_json::{Value, json};

use crate::fake_server::TOKEN;
use crate::{Exit, Home, Outcome};

const ID: &str = "01jd5m0w3v8k2q4r6s8t0v2x4z";
const OTHER_ID: &str = "01jd5m0w3v8k2q4r6s8t0v2x50";

fn agent(id: &str, name: &str, state: &Value) -> Value {
    json!({
        "id": id, "name": name, "program": "claude", "args": ["--continue", "a b\n"],
        "folder": "/srv/ledger", "note": "first\n\u{1b}[2Jsecond", "state": state,
        "created_at_ms": 1_700_000_000_000_i64,
    })
}

fn running() -> Value {
    agent(ID, "payments-ledger-fix", &json!({ "kind": "running", "since_ms": 5 }))
}

fn failed() -> Value {
    agent(OTHER_ID, "docs", &json!({ "kind": "exited", "code": 2, "at_ms": 6 }))
}

fn success(data: &Value) -> String {
    json!({ "success": true, "data": data }).to_string()
}

fn list(agents: &[Value]) -> String {
    success(&json!({ "revision": 3, "agents": agents }))
}

fn lines(outcome: &Outcome) -> Vec<&str> {
    outcome.requests.iter().map(|request| request.line.as_str()).collect()
}

#[test]
fn create_sends_what_was_typed() {
    let home = Home::with(&[(201, &success(&running()))]);
    let outcome = home.run(&[
        "agent",
        "create",
        "it's; $(x) #{y}",
        "--program",
        "claude",
        "--dir",
        "work",
        "--note",
        "the \"note\"",
        "--no-start",
        "--",
        "--continue",
        "",
        "a b",
    ]);
    assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Ok, ""));
    assert_eq!(outcome.out, "Created agent “payments-ledger-fix”: running.\n");
    let [request] = outcome.requests.as_slice() else { panic!("one request") };
    assert_eq!(request.line, "POST /api/agents");
    assert_eq!(request.authorization, format!("Bearer {TOKEN}"));
    assert_eq!(
        serde_json::from_str::<Value>(&request.body).unwrap(),
        json!({
            "name": "it's; $(x) #{y}", "program": "claude", "args": ["--continue", "", "a b"],
            "folder": "/home/ada/work", "note": "the \"note\"", "start": false,
        })
    );
}

#[test]
fn list_is_an_aligned_table() {
    let home = Home::with(&[(200, &list(&[failed(), running()]))]);
    let outcome = home.run(&["agent", "list"]);
    assert_eq!(
        outcome.out,
        "NAME                 STATE    PROGRAM  FOLDER\n\
         docs                 Failed   claude   /srv/ledger\n\
         payments-ledger-fix  Running  claude   /srv/ledger\n"
    );
    assert_eq!(lines(&outcome), ["GET /api/agents"]);
}

#[test]
fn an_empty_list_says_what_to_do() {
    let outcome = Home::with(&[(200, &list(&[]))]).run(&["agent", "list"]);
    assert_eq!(outcome.out, "No agents yet. `maestro agent create --help` says how to make one.\n");
}

#[test]
fn show_spells_out_what_a_terminal_would_obey() {
    let home = Home::with(&[(200, &list(&[failed(), running()]))]);
    let outcome = home.run(&["agent", "show", OTHER_ID]);
    assert_eq!(
        outcome.out,
        "id:       01jd5m0w3v8k2q4r6s8t0v2x50\n\
         name:     docs\n\
         state:    failed with exit code 2\n\
         program:  claude\n\
         argument: --continue\n\
         argument: a b\\n\n\
         folder:   /srv/ledger\n\
         note:     first\n\
         note:     \\u{1b}[2Jsecond\n"
    );
}

#[test]
fn json_is_one_envelope_on_one_line() {
    let home = Home::with(&[(200, &list(&[failed(), running()])), (200, &list(&[running()]))]);
    let outcome = home.run(&["agent", "list", "--json"]);
    assert_eq!(outcome.out.matches('\n').count(), 1);
    assert_eq!(
        serde_json::from_str::<Value>(&outcome.out).unwrap(),
        json!({ "success": true, "data": [failed(), running()] })
    );
    let outcome = home.run(&["agent", "show", "payments-ledger-fix", "--json"]);
    assert_eq!(
        serde_json::from_str::<Value>(&outcome.out).unwrap(),
        json!({ "success": true, "data": running() })
    );
}

#[test]
fn start_and_stop_find_the_agent_by_name() {
    for action in ["start", "stop"] {
        let home = Home::with(&[(200, &list(&[failed(), running()])), (200, &success(&running()))]);
        let outcome = home.run(&["agent", action, "payments-ledger-fix"]);
        assert_eq!(outcome.out, "Agent “payments-ledger-fix”: running.\n");
        let expected = format!("POST /api/agents/{ID}/{action}");
        assert_eq!(lines(&outcome), ["GET /api/agents", expected.as_str()]);
        assert_eq!(outcome.requests[1].body, "");
    }
}

#[test]
fn a_name_cannot_pose_as_the_id_of_another_agent() {
    let poser = agent(OTHER_ID, ID, &json!({ "kind": "stopped" }));
    let home = Home::with(&[(200, &list(&[poser, running()]))]);
    let outcome = home.run(&["agent", "show", ID]);
    assert!(outcome.out.contains("name:     payments-ledger-fix\n"), "{}", outcome.out);
}

#[test]
fn delete_asks_and_takes_only_yes() {
    fn check(answer: &str, deletes: bool) {
        let home = Home::with(&[(200, &list(&[running()])), (200, &success(&Value::Null))]);
        let outcome = home.run_answering(&["agent", "delete", ID], answer);
        assert_eq!(outcome.exit, Exit::Ok);
        assert_eq!(
            outcome.err, "Delete agent “payments-ledger-fix”? Its session ends. [y/N] ",
            "{answer:?}"
        );
        let said = if deletes { "Deleted" } else { "Kept" };
        assert_eq!(outcome.out, format!("{said} agent “payments-ledger-fix”.\n"), "{answer:?}");
        assert_eq!(outcome.requests.len(), if deletes { 2 } else { 1 }, "{answer:?}");
    }
    check("y\n", true);
    check("Yes\n", true);
    check("\n", false);
    check("no\n", false);
    check("", false);
}

#[test]
fn delete_with_yes_does_not_ask() {
    let home = Home::with(&[(200, &list(&[running()])), (200, &success(&Value::Null))]);
    let outcome = home.run(&["agent", "delete", "payments-ledger-fix", "--yes", "--json"]);
    assert_eq!(outcome.err, "");
    let delete = format!("DELETE /api/agents/{ID}");
    assert_eq!(lines(&outcome), ["GET /api/agents", delete.as_str()]);
    assert_eq!(
        serde_json::from_str::<Value>(&outcome.out).unwrap(),
        json!({ "success": true, "data": { "id": ID, "deleted": true } })
    );
}

#[test]
fn a_login_link_stands_alone_on_stdout() {
    let link = json!({ "url": "http://localhost:1/login#t=abc", "expires_at_ms": 9 });
    let home = Home::with(&[(201, &success(&link)), (201, &success(&link))]);
    let outcome = home.run(&["login-link"]);
    assert_eq!(outcome.out, "http://localhost:1/login#t=abc\n");
    assert_eq!(outcome.err, "Open this link in a browser. It works once, for a short time.\n");
    assert_eq!(lines(&outcome), ["POST /api/login-links"]);

    let outcome = home.run(&["login-link", "--json"]);
    assert_eq!(outcome.err, "");
    assert_eq!(
        serde_json::from_str::<Value>(&outcome.out).unwrap(),
        json!({ "success": true, "data": link })
    );
}
