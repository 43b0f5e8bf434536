//! New agents, one by one and from a file.

use std::fs;

use serde_json::{Value, json};

use crate::fake_server::TOKEN;
use crate::records::{ID, failed, outcomes, running, success};
use crate::{Exit, Home, check};

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
    check(&outcome, Exit::Ok, "Created agent “payments-ledger-fix”: running.\n", "");
    assert_eq!(outcome.lines(), ["POST /api/agents"]);
    assert_eq!(outcome.requests[0].authorization, format!("Bearer {TOKEN}"));
    assert_eq!(
        outcome.sent(),
        json!({
            "name": "it's; $(x) #{y}", "label": "", "avatar": "", "persona": "",
            "program": "claude", "args": ["--continue", "", "a b"], "folder": "/home/ada/work",
            "env": [], "note": "the \"note\"", "tags": [], "colour": "group", "favourite": false,
            "autostart": false, "start": false,
        })
    );
}

#[test]
fn create_sends_every_setting() {
    let home = Home::with(&[(201, &success(&running()))]);
    let persona = home.folder.path().join("persona");
    fs::write(&persona, "You test.\n").unwrap();
    let outcome = home.run(&[
        "agent",
        "create",
        "a",
        "--program=sh",
        "--dir=~",
        "--label=The tester",
        "--avatar=🦊",
        "--persona-file",
        persona.to_str().unwrap(),
        "--env=A=$B",
        "--env=K=@k",
        "--tag=x",
        "--tag=y z",
        "--colour=teal",
        "--favourite",
        "--autostart",
    ]);
    assert_eq!(outcome.exit, Exit::Ok, "{}", outcome.err);
    assert_eq!(
        outcome.sent(),
        json!({
            "name": "a", "label": "The tester", "avatar": "🦊", "persona": "You test.",
            "program": "sh", "args": [], "folder": "~",
            "env": [{ "name": "A", "variable": "B" }, { "name": "K", "file": "/home/ada/k" }],
            "note": "", "tags": ["x", "y z"], "colour": "teal", "favourite": true,
            "autostart": true, "start": true,
        })
    );
}

#[test]
fn a_secret_on_the_command_line_goes_nowhere() {
    let home = Home::with(&[]);
    for json in [None, Some("--json")] {
        let mut line =
            vec!["agent", "create", "a", "--program", "sh", "--dir", "/", "--env", "KEY=s3cr3t"];
        line.extend(json);
        let outcome = home.run(&line);
        assert_eq!((outcome.exit, outcome.out.as_str()), (Exit::Usage, ""));
        assert!(outcome.err.contains("KEY was given a plain value."), "{}", outcome.err);
        assert!(outcome.err.contains("--env 'NAME=$VARIABLE'"), "{}", outcome.err);
        assert!(!outcome.err.contains("s3cr3t"), "{}", outcome.err);
        assert_eq!(outcome.requests, []);
    }
}

fn written(name: &str) -> Value {
    json!({ "name": name, "program": "sh", "folder": "/", "start": false })
}

#[test]
fn many_are_created_in_one_request() {
    let answer = outcomes(&[
        ("payments-ledger-fix", Ok(running())),
        ("b", Err(("conflict", "An agent “b” exists already. Choose another name."))),
        ("docs", Ok(failed())),
    ]);
    let text = format!("{}\n{}\n", written("a"), written("b"));
    let array = json!([written("a"), written("b")]).to_string();
    for text in [text, array] {
        let home = Home::with(&[(200, &answer)]);
        let outcome = home.run_piped(&["agent", "create-many", "-"], &text);
        check(
            &outcome,
            Exit::Conflict,
            "Created agent “payments-ledger-fix”: running.\n\
             Created agent “docs”: failed with exit code 2.\n",
            "Agent “b” was refused: An agent “b” exists already. Choose another name.\n",
        );
        assert_eq!(outcome.lines(), ["POST /api/agents/batch"]);
        let sent = outcome.sent();
        assert_eq!(
            (&sent["agents"][0]["name"], &sent["agents"][1]["name"]),
            (&json!("a"), &json!("b"))
        );
        assert_eq!(sent["agents"][0]["start"], false);
        assert_eq!(sent["agents"].as_array().map(Vec::len), Some(2));
    }
}

#[test]
fn many_come_from_a_file_and_answer_in_one_envelope() {
    let report = json!({ "outcomes": [{ "name": "a", "agent": running() }] });
    let home = Home::with(&[(200, &success(&report))]);
    let file = home.folder.path().join("agents.jsonl");
    fs::write(&file, written("a").to_string()).unwrap();
    let outcome = home.run(&["agent", "create-many", file.to_str().unwrap(), "--json"]);
    assert_eq!((outcome.exit, outcome.data()), (Exit::Ok, report));
}

#[test]
fn a_file_with_a_mistake_creates_nothing() {
    fn check_input(input: &str, why: &str) {
        let outcome = Home::with(&[]).run_piped(&["agent", "create-many", "-"], input);
        let sentence = format!(
            "Standard input {why} Nothing was created. `maestro agent create-many --help` shows \
             an example.\n"
        );
        check(&outcome, Exit::Invalid, "", &sentence);
        assert_eq!(outcome.requests, []);
    }
    let missing = "what is not a new agent: missing field `folder`.";
    let faulty = json!({ "name": "x", "program": "sh" });
    check_input(&format!("{}\n{faulty}", written("a")), &format!("holds in line 2 {missing}"));
    check_input(&json!([faulty]).to_string(), &format!("holds in entry 1 {missing}"));
    check_input("", "holds no agent.");
}

#[test]
fn more_than_one_request_takes_are_sent_in_parts() {
    let first: Vec<_> = (0..1000).map(|_| ("n", Ok(running()))).collect();
    let refusal = json!({ "code": "unavailable", "message": "The disk is full. Free some." });
    let failure = json!({ "success": false, "error": refusal }).to_string();
    let home = Home::with(&[(200, &outcomes(&first)), (503, &failure)]);
    let all: Vec<Value> = (0..1002).map(|number| written(&format!("a{number}"))).collect();
    let line = ["agent", "create-many", "-", "--json"];
    let outcome = home.run_piped(&line, &json!(all).to_string());
    assert_eq!(outcome.exit, Exit::Unavailable);
    assert_eq!(outcome.lines(), ["POST /api/agents/batch"; 2]);
    let data = outcome.data();
    assert_eq!(data["outcomes"].as_array().map(Vec::len), Some(1002));
    assert_eq!(data["outcomes"][0]["agent"]["id"], ID);
    assert_eq!(data["outcomes"][1001], json!({ "name": "a1001", "error": refusal }));
}
