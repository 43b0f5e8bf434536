//! What was: versions of settings, how two of them differ, and what happened.

use protocol::agents::Agent;
use protocol::agents::history::{HistoryEntry, HistoryEvent};
use protocol::agents::versions::{AgentVersion, FieldChange};

use super::moment::utc;
use super::table::table;
use super::{Report, quoted, text, visible};

/// The versions, newest first, and what each changed.
pub(crate) fn versions(versions: &[AgentVersion]) -> Report {
    let rows = versions.iter().enumerate().map(|(position, version)| {
        let earlier = versions.get(position + 1);
        [version.version.to_string(), utc(version.at_ms), made(version, earlier)]
    });
    Report::new(versions, table(["VERSION", "SINCE", "CHANGED"], rows.collect()))
}

fn made(version: &AgentVersion, earlier: Option<&AgentVersion>) -> String {
    let changed = earlier.map(|earlier| {
        let changes = earlier.settings.changes_to(&version.settings);
        changes.into_iter().map(|change| change.field).collect::<Vec<_>>().join(", ")
    });
    match (version.from, changed) {
        (Some(from), Some(changed)) => format!("{changed} (as in version {from})"),
        (Some(from), None) => format!("(as in version {from})"),
        (None, Some(changed)) => changed,
        (None, None) if version.version == 1 => "(created)".to_owned(),
        (None, None) => String::new(),
    }
}

/// How two versions differ.
pub(crate) fn comparison(
    agent: &Agent,
    (before, after): (u32, u32),
    changes: &[FieldChange],
) -> Report {
    let data = serde_json::json!({ "before": before, "after": after, "changes": changes });
    let name = quoted(&agent.settings.name);
    if changes.is_empty() {
        let text = format!("Versions {before} and {after} of agent {name} are the same.\n");
        return Report::new(data, text);
    }
    let mut lines = vec![format!("Agent {name}, from version {before} to version {after}:")];
    for change in changes {
        lines.push(visible(&change.field));
        lines.extend(marked('-', &change.before));
        lines.extend(marked('+', &change.after));
    }
    Report::new(data, text::lines(lines))
}

/// Each line behind a sign; nothing for nothing.
fn marked(sign: char, value: &str) -> impl Iterator<Item = String> {
    let lines = (!value.is_empty()).then(|| value.split('\n')).into_iter().flatten();
    lines.map(move |line| format!("  {sign} {}", visible(line)))
}

/// What happened, one line per entry.
pub(crate) fn history(entries: &[HistoryEntry]) -> Report {
    let text = if entries.is_empty() {
        "Nothing is known of its past.\n".to_owned()
    } else {
        let line =
            |entry: &HistoryEntry| format!("{}  {}", utc(entry.at_ms), happened(&entry.event));
        text::lines(entries.iter().map(line))
    };
    Report::new(entries, text)
}

fn happened(event: &HistoryEvent) -> String {
    match event {
        HistoryEvent::Created { from: None } => "created".to_owned(),
        HistoryEvent::Created { from: Some(id) } => format!("created as a copy of {id}"),
        HistoryEvent::Edited { version, fields } => {
            format!("version {version}: changed {}", visible(&fields.join(", ")))
        }
        HistoryEvent::RolledBack { version, to } => {
            format!("version {version}: settings of version {to} again")
        }
        HistoryEvent::Woken { resumed: true } => "woken, took up its conversation".to_owned(),
        HistoryEvent::Woken { resumed: false } => "woken".to_owned(),
        HistoryEvent::Hibernated => "hibernated".to_owned(),
        HistoryEvent::Exited { code: Some(code) } => format!("ended with exit code {code}"),
        HistoryEvent::Exited { code: None } => "ended by a signal".to_owned(),
        HistoryEvent::Lost => "its session disappeared".to_owned(),
        HistoryEvent::Rejoined => "found running when Maestro was started again".to_owned(),
        HistoryEvent::Trashed => "moved to the trash".to_owned(),
        HistoryEvent::Restored => "restored from the trash".to_owned(),
        HistoryEvent::TerminalOpened { number, name } => {
            format!("terminal {number} {} opened", quoted(name))
        }
        HistoryEvent::TerminalClosed { number, name } => {
            format!("terminal {number} {} closed", quoted(name))
        }
    }
}
