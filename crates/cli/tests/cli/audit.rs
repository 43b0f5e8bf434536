//! The audit trail: shown, checked, exported.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use domain::audit::{BEGIN, Entry, Event};
use protocol::access::audit::{AuditEntry, Outcome as Result};
use serde_json::{Value, json};

use crate::host::check_both;
use crate::records::{MADE_MS, failure, success};
use crate::{Exit, Home, Outcome, Talk, check};

/// A trail of so many entries, oldest first.
fn trail(entries: i64) -> Vec<AuditEntry> {
    let mut head = BEGIN;
    (1..=entries)
        .map(|seq| {
            let event = Event {
                at_ms: MADE_MS + seq,
                who: "command line".into(),
                how: "http 127.0.0.1".into(),
                action: "agent.trash".into(),
                object: format!("docs-{seq}"),
                outcome: if seq == 2 { Result::Denied } else { Result::Done },
                detail: if seq == 2 { "No\u{7}.".into() } else { String::new() },
            };
            let entry = Entry::chained(&head, seq, event);
            head = entry.hash;
            entry.into()
        })
        .collect()
}

fn lines(entries: &[AuditEntry]) -> String {
    entries.iter().map(|entry| serde_json::to_string(entry).unwrap() + "\n").collect()
}

impl Home {
    /// Runs a command line in the data folder.
    fn run_inside(&self, line: &[&str]) -> Outcome {
        let working_folder = Some(self.folder.path());
        self.start(line, &Talk { working_folder, ..Default::default() })
    }
}

#[test]
fn entries_are_lines_newest_first() {
    let mut entries = trail(2);
    entries.reverse();
    let shown = success(&json!(entries));
    let home = Home::with(&[(200, &shown), (200, &success(&json!([])))]);
    let outcome = home.run(&["audit", "show"]);
    let expected = "\
SEQ  AT                       OUTCOME  WHO           HOW             ACTION       OBJECT  DETAIL
2    2023-11-14 22:13:20 UTC  denied   command line  http 127.0.0.1  agent.trash  docs-2  No\\u{7}.
1    2023-11-14 22:13:20 UTC  done     command line  http 127.0.0.1  agent.trash  docs-1
";
    check(&outcome, Exit::Ok, expected, "");
    assert_eq!(outcome.lines(), ["GET /api/audit?limit=50"]);
    let line = ["audit", "show", "--limit", "7", "--outcome", "denied", "--before", "9"];
    let outcome = home.run(&line);
    check(&outcome, Exit::Ok, "There are no such entries.\n", "");
    assert_eq!(outcome.lines(), ["GET /api/audit?before=9&limit=7&outcome=denied"]);
}

#[test]
fn many_entries_are_asked_for_in_pages() {
    let mut entries = trail(1100);
    entries.reverse();
    let (first, second) = (success(&json!(entries[..1000])), success(&json!(entries[1000..1050])));
    let home = Home::with(&[(200, &first), (200, &second)]);
    let outcome = home.run(&["audit", "show", "--limit", "1050", "--json"]);
    assert_eq!(outcome.data().as_array().unwrap().len(), 1050);
    let pages = ["GET /api/audit?limit=1000", "GET /api/audit?before=101&limit=50"];
    assert_eq!(outcome.lines(), pages);
}

#[test]
fn the_servers_check_sets_the_exit_code() {
    let whole = json!({ "entries": 2, "head": "ab", "broken": null });
    let said = "The audit trail is as it was written. Entries: 2. Hash of the last one:\nab\n";
    check_both(&["audit", "verify"], "GET /api/audit/verify", &whole, said, "");
    let none = json!({ "entries": 0, "head": "", "broken": null });
    let said = "The audit trail is empty.\n";
    check_both(&["audit", "verify"], "GET /api/audit/verify", &none, said, "");

    let broken = json!({ "seq": 17, "problem": "Entry 17 is missing." });
    let report = json!({ "entries": 16, "head": "ab", "broken": broken });
    let home = Home::with(&[(200, &success(&report)), (200, &success(&report))]);
    let said = "The audit trail is not as it was written, at entry 17. Entry 17 is missing.\n";
    check(&home.run(&["audit", "verify"]), Exit::Other, said, "");
    let outcome = home.run(&["audit", "verify", "--json"]);
    assert_eq!((outcome.data(), outcome.exit), (report, Exit::Other));
}

#[test]
fn an_exported_file_is_checked_without_a_server() {
    let good = trail(5);
    let head = &good[4].hash;
    let broken = |change: &dyn Fn(&mut Vec<AuditEntry>)| {
        let mut entries = good.clone();
        change(&mut entries);
        lines(&entries)
    };
    let whole = format!(
        "The audit trail is as it was written. Entries: 5. Hash of the last one:\n{head}\n"
    );
    let check_file = |text: &str, exit: Exit, said: &str| {
        let home = Home::with(&[]);
        fs::remove_dir_all(home.folder.path().join("run")).unwrap();
        fs::write(home.folder.path().join("trail"), text).unwrap();
        let outcome = home.run_inside(&["audit", "verify", "--file", "trail"]);
        assert_eq!((outcome.exit, outcome.err.as_str()), (exit, ""), "{}", outcome.out);
        assert!(outcome.out.contains(said), "{said}: {}", outcome.out);
    };
    check_file(&lines(&good), Exit::Ok, &whole);
    check_file("", Exit::Ok, "is empty");
    check_file(&broken(&|all| all[2].object.push('x')), Exit::Other, "at entry 3.");
    check_file(&broken(&|all| all[3].outcome = Result::Failed), Exit::Other, "at entry 4.");
    check_file(&broken(&|all| drop(all.remove(1))), Exit::Other, "at entry 2.");
    check_file(&broken(&|all| all.swap(1, 2)), Exit::Other, "at entry 2.");
    check_file(&broken(&|all| all.insert(3, all[2].clone())), Exit::Other, "at entry 3.");
    check_file(&broken(&|all| drop(all.remove(0))), Exit::Other, "at entry 1.");
    check_file(&broken(&|all| all[4].hash = all[4].hash.to_uppercase()), Exit::Other, "entry 5.");
    check_file(&format!("{}what\n", lines(&good[..2])), Exit::Other, "at entry 3.");
    check_file("\u{0}\u{1}", Exit::Other, "at entry 1.");
    let cut = lines(&good);
    check_file(&cut[..cut.len() - 1], Exit::Other, "at entry 5.");
}

#[test]
fn a_file_that_is_not_there_is_not_found() {
    let outcome = Home::with(&[]).run(&["audit", "verify", "--file", "trail"]);
    check(&outcome, Exit::NotFound, "", "There is no file /home/ada/trail.\n");
}

#[test]
fn an_export_is_a_whole_file_for_its_owner_alone() {
    let exported = lines(&trail(3));
    let home = Home::with(&[(200, &exported), (200, &exported), (200, &exported)]);
    let path = home.folder.path().join("trail.jsonl");
    let shown = path.display();
    let whole = |path: &Path| {
        assert_eq!(fs::read_to_string(path).unwrap(), exported);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    };
    let outcome = home.run_inside(&["audit", "export", "trail.jsonl"]);
    let said = format!("Exported 3 entries to {shown}, which only you can read.\n");
    let told = format!("`maestro audit verify --file {shown}` checks it at any time.\n");
    check(&outcome, Exit::Ok, &said, &told);
    assert_eq!(outcome.lines(), ["GET /api/audit/export"]);
    whole(&path);
    check_file_is_good(&home);

    fs::write(&path, "mine").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let taken = format!("{shown} is there already. Name another file, or add --force.\n");
    let outcome = home.run_inside(&["audit", "export", "trail.jsonl"]);
    check(&outcome, Exit::Conflict, "", &taken);
    assert_eq!((outcome.requests, fs::read_to_string(&path).unwrap().as_str()), (vec![], "mine"));
    let outcome = home.run_inside(&["audit", "export", "trail.jsonl", "--force", "--json"]);
    assert_eq!(outcome.data(), json!({ "file": shown.to_string(), "entries": 3 }));
    whole(&path);
}

fn check_file_is_good(home: &Home) {
    let outcome = home.run_inside(&["audit", "verify", "--file", "trail.jsonl", "--json"]);
    assert_eq!((outcome.exit, &outcome.data()["broken"]), (Exit::Ok, &Value::Null));
}

#[test]
fn an_export_without_a_file_goes_to_stdout_and_nothing_else_does() {
    let exported = lines(&trail(3));
    let home = Home::with(&[(200, &exported), (200, &exported)]);
    for line in [&["audit", "export"][..], &["audit", "export", "-", "--json"]] {
        check(&home.run(line), Exit::Ok, &exported, "");
    }
}

#[test]
fn an_export_that_is_refused_or_breaks_off_leaves_nothing_behind() {
    let home = Home::with(&[(403, &failure("forbidden", "Only the owner may."))]);
    let outcome = home.run_inside(&["audit", "export", "trail"]);
    check(&outcome, Exit::NotAllowed, "", "Only the owner may.\n");

    let home = Home::with_cut(&lines(&trail(3)));
    let outcome = home.run_inside(&["audit", "export", "trail"]);
    assert_eq!((outcome.exit, outcome.out.as_str()), (Exit::Unreachable, ""));
    assert!(outcome.err.starts_with("Maestro stopped in the middle of the trail"));
    let left: Vec<_> =
        fs::read_dir(home.folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["run"]);
}
