//! Waking, hibernating, restarting and trashing, one agent and many.

use serde_json::{Value, json};

use crate::records::{ID, OTHER_ID, failed, failure, list, outcomes, running, success, with};
use crate::{Exit, Home, check};

#[test]
fn one_agent_is_asked_for_alone() {
    fn check_request(line: &[&str], action: &str, body: &str) {
        let home = Home::with(&[(200, &list(&[failed(), running()])), (200, &success(&running()))]);
        let outcome = home.run(&[&["agent"], line].concat());
        check(&outcome, Exit::Ok, "Agent “payments-ledger-fix”: running.\n", "");
        let expected = format!("POST /api/agents/{ID}/{action}");
        assert_eq!(outcome.lines(), ["GET /api/agents", expected.as_str()]);
        assert_eq!(outcome.requests[1].body, body);
    }
    let name = "payments-ledger-fix";
    check_request(&["wake", name], "wake", r#"{"fresh":false}"#);
    check_request(&["start", name, "--fresh"], "wake", r#"{"fresh":true}"#);
    check_request(&["hibernate", ID], "hibernate", "");
    check_request(&["stop", name], "hibernate", "");
    check_request(&["restart", name], "restart", r#"{"fresh":false}"#);
    check_request(&["restart", "--fresh", name], "restart", r#"{"fresh":true}"#);
}

#[test]
fn several_agents_are_one_request() {
    for (verb, action) in
        [("wake", "wake"), ("hibernate", "hibernate"), ("restart", "restart"), ("trash", "trash")]
    {
        let report = json!({ "outcomes": [{ "name": "docs", "agent": failed() }] });
        let home = Home::with(&[(200, &list(&[failed(), running()])), (200, &success(&report))]);
        let outcome = home.run(&["agent", verb, "docs", ID, OTHER_ID, "--json"]);
        assert_eq!((outcome.exit, outcome.data()), (Exit::Ok, report));
        assert_eq!(outcome.lines(), ["GET /api/agents", "POST /api/agents/bulk"]);
        assert_eq!(outcome.sent(), json!({ "agents": [OTHER_ID, ID], "action": action }));
    }
}

#[test]
fn each_of_several_is_told_and_one_refusal_is_no_success() {
    let answer = outcomes(&[
        ("docs", Err(("unavailable", "claude is not installed. Install it."))),
        ("payments-ledger-fix", Ok(running())),
    ]);
    let home = Home::with(&[(200, &list(&[failed(), running()])), (200, &answer)]);
    let outcome = home.run(&["agent", "wake", "docs", ID]);
    check(
        &outcome,
        Exit::Unavailable,
        "Agent “payments-ledger-fix”: running.\n",
        "Agent “docs” was refused: claude is not installed. Install it.\n",
    );
}

#[test]
fn one_unknown_name_holds_up_all() {
    let home = Home::with(&[(200, &list(&[failed(), running()]))]);
    let outcome = home.run(&["agent", "hibernate", "docs", "dcos"]);
    let sentence = "No agent is called “dcos”. Did you mean “docs”? `maestro agent list` shows \
                    all.\n";
    check(&outcome, Exit::NotFound, "", sentence);
    assert_eq!(outcome.requests.len(), 1);
}

#[test]
fn a_new_conversation_of_several_is_a_request_each() {
    let home = Home::with(&[
        (200, &list(&[failed(), running()])),
        (503, &failure("unavailable", "No claude.")),
        (200, &success(&running())),
    ]);
    let outcome = home.run(&["agent", "wake", "docs", ID, "--fresh"]);
    check(
        &outcome,
        Exit::Unavailable,
        "Agent “payments-ledger-fix”: running.\n",
        "Agent “docs” was refused: No claude.\n",
    );
    let (first, second) =
        (format!("POST /api/agents/{OTHER_ID}/wake"), format!("POST /api/agents/{ID}/wake"));
    assert_eq!(outcome.lines(), ["GET /api/agents", first.as_str(), second.as_str()]);
    assert_eq!(outcome.sent(), json!({ "fresh": true }));
}

#[test]
fn a_tag_chooses() {
    let answer = outcomes(&[("payments-ledger-fix", Ok(running()))]);
    let home = Home::with(&[(200, &list(&[failed(), running()])), (200, &answer)]);
    let outcome = home.run(&["agent", "restart", "--tag", "night"]);
    check(&outcome, Exit::Ok, "Agent “payments-ledger-fix”: running.\n", "");
    assert_eq!(outcome.sent(), json!({ "agents": [ID], "action": "restart" }));

    let home = Home::with(&[(200, &list(&[failed(), running()]))]);
    let outcome = home.run(&["agent", "trash", "--tag", "day"]);
    let sentence = "No agent has the tag “day”. `maestro agent show` shows an agent's tags.\n";
    check(&outcome, Exit::NotFound, "", sentence);
}

#[test]
fn all_agents_are_meant_only_after_a_yes() {
    fn check_answer(answer: &str, done: bool) {
        let report = outcomes(&[("docs", Ok(failed())), ("p", Ok(running()))]);
        let home = Home::with(&[(200, &list(&[failed(), running()])), (200, &report)]);
        let outcome = home.run_answering(&["agent", "hibernate", "--all"], answer);
        assert_eq!(outcome.err, "Hibernate all agents (2)? Their sessions end. [y/N] ");
        assert_eq!(outcome.exit, Exit::Ok);
        if done {
            let both = json!({ "agents": [OTHER_ID, ID], "action": "hibernate" });
            assert_eq!(outcome.sent(), both);
        } else {
            assert_eq!(outcome.out, "Nothing was changed.\n", "{answer:?}");
            assert_eq!(outcome.lines(), ["GET /api/agents"], "{answer:?}");
        }
    }
    check_answer("y\n", true);
    check_answer("Yes\n", true);
    check_answer("\n", false);
    check_answer("no\n", false);
    check_answer("", false);
}

#[test]
fn all_agents_without_anybody_to_ask() {
    let outcome = Home::with(&[]).run(&["agent", "wake", "--all"]);
    let sentence = "Nobody can be asked here whether all agents are meant. Add --yes if so.\n";
    check(&outcome, Exit::Usage, "", sentence);
    assert_eq!(outcome.requests, []);

    let answer = outcomes(&[("docs", Ok(failed()))]);
    let home = Home::with(&[(200, &list(&[failed()])), (200, &answer)]);
    let outcome = home.run(&["agent", "wake", "--all", "--yes"]);
    check(&outcome, Exit::Ok, "Agent “docs”: failed with exit code 2.\n", "");
    assert_eq!(outcome.sent(), json!({ "agents": [OTHER_ID], "action": "wake" }));

    let home = Home::with(&[(200, &list(&[]))]);
    let outcome = home.run(&["agent", "wake", "--all", "--yes"]);
    check(&outcome, Exit::Ok, "There was nothing to do.\n", "");
}

#[test]
fn the_trash_takes_without_asking_and_says_the_way_back() {
    let named = |name: &str| with(running(), &json!({ "name": name }));
    for (name, typeable) in [("docs-1", "docs-1"), ("a; rm -rf ~", ID)] {
        let home = Home::with(&[(200, &list(&[named(name)])), (200, &success(&Value::Null))]);
        let outcome = home.run(&["agent", "trash", ID]);
        let moved = format!("Moved agent “{name}” to the trash.\n");
        let back = format!("`maestro trash restore {typeable}` brings it back.\n");
        check(&outcome, Exit::Ok, &moved, &back);
        let request = format!("DELETE /api/agents/{ID}");
        assert_eq!(outcome.lines(), ["GET /api/agents", request.as_str()]);
    }
    let home = Home::with(&[(200, &list(&[running()])), (200, &success(&Value::Null))]);
    let outcome = home.run(&["agent", "delete", ID, "--json"]);
    assert_eq!(outcome.data(), json!({ "id": ID, "trashed": true }));
    assert_eq!(outcome.err, "");
}

#[test]
fn several_in_the_trash_are_told_one_by_one() {
    let answer = outcomes(&[("docs", Ok(failed())), ("payments-ledger-fix", Ok(running()))]);
    let home = Home::with(&[(200, &list(&[failed(), running()])), (200, &answer)]);
    check(
        &home.run(&["agent", "rm", OTHER_ID, ID]),
        Exit::Ok,
        "Moved agent “docs” to the trash.\nMoved agent “payments-ledger-fix” to the trash.\n",
        "`maestro trash list` shows the trash, `maestro trash restore NAME` brings one back.\n",
    );
}
