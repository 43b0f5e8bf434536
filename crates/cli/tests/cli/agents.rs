//! The list, one agent, its name, its copy, its output.

use serde_json::{Value, json};

use crate::records::{ID, OTHER_ID, agent, failed, list, running, success, with};
use crate::{Exit, Home, check};

#[test]
fn list_is_an_aligned_table() {
    let wide = agent(ID, "日本語", &json!({ "kind": "hibernated" }));
    let home = Home::with(&[(200, &list(&[failed(), running(), wide]))]);
    let outcome = home.run(&["agent", "list"]);
    let expected = "NAME                 STATE       PROGRAM  FOLDER\n\
                    docs                 Failed      claude   /srv/ledger\n\
                    payments-ledger-fix  Running     claude   /srv/ledger\n\
                    日本語               Hibernated  claude   /srv/ledger\n";
    check(&outcome, Exit::Ok, expected, "");
    assert_eq!(outcome.lines(), ["GET /api/agents"]);
}

#[test]
fn a_list_can_be_narrowed() {
    fn check_list(options: &[&str], expected: &[Value]) {
        let home = Home::with(&[(200, &list(&[failed(), running()]))]);
        let line = [&["agent", "list", "--json"], options].concat();
        assert_eq!(home.run(&line).data(), json!(expected), "{options:?}");
    }
    check_list(&[], &[failed(), running()]);
    check_list(&["--tag", "night"], &[running()]);
    check_list(&["--state", "failed"], &[failed()]);
    check_list(&["--state", "failed", "--tag", "night"], &[]);
}

#[test]
fn an_empty_list_says_what_to_do() {
    let run = |agents: &[Value], line: &[&str]| Home::with(&[(200, &list(agents))]).run(line);
    let none = "No agents yet. `maestro agent create --help` says how to make one.\n";
    check(&run(&[], &["agent", "list"]), Exit::Ok, none, "");
    let no_match = "No agent matches. `maestro agent list` shows all.\n";
    check(&run(&[running()], &["agent", "list", "--tag", "y"]), Exit::Ok, no_match, "");
}

#[test]
fn show_spells_out_what_a_terminal_would_obey() {
    let home = Home::with(&[(200, &list(&[failed(), running()]))]);
    let outcome = home.run(&["agent", "show", OTHER_ID]);
    let expected = "id:       01jd5m0w3v8k2q4r6s8t0v2x50\n\
                    name:     docs\n\
                    state:    failed with exit code 2\n\
                    program:  claude\n\
                    argument: --continue\n\
                    argument: a b\\n\n\
                    folder:   /srv/ledger\n\
                    note:     first\n\
                    note:     \\u{1b}[2Jsecond\n\
                    terminal: 1 “Shell”: hibernated\n\
                    version:  3\n\
                    created:  2023-11-14 22:13:20 UTC\n";
    check(&outcome, Exit::Ok, expected, "");
}

#[test]
fn show_tells_all_that_is_set() {
    let set = json!({
        "label": "Ledger", "avatar": "🦊", "persona": "You\ntest.", "args": [], "note": "",
        "env": [{ "name": "A", "variable": "B" }, { "name": "K", "file": "/k" }],
        "colour": "teal", "favourite": true, "autostart": true,
    });
    let home = Home::with(&[(200, &list(&[with(running(), &set)]))]);
    let outcome = home.run(&["agent", "show", "payments-ledger-fix"]);
    let expected = "id:        01jd5m0w3v8k2q4r6s8t0v2x4z\n\
                    name:      payments-ledger-fix\n\
                    label:     Ledger\n\
                    avatar:    🦊\n\
                    state:     running\n\
                    program:   claude\n\
                    folder:    /srv/ledger\n\
                    variable:  A = $B\n\
                    variable:  K = content of /k\n\
                    persona:   You\n\
                    persona:   test.\n\
                    tag:       night\n\
                    tag:       x\n\
                    colour:    teal\n\
                    favourite: yes\n\
                    autostart: yes\n\
                    terminal:  1 “Shell”: hibernated\n\
                    version:   3\n\
                    created:   2023-11-14 22:13:20 UTC\n";
    check(&outcome, Exit::Ok, expected, "");
}

#[test]
fn json_is_the_record_as_the_server_sent_it() {
    let home = Home::with(&[(200, &list(&[running()]))]);
    assert_eq!(home.run(&["agent", "show", ID, "--json"]).data(), running());
}

#[test]
fn a_name_cannot_pose_as_the_id_of_another_agent() {
    let poser = agent(OTHER_ID, ID, &json!({ "kind": "hibernated" }));
    let home = Home::with(&[(200, &list(&[poser, running()]))]);
    let outcome = home.run(&["agent", "show", ID]);
    assert!(outcome.out.contains("name:     payments-ledger-fix\n"), "{}", outcome.out);
}

#[test]
fn rename_sends_the_name_alone() {
    let renamed = with(running(), &json!({ "name": "new name" }));
    let home = Home::with(&[(200, &list(&[running()])), (200, &success(&renamed))]);
    let outcome = home.run(&["agent", "rename", "payments-ledger-fix", "new name"]);
    check(&outcome, Exit::Ok, "Agent “payments-ledger-fix” is called “new name” now.\n", "");
    let patch = format!("PATCH /api/agents/{ID}");
    assert_eq!(outcome.lines(), ["GET /api/agents", patch.as_str()]);
    assert_eq!(outcome.sent(), json!({ "name": "new name" }));
}

#[test]
fn clone_makes_a_copy_that_rests_unless_it_is_started() {
    for (option, start) in [(None, false), (Some("--start"), true)] {
        let home = Home::with(&[(200, &list(&[running()])), (201, &success(&failed()))]);
        let mut line = vec!["agent", "clone", ID, "docs"];
        line.extend(option);
        let outcome = home.run(&line);
        check(&outcome, Exit::Ok, "Created agent “docs”: failed with exit code 2.\n", "");
        let post = format!("POST /api/agents/{ID}/clone");
        assert_eq!(outcome.lines(), ["GET /api/agents", post.as_str()]);
        assert_eq!(outcome.sent(), json!({ "name": "docs", "start": start }));
    }
}

#[test]
fn output_is_plain_lines_of_the_terminal_that_was_named() {
    fn check_request(options: &[&str], request: &str) {
        let screen = success(&json!({ "rows": ["$ ls", "", "a\u{1b}[31mb"] }));
        let home = Home::with(&[(200, &list(&[running()])), (200, &screen)]);
        let outcome = home.run(&[&["agent", "output", ID], options].concat());
        check(&outcome, Exit::Ok, "$ ls\n\na\\u{1b}[31mb\n", "");
        assert_eq!(outcome.lines(), ["GET /api/agents", request]);
    }
    check_request(&[], &format!("GET /api/terminals/{ID}/output?lines=100"));
    let shell = format!("GET /api/terminals/{ID}-1/output?lines=5");
    check_request(&["--terminal", "1", "--lines", "5"], &shell);
    check_request(&["--terminal", "Shell", "--lines", "5"], &shell);
}
