//! The form's state: what was typed, what it started from, and what became of saving it.

use leptos::prelude::*;
use protocol::agents::{Agent, AgentId, AgentSettings, Colour, EditAgent};
use protocol::error::{ApiError, ErrorCode};

use super::draft::Draft;
use super::env::EnvRows;
use crate::api::agents as api;
use crate::error::AppError;
use crate::ui::focus;

/// Fields of the form: the name that errors use, and the element's id.
const FIELDS: [(&str, &str); 10] = [
    ("name", "settings-name"),
    ("label", "settings-label"),
    ("avatar", "settings-avatar"),
    ("tags", "settings-tags"),
    ("program", "settings-program"),
    ("args", "settings-args"),
    ("folder", "settings-folder"),
    ("env", "settings-env-add"),
    ("persona", "settings-persona"),
    ("note", "settings-note"),
];

/// The form of one agent's settings.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) agent: Memo<Agent>,
    pub(super) name: RwSignal<String>,
    pub(super) label: RwSignal<String>,
    pub(super) avatar: RwSignal<String>,
    pub(super) colour: RwSignal<Colour>,
    /// Separated by commas.
    pub(super) tags: RwSignal<String>,
    pub(super) favourite: RwSignal<bool>,
    pub(super) program: RwSignal<String>,
    /// One per line.
    pub(super) args: RwSignal<String>,
    pub(super) folder: RwSignal<String>,
    pub(super) env: EnvRows,
    pub(super) autostart: RwSignal<bool>,
    pub(super) persona: RwSignal<String>,
    pub(super) note: RwSignal<String>,
    /// Version that saving made.
    pub(super) saved: RwSignal<Option<u32>>,
    /// What was refused.
    pub(super) refusal: RwSignal<Option<ApiError>>,
    /// The settings that the form was filled from, and their version.
    base: RwSignal<Base>,
}

impl Form {
    /// The form of this agent, filled with its settings. It follows them until somebody types.
    pub(super) fn new(agent: Memo<Agent>) -> Self {
        let now = agent.get_untracked();
        let text = || RwSignal::new(String::new());
        let form = Self {
            agent,
            name: text(),
            label: text(),
            avatar: text(),
            colour: RwSignal::new(Colour::Group),
            tags: text(),
            favourite: RwSignal::new(false),
            program: text(),
            args: text(),
            folder: text(),
            env: EnvRows::new(),
            autostart: RwSignal::new(false),
            persona: text(),
            note: text(),
            saved: RwSignal::new(None),
            refusal: RwSignal::new(None),
            base: RwSignal::new((now.version, now.settings.clone())),
        };
        let drafts = use_drafts();
        match drafts.take(&now.id) {
            Some((base, draft)) => {
                form.put(draft);
                form.base.set(base);
            }
            None => form.fill(&now.settings),
        }
        on_cleanup(move || {
            if form.edit_untracked() != EditAgent::default() {
                drafts.keep(&now.id, form.base.get_untracked(), form.draft_untracked());
            }
        });
        Effect::new(move |_| {
            // Asked first: what an effect does not ask it does not follow.
            let stale = form.is_stale();
            if stale && form.edit_untracked() == EditAgent::default() {
                form.reload();
            }
        });
        form
    }

    /// What the form would change; tracks what is typed.
    pub(super) fn edit(self) -> EditAgent {
        self.base.with(|(_, base)| self.draft().edit(base))
    }

    /// Whether the settings changed since the form was filled; tracks them.
    pub(super) fn is_stale(self) -> bool {
        self.agent.with(|agent| self.base.with(|(version, _)| agent.version > *version))
    }

    /// The version that the form was filled from; tracks it.
    pub(super) fn version(self) -> u32 {
        self.base.with(|(version, _)| *version)
    }

    /// Fills the form with the settings as they are now. What was typed is gone.
    pub(super) fn reload(self) {
        let now = self.agent.get_untracked();
        self.fill(&now.settings);
        self.rebase(&now);
    }

    /// Takes the settings as they are now for all that nobody typed over.
    pub(super) fn keep_mine(self) {
        let now = self.agent.get_untracked();
        let mine = self.edit_untracked().applied_to(&now.settings);
        self.fill(&mine);
        self.rebase(&now);
    }

    /// Saves what was typed.
    pub(super) fn saving(self) -> Action<EditAgent, ()> {
        Action::new(move |edit: &EditAgent| {
            let if_version = Some(self.base.with_untracked(|(version, _)| *version));
            let edit = EditAgent { if_version, ..edit.clone() };
            let (id, sent) =
                (self.agent.with_untracked(|agent| agent.id.clone()), self.draft_untracked());
            self.refusal.set(None);
            self.saved.set(None);
            async move {
                let answer = api::edit(id, edit).await;
                // The agent may be gone by now, and its page with it.
                if !self.base.is_disposed() {
                    self.take(answer, &sent);
                }
            }
        })
    }

    fn take(self, answer: Result<Agent, AppError>, sent: &Draft) {
        match answer {
            Ok(agent) => {
                // What was typed meanwhile stays.
                if self.draft_untracked() == *sent {
                    self.fill(&agent.settings);
                }
                self.rebase(&agent);
                self.saved.set(Some(agent.version));
            }
            Err(AppError(error)) => {
                if let Some(id) = error.field.as_deref().and_then(element_of) {
                    focus(id);
                }
                self.refusal.set(Some(error));
            }
        }
    }

    /// What is wrong with this field.
    pub(super) fn error_at(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.refusal.with(|error| {
                let error = error.as_ref()?;
                (error.field.as_deref() == Some(field)).then(|| error.message.clone())
            })
        })
    }

    /// What is wrong, when no field is.
    pub(super) fn error_elsewhere(self) -> Option<String> {
        self.refusal.with(|error| {
            let error = error.as_ref()?;
            let shown = error.field.as_deref().is_some_and(|field| element_of(field).is_some());
            (!shown && !is_conflict(error)).then(|| error.message.clone())
        })
    }

    /// Whether saving was refused because the settings changed meanwhile.
    pub(super) fn is_conflict(self) -> bool {
        self.refusal.with(|error| error.as_ref().is_some_and(is_conflict))
    }

    fn fill(self, settings: &AgentSettings) {
        self.put(Draft::of(settings));
    }

    fn put(self, draft: Draft) {
        let texts = [
            (self.name, draft.name),
            (self.label, draft.label),
            (self.avatar, draft.avatar),
            (self.tags, draft.tags),
            (self.program, draft.program),
            (self.args, draft.args),
            (self.folder, draft.folder),
            (self.persona, draft.persona),
            (self.note, draft.note),
        ];
        for (signal, text) in texts {
            signal.set(text);
        }
        self.colour.set(draft.colour);
        self.favourite.set(draft.favourite);
        self.autostart.set(draft.autostart);
        self.env.set(draft.env);
    }

    fn rebase(self, agent: &Agent) {
        self.base.set((agent.version, agent.settings.clone()));
        self.refusal.set(None);
    }

    fn draft(self) -> Draft {
        Draft {
            name: self.name.get(),
            label: self.label.get(),
            avatar: self.avatar.get(),
            colour: self.colour.get(),
            tags: self.tags.get(),
            favourite: self.favourite.get(),
            program: self.program.get(),
            args: self.args.get(),
            folder: self.folder.get(),
            env: self.env.get(),
            autostart: self.autostart.get(),
            persona: self.persona.get(),
            note: self.note.get(),
        }
    }

    fn draft_untracked(self) -> Draft {
        untrack(|| self.draft())
    }

    fn edit_untracked(self) -> EditAgent {
        untrack(|| self.edit())
    }
}

/// Changes that were typed and not saved, kept while their agent's page is not open.
#[derive(Clone, Copy)]
pub(crate) struct Drafts(StoredValue<Vec<(AgentId, Base, Draft)>>);

/// Settings that a form was filled from, and their version.
type Base = (u32, AgentSettings);

/// Agents whose changes are kept; the oldest go first.
const DRAFTS: usize = 32;

impl Drafts {
    /// Provides the place for them to every component below.
    pub(crate) fn provide() {
        provide_context(Self(StoredValue::new(Vec::new())));
    }

    fn keep(self, agent: &AgentId, base: Base, draft: Draft) {
        // The whole app may be what goes.
        self.0.try_update_value(|drafts| {
            drafts.retain(|(known, ..)| known != agent);
            drafts.push((agent.clone(), base, draft));
            let surplus = drafts.len().saturating_sub(DRAFTS);
            drafts.drain(..surplus);
        });
    }

    fn take(self, agent: &AgentId) -> Option<(Base, Draft)> {
        self.0.try_update_value(|drafts| {
            let at = drafts.iter().position(|(known, ..)| known == agent)?;
            let (_, base, draft) = drafts.remove(at);
            Some((base, draft))
        })?
    }
}

fn use_drafts() -> Drafts {
    expect_context()
}

fn is_conflict(error: &ApiError) -> bool {
    error.code == ErrorCode::Conflict && error.field.as_deref() == Some("if_version")
}

fn element_of(field: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, id)| *id)
}
