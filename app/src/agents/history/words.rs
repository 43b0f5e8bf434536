//! What happened, in words and as an icon. Pure.

use protocol::agents::history::HistoryEvent;

use crate::agents::settings::field_word;
use crate::ui::Icon;

/// One sentence on an event.
pub(super) fn words(event: &HistoryEvent) -> String {
    match event {
        HistoryEvent::Created { from: None } => "Created".to_owned(),
        HistoryEvent::Created { from: Some(_) } => "Created as a copy of another agent".to_owned(),
        HistoryEvent::Edited { version, fields } => {
            let fields: Vec<String> = fields.iter().map(|field| field_word(field)).collect();
            format!("Changed {} (version {version})", fields.join(", "))
        }
        HistoryEvent::RolledBack { version, to } => {
            format!("Went back to version {to} (now version {version})")
        }
        HistoryEvent::Woken { resumed: true } => "Woken, with its conversation".to_owned(),
        HistoryEvent::Woken { resumed: false } => "Woken".to_owned(),
        HistoryEvent::Hibernated => "Hibernated".to_owned(),
        HistoryEvent::Exited { code: Some(0) } => "Its program ended".to_owned(),
        HistoryEvent::Exited { code: Some(code) } => {
            format!("Its program failed, exit code {code}")
        }
        HistoryEvent::Exited { code: None } => "Its program was ended by a signal".to_owned(),
        HistoryEvent::Lost => "Its session disappeared".to_owned(),
        HistoryEvent::Rejoined => "Maestro started again and found it running".to_owned(),
        HistoryEvent::Trashed => "Moved to the trash".to_owned(),
        HistoryEvent::Restored => "Restored from the trash".to_owned(),
        HistoryEvent::TerminalOpened { name, .. } => format!("Terminal “{name}” opened"),
        HistoryEvent::TerminalClosed { name, .. } => format!("Terminal “{name}” closed"),
    }
}

/// The picture beside the words.
pub(super) fn icon(event: &HistoryEvent) -> Icon {
    match event {
        HistoryEvent::Created { .. } => Icon::Plus,
        HistoryEvent::Edited { .. } => Icon::Pencil,
        HistoryEvent::RolledBack { .. } | HistoryEvent::Restored => Icon::RotateCcw,
        HistoryEvent::Woken { .. } => Icon::Play,
        HistoryEvent::Hibernated => Icon::CircleStop,
        HistoryEvent::Exited { code: Some(0) } => Icon::Check,
        HistoryEvent::Exited { .. } | HistoryEvent::Lost => Icon::TriangleAlert,
        HistoryEvent::Rejoined => Icon::PlugZap,
        HistoryEvent::Trashed => Icon::Trash,
        HistoryEvent::TerminalOpened { .. } => Icon::SquareTerminal,
        HistoryEvent::TerminalClosed { .. } => Icon::X,
    }
}

/// Whether it is something to look into.
pub(super) fn is_trouble(event: &HistoryEvent) -> bool {
    matches!(event, HistoryEvent::Lost)
        || matches!(event, HistoryEvent::Exited { code } if *code != Some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_with_what_matters() {
        let edited = HistoryEvent::Edited { version: 4, fields: vec!["args".into(), "env".into()] };
        assert_eq!(words(&edited), "Changed Arguments, Environment (version 4)");
        let back = HistoryEvent::RolledBack { version: 5, to: 2 };
        assert_eq!(words(&back), "Went back to version 2 (now version 5)");
        assert_eq!(
            words(&HistoryEvent::Exited { code: Some(2) }),
            "Its program failed, exit code 2"
        );
        assert_eq!(words(&HistoryEvent::Woken { resumed: true }), "Woken, with its conversation");
        let closed = HistoryEvent::TerminalClosed { number: 2, name: "Build".into() };
        assert_eq!(words(&closed), "Terminal “Build” closed");
    }

    #[test]
    fn only_failures_are_trouble() {
        assert!(is_trouble(&HistoryEvent::Exited { code: None }));
        assert!(is_trouble(&HistoryEvent::Lost));
        assert!(!is_trouble(&HistoryEvent::Exited { code: Some(0) }));
        assert!(!is_trouble(&HistoryEvent::Hibernated));
    }
}
