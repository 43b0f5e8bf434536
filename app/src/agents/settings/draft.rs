//! What stands in the form, and the change that it asks for. Pure.

use protocol::agents::{AgentSettings, Colour, EditAgent, EnvReference, EnvSource};

use crate::agents::create::args_of;

/// The settings as a form shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) avatar: String,
    pub(super) colour: Colour,
    /// Separated by commas.
    pub(super) tags: String,
    pub(super) favourite: bool,
    pub(super) program: String,
    /// One per line.
    pub(super) args: String,
    pub(super) folder: String,
    pub(super) env: Vec<EnvRow>,
    pub(super) autostart: bool,
    pub(super) persona: String,
    pub(super) note: String,
}

/// One environment reference as a row of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::agents) struct EnvRow {
    /// Name inside the agent.
    pub(in crate::agents) name: String,
    /// Whether the value is the content of a file, not that of a variable.
    pub(in crate::agents) from_file: bool,
    /// The file, or the variable.
    pub(in crate::agents) source: String,
}

impl Draft {
    /// The form of these settings.
    pub(super) fn of(settings: &AgentSettings) -> Self {
        let settings = settings.clone();
        Self {
            name: settings.name,
            label: settings.label,
            avatar: settings.avatar,
            colour: settings.colour,
            tags: settings.tags.join(", "),
            favourite: settings.favourite,
            program: settings.program,
            args: settings.args.join("\n"),
            folder: settings.folder,
            env: settings.env.into_iter().map(EnvRow::of).collect(),
            autostart: settings.autostart,
            persona: settings.persona,
            note: settings.note,
        }
    }

    /// What this form changes in the settings that it was made from. A field that nobody touched
    /// is not part of it: an argument with a line break in it survives a form of lines.
    pub(super) fn edit(&self, base: &AgentSettings) -> EditAgent {
        let before = Self::of(base);
        EditAgent {
            if_version: None,
            name: changed(&before.name, &self.name, |text| text.trim().to_owned()),
            label: changed(&before.label, &self.label, |text| text.trim().to_owned()),
            avatar: changed(&before.avatar, &self.avatar, |text| text.trim().to_owned()),
            colour: changed(&before.colour, &self.colour, |colour| *colour),
            tags: changed(&before.tags, &self.tags, |text| tags_of(text)),
            favourite: changed(&before.favourite, &self.favourite, |on| *on),
            program: changed(&before.program, &self.program, |text| text.trim().to_owned()),
            args: changed(&before.args, &self.args, |text| args_of(text)),
            folder: changed(&before.folder, &self.folder, |text| text.trim().to_owned()),
            env: changed(&references(&before.env), &references(&self.env), Clone::clone),
            autostart: changed(&before.autostart, &self.autostart, |on| *on),
            persona: changed(&before.persona, &self.persona, Clone::clone),
            note: changed(&before.note, &self.note, Clone::clone),
        }
    }
}

impl EnvRow {
    fn of(reference: EnvReference) -> Self {
        let (from_file, source) = match reference.source {
            EnvSource::Variable(variable) => (false, variable),
            EnvSource::File(file) => (true, file),
        };
        Self { name: reference.name, from_file, source }
    }
}

fn changed<T: PartialEq, V>(before: &T, now: &T, value: impl FnOnce(&T) -> V) -> Option<V> {
    (before != now).then(|| value(now))
}

/// Tags between commas or line breaks.
pub(in crate::agents) fn tags_of(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split([',', '\n']).map(str::trim).filter(|tag| !tag.is_empty()) {
        // What is typed twice is meant once.
        if !tags.iter().any(|known| known.to_lowercase() == tag.to_lowercase()) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// Rows that nothing was entered into are no references.
pub(in crate::agents) fn references(rows: &[EnvRow]) -> Vec<EnvReference> {
    let filled = rows.iter().filter(|row| !row.name.trim().is_empty() || !row.source.is_empty());
    filled
        .map(|row| {
            let source = row.source.trim().to_owned();
            let source =
                if row.from_file { EnvSource::File(source) } else { EnvSource::Variable(source) };
            EnvReference { name: row.name.trim().to_owned(), source }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> AgentSettings {
        AgentSettings {
            name: "payments-fix".into(),
            program: "claude".into(),
            args: vec!["--append".into(), "two\nlines".into(), String::new()],
            folder: "/srv".into(),
            tags: vec!["api".into(), "urgent".into()],
            env: vec![EnvReference { name: "KEY".into(), source: EnvSource::File("/k".into()) }],
            ..AgentSettings::default()
        }
    }

    #[test]
    fn an_untouched_form_changes_nothing() {
        let settings = settings();
        let mut draft = Draft::of(&settings);
        assert_eq!(draft.edit(&settings), EditAgent::default());
        draft.env.push(EnvRow::default());
        assert_eq!(draft.edit(&settings), EditAgent::default(), "an empty row is no reference");
    }

    #[test]
    fn only_what_was_touched_is_sent() {
        let settings = settings();
        let mut draft = Draft::of(&settings);
        draft.label = " Ledger ".into();
        draft.colour = Colour::Rose;
        draft.tags = "api,,  new ".into();
        draft.env.push(EnvRow { name: "TOKEN".into(), from_file: false, source: "HOME".into() });
        draft.env.push(EnvRow::default());
        let edit = draft.edit(&settings);
        let expected = AgentSettings {
            label: "Ledger".into(),
            colour: Colour::Rose,
            tags: vec!["api".into(), "new".into()],
            env: vec![
                settings.env[0].clone(),
                EnvReference { name: "TOKEN".into(), source: EnvSource::Variable("HOME".into()) },
            ],
            ..settings.clone()
        };
        assert_eq!(edit.args, None, "arguments that a form of lines cannot tell apart stay");
        assert_eq!(edit.applied_to(&settings), expected);
    }

    #[test]
    fn changed_lines_are_arguments() {
        let settings = settings();
        let mut draft = Draft::of(&settings);
        draft.args = "--model\nopus 4\n".into();
        assert_eq!(draft.edit(&settings).args.unwrap(), ["--model", "opus 4"]);
    }
}
