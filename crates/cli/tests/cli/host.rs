//! Programs, backups.

use serde_json::{Value, json};

use crate::records::{MADE_MS, success};
use crate::{Exit, Home, check};

/// What people and what programs read when the server answers this.
#[track_caller]
pub(crate) fn check_both(line: &[&str], request: &str, data: &Value, out: &str, err: &str) {
    let home = Home::with(&[(200, &success(data)), (200, &success(data))]);
    let outcome = home.run(line);
    check(&outcome, Exit::Ok, out, err);
    assert_eq!(outcome.lines(), [request]);
    let outcome = home.run(&[line, &["--json"]].concat());
    assert_eq!((outcome.data(), outcome.err.as_str()), (data.clone(), ""));
}

#[test]
fn programs_are_a_table() {
    let installed = json!([
        { "kind": "claude", "name": "claude", "path": "/opt/claude", "version": "2.1.0\u{7}" },
        { "kind": "shell", "name": "zsh", "path": "/bin/zsh" },
    ]);
    let expected = "KIND         NAME    VERSION     PATH\n\
                    Claude Code  claude  2.1.0\\u{7}  /opt/claude\n\
                    Shell        zsh                 /bin/zsh\n";
    check_both(&["programs"], "GET /api/programs", &installed, expected, "");
    let none = "No coding agent and no shell was found on Maestro's PATH. Agents can run any \
                other program, by its absolute path too.\n";
    check_both(&["programs"], "GET /api/programs", &json!([]), none, "");
}

#[test]
fn a_backup_prints_its_path_alone() {
    let backup = json!({ "path": "/m/backups/a.db", "made_at_ms": MADE_MS, "bytes": 1_234_567 });
    check_both(&["backup"], "POST /api/backups", &backup, "/m/backups/a.db\n", "");
    let expected = "MADE                     SIZE    PATH\n\
                    2023-11-14 22:13:20 UTC  1.2 MB  /m/backups/a.db\n";
    check_both(&["backup", "list"], "GET /api/backups", &json!([backup]), expected, "");
    let none = "No backups yet. `maestro backup` makes one.\n";
    check_both(&["backup", "list"], "GET /api/backups", &json!([]), none, "");
}
