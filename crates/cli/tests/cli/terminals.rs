//! The terminals of an agent.

use serde_json::{Value, json};

use crate::records::{ID, list, running, success, with};
use crate::{Exit, Home, Outcome, check};

fn terminal(number: u16, name: &str) -> Value {
    json!({ "number": number, "name": name, "state": { "kind": "running", "since_ms": 1 } })
}

/// The agent with these terminals.
fn having(terminals: &[Value]) -> Value {
    with(running(), &json!({ "terminals": terminals }))
}

/// Runs a command for an agent with the terminals 1 “Shell” and 4 “logs”.
fn run(line: &[&str], after: &[Value]) -> Outcome {
    let before = having(&[terminal(1, "Shell"), terminal(4, "logs")]);
    let home = Home::with(&[(200, &list(&[before])), (200, &success(&having(after)))]);
    home.run(&[&["terminal"], line].concat())
}

#[test]
fn the_list_begins_with_that_of_the_program() {
    let expected = "NUMBER  NAME    STATE\n\
                    0       claude  running\n\
                    1       Shell   running\n\
                    4       logs    running\n";
    let outcome = run(&["list", "payments-ledger-fix"], &[]);
    check(&outcome, Exit::Ok, expected, "");
    assert_eq!(outcome.lines(), ["GET /api/agents"]);
    let program = json!({
        "number": 0, "name": "claude", "state": { "kind": "running", "since_ms": 5 },
    });
    let all = json!([program, terminal(1, "Shell"), terminal(4, "logs")]);
    assert_eq!(run(&["list", ID, "--json"], &[]).data(), all);
}

#[test]
fn a_new_one_is_named_by_the_server_or_by_hand() {
    for (options, body) in
        [(&[][..], json!({})), (&["--name", "tests"], json!({ "name": "tests" }))]
    {
        let after = [terminal(1, "Shell"), terminal(4, "logs"), terminal(5, "x")];
        let outcome = run(&[&["open", ID], options].concat(), &after);
        let said = "Opened terminal 5 “x” of agent “payments-ledger-fix”.\n";
        check(&outcome, Exit::Ok, said, "");
        let request = format!("POST /api/agents/{ID}/terminals");
        assert_eq!(outcome.lines(), ["GET /api/agents", request.as_str()]);
        assert_eq!(outcome.sent(), body);
    }
}

#[test]
fn one_is_named_by_its_number_or_its_name() {
    fn check_request(line: &[&str], request: &str, body: &str, said: &str) {
        let outcome = run(line, &[terminal(1, "Shell"), terminal(4, "new")]);
        check(&outcome, Exit::Ok, &format!("{said} of agent “payments-ledger-fix”.\n"), "");
        assert_eq!(outcome.lines(), ["GET /api/agents", request]);
        assert_eq!(outcome.requests[1].body, body);
    }
    let path = format!("/api/terminals/{ID}");
    let start = format!("POST {path}-1/start");
    check_request(&["start", ID, "1"], &start, "", "Started terminal 1 “Shell”");
    check_request(&["start", ID, "Shell"], &start, "", "Started terminal 1 “Shell”");
    let rename = format!("PATCH {path}-4");
    let body = r#"{"name":"new"}"#;
    check_request(&["rename", ID, "logs", "new"], &rename, body, "Renamed terminal 4 “new”");
    let close = format!("DELETE {path}-4");
    check_request(&["close", ID, "4"], &close, "", "Closed terminal 4 “logs”");
}

#[test]
fn what_is_not_there_is_not_touched() {
    let missing = "Agent “payments-ledger-fix” has no terminal “log”. `maestro terminal list \
                   payments-ledger-fix` shows all.\n";
    let outcome = run(&["close", ID, "log"], &[]);
    check(&outcome, Exit::NotFound, "", missing);
    assert_eq!(outcome.requests.len(), 1);

    let own = "Terminal 0 is that of the agent's program, which lives as long as the agent. \
               `maestro agent wake payments-ledger-fix` starts it.\n";
    let outcome = run(&["start", ID, "0"], &[]);
    check(&outcome, Exit::Invalid, "", own);
    assert_eq!(outcome.requests.len(), 1);
}
