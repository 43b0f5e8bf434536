//! The trash.

use serde_json::{Value, json};

use crate::records::{ID, OTHER_ID, failure, running, success, trashed, with};
use crate::{Exit, Home, check};

fn trash(agents: &[Value]) -> String {
    success(&json!(agents))
}

#[test]
fn the_list_tells_ids_and_times() {
    let home = Home::with(&[(200, &trash(&[trashed(ID, "docs")]))]);
    let outcome = home.run(&["trash", "list"]);
    let expected = "NAME  ID                          TRASHED                  PROGRAM  FOLDER\n\
                    docs  01jd5m0w3v8k2q4r6s8t0v2x4z  2023-11-14 22:13:21 UTC  claude   /srv/ledger\n";
    check(&outcome, Exit::Ok, expected, "");
    assert_eq!(outcome.lines(), ["GET /api/trash"]);
    let home = Home::with(&[(200, &trash(&[]))]);
    check(&home.run(&["trash", "list"]), Exit::Ok, "The trash is empty.\n", "");
    let home = Home::with(&[(200, &trash(&[trashed(ID, "docs")]))]);
    assert_eq!(home.run(&["trash", "list", "--json"]).data(), json!([trashed(ID, "docs")]));
}

#[test]
fn restore_brings_back_under_the_old_name_or_another() {
    fn check_restored(options: &[&str], name: &str, body: &Value, said: &str) {
        let restored = with(running(), &json!({ "name": name }));
        let home = Home::with(&[(200, &trash(&[trashed(ID, "docs")])), (200, &success(&restored))]);
        let outcome = home.run(&[&["trash", "restore", "docs"], options].concat());
        check(&outcome, Exit::Ok, said, "");
        let request = format!("POST /api/trash/{ID}/restore");
        assert_eq!(outcome.lines(), ["GET /api/trash", request.as_str()]);
        assert_eq!(outcome.sent(), *body);
    }
    check_restored(&[], "docs", &json!({}), "Restored agent “docs”.\n");
    let body = json!({ "name": "new" });
    check_restored(&["--name", "new"], "new", &body, "Restored agent “docs” as “new”.\n");
}

#[test]
fn an_ambiguous_name_lists_the_ids() {
    let twice = trash(&[trashed(ID, "docs"), trashed(OTHER_ID, "docs")]);
    let sentence = "2 agents in the trash are called “docs”. Say which by its id: \
                    01jd5m0w3v8k2q4r6s8t0v2x4z (trashed 2023-11-14 22:13:21 UTC), \
                    01jd5m0w3v8k2q4r6s8t0v2x50 (trashed 2023-11-14 22:13:21 UTC).\n";
    for line in [&["trash", "restore", "docs"][..], &["trash", "purge", "docs", "--yes"]] {
        let outcome = Home::with(&[(200, &twice)]).run(line);
        check(&outcome, Exit::Conflict, "", sentence);
        assert_eq!(outcome.requests.len(), 1);
    }
    let home = Home::with(&[(200, &twice), (200, &success(&running()))]);
    let outcome = home.run(&["trash", "restore", OTHER_ID]);
    let request = format!("POST /api/trash/{OTHER_ID}/restore");
    assert_eq!(outcome.lines(), ["GET /api/trash", request.as_str()]);
}

#[test]
fn what_is_not_in_the_trash_is_not_found() {
    let home = Home::with(&[(200, &trash(&[trashed(ID, "docs")]))]);
    let sentence = "Nothing in the trash is called “doc”. Did you mean “docs”? `maestro trash \
                    list` shows all.\n";
    check(&home.run(&["trash", "restore", "doc"]), Exit::NotFound, "", sentence);
}

#[test]
fn purge_asks_and_takes_only_yes() {
    fn check_answer(answer: &str, deletes: bool) {
        let home =
            Home::with(&[(200, &trash(&[trashed(ID, "docs")])), (200, &success(&Value::Null))]);
        let outcome = home.run_answering(&["trash", "purge", "docs"], answer);
        let question = "Delete agent “docs” for good? Nothing brings that back. [y/N] ";
        let said =
            if deletes { "Deleted agent “docs” for good.\n" } else { "Nothing was changed.\n" };
        check(&outcome, Exit::Ok, said, question);
        assert_eq!(outcome.requests.len(), if deletes { 2 } else { 1 }, "{answer:?}");
    }
    check_answer("y\n", true);
    check_answer("\n", false);
    check_answer("no\n", false);
    check_answer("", false);
}

#[test]
fn purge_tells_of_each_and_goes_on_after_a_refusal() {
    let both = trash(&[trashed(ID, "a"), trashed(OTHER_ID, "b")]);
    let answers = [
        (200, both),
        (500, failure("internal", "The disk failed. Look at the log.")),
        (200, success(&Value::Null)),
    ];
    let answers: Vec<_> = answers.iter().map(|(status, body)| (*status, body.as_str())).collect();
    let outcome = Home::with(&answers).run(&["trash", "purge", "a", "b", ID, "--yes"]);
    check(
        &outcome,
        Exit::Other,
        "Deleted agent “b” for good.\n",
        "Agent “a” was refused: The disk failed. Look at the log.\n",
    );
    let (first, second) =
        (format!("DELETE /api/trash/{ID}"), format!("DELETE /api/trash/{OTHER_ID}"));
    assert_eq!(outcome.lines(), ["GET /api/trash", first.as_str(), second.as_str()]);
}

#[test]
fn a_server_that_goes_away_is_not_asked_for_the_rest() {
    let all = [trashed(ID, "a"), trashed(OTHER_ID, "b")];
    // After its last answer the server listens no more.
    let home = Home::with(&[(200, &trash(&all)), (200, &success(&Value::Null))]);
    let outcome = home.run(&["trash", "empty", "--yes"]);
    assert_eq!(outcome.out, "Deleted agent “a” for good.\n");
    assert!(outcome.err.starts_with("Agent “b” was refused: Maestro is not running"));
    assert_eq!(outcome.exit, Exit::Unavailable);
}

#[test]
fn empty_deletes_everything() {
    let all = [trashed(ID, "a"), trashed(OTHER_ID, "b")];
    let home = Home::with(&[
        (200, &trash(&all)),
        (200, &success(&Value::Null)),
        (200, &success(&Value::Null)),
    ]);
    let outcome = home.run(&["trash", "empty", "--yes", "--json"]);
    let outcomes =
        [json!({ "name": "a", "agent": all[0] }), json!({ "name": "b", "agent": all[1] })];
    assert_eq!(outcome.data(), json!({ "outcomes": outcomes }));
    let home = Home::with(&[(200, &trash(&all))]);
    let outcome = home.run_answering(&["trash", "empty"], "n\n");
    let question = "Delete all agents in the trash (2) for good? Nothing brings that back. [y/N] ";
    check(&outcome, Exit::Ok, "Nothing was changed.\n", question);
    let home = Home::with(&[(200, &trash(&[]))]);
    check(&home.run(&["trash", "empty", "--yes"]), Exit::Ok, "There was nothing to do.\n", "");
}

#[test]
fn nothing_is_deleted_where_nobody_can_be_asked() {
    fn check_refused(line: &[&str], whether: &str) {
        let outcome = Home::with(&[]).run(line);
        let sentence = format!("Nobody can be asked here whether {whether}. Add --yes if so.\n");
        check(&outcome, Exit::Usage, "", &sentence);
        assert_eq!(outcome.requests, []);
    }
    check_refused(&["trash", "purge", "docs"], "they are to be deleted for good");
    check_refused(&["trash", "empty"], "everything in the trash is to be deleted for good");
}
