//! The audit trail.

use protocol::access::audit::{AuditEntry, AuditReport};
use serde_json::json;

use super::moment::utc;
use super::table::table;
use super::{Report, visible};
use crate::exit::Exit;

/// Entries, one per row.
pub(crate) fn list(entries: &[AuditEntry]) -> Report {
    if entries.is_empty() {
        return Report::new(entries, "There are no such entries.\n".to_owned());
    }
    let row = |entry: &AuditEntry| {
        [
            entry.seq.to_string(),
            utc(entry.at_ms),
            entry.outcome.word().to_owned(),
            visible(&entry.who),
            visible(&entry.how),
            visible(&entry.action),
            visible(&entry.object),
            visible(&entry.detail),
        ]
    };
    let titles = ["SEQ", "AT", "OUTCOME", "WHO", "HOW", "ACTION", "OBJECT", "DETAIL"];
    Report::new(entries, table(titles, entries.iter().map(row).collect()))
}

/// What a check found; the process ends well only if the trail is whole.
pub(crate) fn verified(report: &AuditReport) -> Report {
    let AuditReport { entries, head, broken } = report;
    match broken {
        Some(broken) => {
            let (seq, problem) = (broken.seq, visible(&broken.problem));
            let text =
                format!("The audit trail is not as it was written, at entry {seq}. {problem}\n");
            Report::new(report, text).ending(Exit::Other)
        }
        None if *entries == 0 => Report::new(report, "The audit trail is empty.\n".to_owned()),
        None => {
            let head = visible(head);
            let text = format!(
                "The audit trail is as it was written. Entries: {entries}. Hash of the last one:\n\
                 {head}\n"
            );
            Report::new(report, text)
        }
    }
}

/// The trail was written to a file.
pub(crate) fn exported(file: &str, entries: u64) -> Report {
    let shown = visible(file);
    let text = format!("Exported {entries} entries to {shown}, which only you can read.\n");
    let check = format!("`maestro audit verify --file {shown}` checks it at any time.");
    Report::new(json!({ "file": file, "entries": entries }), text).remark(check)
}

/// The trail went to standard output, and nothing else may.
pub(crate) fn streamed() -> Report {
    Report::silent()
}
