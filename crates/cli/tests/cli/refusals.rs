//! What is said when it does not work, and the exit code of it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::records::{failed, failure, list, running};
use crate::{Exit, Home, check, fake_server};

fn not_running(home: &Home) -> String {
    format!(
        "Maestro is not running for {}. Start it with `maestro`, or name its folder with --home.\n",
        home.folder.path().display()
    )
}

#[test]
fn errors_of_the_server_keep_their_sentence_and_set_the_exit_code() {
    for (status, code, exit) in [
        (500, "internal", Exit::Other),
        (404, "not_found", Exit::NotFound),
        (422, "invalid", Exit::Invalid),
        (413, "too_large", Exit::Invalid),
        (409, "conflict", Exit::Conflict),
        (401, "unauthenticated", Exit::Unauthenticated),
        (401, "stale", Exit::NotAllowed),
        (403, "forbidden", Exit::NotAllowed),
        (429, "too_many", Exit::TooMany),
        (503, "unavailable", Exit::Unavailable),
    ] {
        let home = Home::with(&[(status, &failure(code, "No \u{1b}[2J. Do this."))]);
        check(&home.run(&["agent", "list"]), exit, "", "No \\u{1b}[2J. Do this.\n");
    }
}

#[test]
fn with_json_errors_are_an_envelope_on_stderr() {
    let error = json!({
        "code": "conflict", "message": "Taken.", "field": "name", "retry_after_ms": 5,
    });
    let body = json!({ "success": false, "error": error }).to_string();
    let outcome = Home::with(&[(409, &body)]).run(&["agent", "list", "--json"]);
    assert_eq!((outcome.exit, outcome.out.as_str()), (Exit::Conflict, ""));
    assert_eq!(outcome.err.matches('\n').count(), 1);
    assert_eq!(
        serde_json::from_str::<Value>(&outcome.err).unwrap(),
        json!({ "success": false, "error": error })
    );
}

#[test]
fn an_unknown_name_comes_with_the_closest_ones() {
    fn check_name(name: &str, sentence: &str) {
        let agents = list(&[failed(), running()]);
        let outcome = Home::with(&[(200, &agents)]).run(&["agent", "wake", name]);
        check(&outcome, Exit::NotFound, "", &format!("{sentence}\n"));
        assert_eq!(outcome.requests.len(), 1);
    }
    check_name("x", "No agent is called “x”. `maestro agent list` shows all.");
    check_name(
        "Docs",
        "No agent is called “Docs”. Did you mean “docs”? `maestro agent list` shows all.",
    );
    for typo in ["payments-leger-fix", "fix"] {
        check_name(
            typo,
            &format!(
                "No agent is called “{typo}”. Did you mean “payments-ledger-fix”? \
                 `maestro agent list` shows all."
            ),
        );
    }
}

#[test]
fn a_home_without_a_server_says_how_to_start_one() {
    let home = Home::with(&[]);
    fs::remove_file(home.folder.path().join("run/cli-token")).unwrap();
    check(&home.run(&["agent", "list"]), Exit::Unreachable, "", &not_running(&home));

    fs::remove_dir_all(home.folder.path().join("run")).unwrap();
    let outcome = home.run(&["login-link", "--json"]);
    assert_eq!(outcome.exit, Exit::Unreachable);
    assert_eq!(
        serde_json::from_str::<Value>(&outcome.err).unwrap(),
        json!({
            "success": false,
            "error": { "code": "unavailable", "message": not_running(&home).trim_end() },
        })
    );
}

#[test]
fn a_server_that_left_its_files_behind_is_not_running() {
    let home = Home::with(&[]);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    fake_server::write_run_files(home.folder.path(), &free.to_string());
    check(&home.run(&["agent", "list"]), Exit::Unreachable, "", &not_running(&home));
}

#[test]
fn the_token_goes_to_this_machine_only() {
    for address in ["192.0.2.1:80", "example.com:80", "", "127.0.0.1"] {
        let home = Home::with(&[]);
        fake_server::write_run_files(home.folder.path(), address);
        let file = home.folder.path().join("run/address");
        check(
            &home.run(&["agent", "list"]),
            Exit::Unreachable,
            "",
            &format!(
                "{} does not hold an address of this machine. Restart Maestro.\n",
                file.display()
            ),
        );
    }
}

#[test]
fn a_token_that_others_can_read_is_not_used() {
    let home = Home::with(&[]);
    let token = home.folder.path().join("run/cli-token");
    fs::set_permissions(&token, fs::Permissions::from_mode(0o644)).unwrap();
    check(
        &home.run(&["agent", "list"]),
        Exit::NotAllowed,
        "",
        &format!(
            "Others on this machine can read {}. Restart Maestro, which makes a new token.\n",
            token.display()
        ),
    );
}

#[test]
fn something_else_on_the_port_is_recognised() {
    for (status, body) in [(200, "<html>"), (200, "{}"), (404, "not here"), (302, "")] {
        let home = Home::with(&[(status, body)]);
        let sentence = format!(
            "What answers at {} does not speak like this Maestro. Restart Maestro, so that both \
             are of one version.\n",
            home.server.address
        );
        check(&home.run(&["agent", "list"]), Exit::Other, "", &sentence);
    }
}
