//! What is in the form of a new agent, and what is wrong with it as far as a browser can tell.

use leptos::prelude::*;
use protocol::agents::{AgentSettings, Colour, CreateAgent};
use protocol::error::ApiError;

use crate::agents::settings::{EnvRows, references, tags_of};

/// The fields of the form.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    pub(super) name: RwSignal<String>,
    pub(super) program: RwSignal<String>,
    /// One per line.
    pub(super) args: RwSignal<String>,
    pub(super) folder: RwSignal<String>,
    pub(super) label: RwSignal<String>,
    pub(super) avatar: RwSignal<String>,
    pub(super) colour: RwSignal<Colour>,
    /// Separated by commas.
    pub(super) tags: RwSignal<String>,
    pub(super) env: EnvRows,
    pub(super) note: RwSignal<String>,
    pub(super) autostart: RwSignal<bool>,
    pub(super) start: RwSignal<bool>,
}

impl Draft {
    /// An empty form.
    pub(super) fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            name: text(),
            program: text(),
            args: text(),
            folder: text(),
            label: text(),
            avatar: text(),
            colour: RwSignal::new(Colour::Group),
            tags: text(),
            env: EnvRows::new(),
            note: text(),
            autostart: RwSignal::new(false),
            start: RwSignal::new(true),
        }
    }

    /// The agent that this form asks for.
    pub(super) fn read(self) -> CreateAgent {
        let trimmed = |text: RwSignal<String>| text.with_untracked(|text| text.trim().to_owned());
        let settings = AgentSettings {
            name: trimmed(self.name),
            program: trimmed(self.program),
            args: self.args.with_untracked(|text| args_of(text)),
            folder: trimmed(self.folder),
            label: trimmed(self.label),
            avatar: trimmed(self.avatar),
            colour: self.colour.get_untracked(),
            tags: self.tags.with_untracked(|text| tags_of(text)),
            env: references(&untrack(|| self.env.get())),
            note: self.note.get_untracked(),
            autostart: self.autostart.get_untracked(),
            ..AgentSettings::default()
        };
        CreateAgent { settings, start: self.start.get_untracked() }
    }

    /// Makes the form empty again.
    pub(super) fn clear(self) {
        let texts = [self.name, self.program, self.args, self.folder];
        for text in texts.into_iter().chain([self.label, self.avatar, self.tags, self.note]) {
            text.set(String::new());
        }
        self.colour.set(Colour::Group);
        self.env.set(Vec::new());
        self.autostart.set(false);
        self.start.set(true);
    }
}

/// One argument per line, blanks inside it kept; empty lines separate nothing.
pub(in crate::agents) fn args_of(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Everything that is plainly wrong, in the order of the form. The server says the rest.
pub(super) fn mistakes(new: &CreateAgent) -> Vec<ApiError> {
    let AgentSettings { name, program, folder, .. } = &new.settings;
    let mut mistakes = Vec::new();
    if name.is_empty() {
        mistakes.push(ApiError::invalid("name", "The name is empty. Give the agent a name."));
    }
    if program.is_empty() {
        mistakes.push(ApiError::invalid(
            "program",
            "No program is named. Name one on the PATH, such as “bash”, or give its absolute path.",
        ));
    }
    let absolute = folder.starts_with('/') || folder == "~" || folder.starts_with("~/");
    if !absolute {
        let what =
            if folder.is_empty() { "No folder is named." } else { "The folder is relative." };
        let how = "Give an absolute folder, or one that starts with “~/”.";
        mistakes.push(ApiError::invalid("folder", format!("{what} {how}")));
    }
    mistakes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_one_argument() {
        assert_eq!(args_of("--model\nopus 4\n\n  indented\n"), ["--model", "opus 4", "  indented"]);
        assert!(args_of("").is_empty());
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let check = |name: &str, program: &str, folder: &str, wrong: &[&str]| {
            let settings = AgentSettings {
                name: name.into(),
                program: program.into(),
                folder: folder.into(),
                ..AgentSettings::default()
            };
            let mistakes = mistakes(&CreateAgent { settings, start: true });
            let fields: Vec<&str> =
                mistakes.iter().map(|error| error.field.as_deref().unwrap()).collect();
            assert_eq!(fields, wrong, "{name} {program} {folder}");
        };
        check("", "", "", &["name", "program", "folder"]);
        check("", "sh", "code/x", &["name", "folder"]);
        check("a", "sh", "~other/x", &["folder"]);
        check("a", "sh", "~/x", &[]);
        check("a", "sh", "~", &[]);
        check("a", "sh", "/srv", &[]);
    }
}
