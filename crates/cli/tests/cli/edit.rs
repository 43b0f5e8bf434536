//! Changes of settings.

use serde_json::{Value, json};

use crate::records::{ID, failure, list, running, success, with};
use crate::{Exit, Home, check};

/// What is sent for these options, for an agent with two tags and two variables.
#[track_caller]
fn check_sent(options: &[&str], expected: &Value) {
    let env = json!([{ "name": "A", "variable": "B" }, { "name": "K", "file": "/k" }]);
    let agent = with(running(), &json!({ "env": env }));
    let home = Home::with(&[(200, &list(std::slice::from_ref(&agent))), (200, &success(&agent))]);
    let line = [&["agent", "edit", "payments-ledger-fix"], options].concat();
    let outcome = home.run(&line);
    assert_eq!(outcome.exit, Exit::Ok, "{}", outcome.err);
    let patch = format!("PATCH /api/agents/{ID}");
    assert_eq!(outcome.lines(), ["GET /api/agents", patch.as_str()]);
    assert_eq!(outcome.sent(), *expected, "{options:?}");
}

#[test]
fn what_is_not_named_is_not_sent() {
    check_sent(&["--label", "L"], &json!({ "label": "L" }));
    check_sent(
        &["--program=sh", "--dir=work", "--avatar=🦊", "--persona=P", "--note=N", "--colour=rose"],
        &json!({
            "program": "sh", "folder": "/home/ada/work", "avatar": "🦊", "persona": "P",
            "note": "N", "colour": "rose",
        }),
    );
    check_sent(
        &["--favourite", "--no-autostart"],
        &json!({ "favourite": true, "autostart": false }),
    );
    check_sent(
        &["--no-favourite", "--autostart"],
        &json!({ "favourite": false, "autostart": true }),
    );
    check_sent(
        &["--no-label", "--no-avatar", "--no-persona", "--no-note"],
        &json!({ "label": "", "avatar": "", "persona": "", "note": "" }),
    );
    check_sent(&["--", "-x", "y z"], &json!({ "args": ["-x", "y z"] }));
    check_sent(
        &["--no-args", "--no-tags", "--no-env"],
        &json!({ "args": [], "tags": [], "env": [] }),
    );
    check_sent(&["--tag", "a", "--tag", "b"], &json!({ "tags": ["a", "b"] }));
}

#[test]
fn lists_are_computed_from_the_version_that_was_read() {
    check_sent(
        &["--add-tag", "y", "--add-tag", "x", "--remove-tag", "night"],
        &json!({ "if_version": 3, "tags": ["x", "y"] }),
    );
    check_sent(
        &["--env=K=$NEW", "--env=N=@/n", "--remove-env", "A"],
        &json!({
            "if_version": 3,
            "env": [{ "name": "K", "variable": "NEW" }, { "name": "N", "file": "/n" }],
        }),
    );
}

#[test]
fn a_change_in_between_is_a_conflict_and_nothing_is_lost() {
    let sentence = "Somebody changed the agent meanwhile. Look at it and try again.";
    let home = Home::with(&[(200, &list(&[running()])), (409, &failure("conflict", sentence))]);
    let outcome = home.run(&["agent", "edit", ID, "--add-tag", "y"]);
    check(&outcome, Exit::Conflict, "", &format!("{sentence}\n"));
}

#[test]
fn what_is_not_there_cannot_be_removed() {
    fn check_refused(options: &[&str], what: &str) {
        let home = Home::with(&[(200, &list(&[running()]))]);
        let outcome = home.run(&[&["agent", "edit", ID], options].concat());
        let sentence = format!(
            "Agent “payments-ledger-fix” does not have {what}. `maestro agent show \
             payments-ledger-fix` shows what it has.\n"
        );
        check(&outcome, Exit::NotFound, "", &sentence);
        assert_eq!(outcome.lines(), ["GET /api/agents"]);
    }
    check_refused(&["--remove-tag", "y"], "the tag “y”");
    check_refused(&["--remove-env", "Y"], "the variable “Y”");
}

#[test]
fn nothing_to_change_is_a_usage_error() {
    let outcome = Home::with(&[]).run(&["agent", "edit", "docs"]);
    let sentence = "Nothing to change was named. `maestro agent edit --help` lists what can be \
                    changed.\n";
    check(&outcome, Exit::Usage, "", sentence);
    assert_eq!(outcome.requests, []);
}

#[test]
fn the_answer_says_what_changed_and_when_it_counts() {
    fn check_said(after: &Value, out: &str, err: &str) {
        let after = with(running(), after);
        let home = Home::with(&[(200, &list(&[running()])), (200, &success(&after))]);
        check(&home.run(&["agent", "edit", ID, "--label", "L"]), Exit::Ok, out, err);
    }
    check_said(
        &json!({ "label": "L", "tags": [], "version": 4 }),
        "Changed label, tags of agent “payments-ledger-fix” (version 4).\n",
        "",
    );
    check_said(
        &json!({ "program": "sh", "version": 4 }),
        "Changed program of agent “payments-ledger-fix” (version 4).\n",
        "Its program goes on with the old settings until `maestro agent restart \
         payments-ledger-fix`.\n",
    );
    check_said(
        &json!({}),
        "Agent “payments-ledger-fix” has these settings already (version 3).\n",
        "",
    );
}
