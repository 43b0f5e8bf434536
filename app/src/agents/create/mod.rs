//! The dialog that makes a new agent, and the buttons that open it.

mod draft;
mod programs;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::access::Role;
use protocol::agents::CreateAgent;
use protocol::error::ApiError;

pub(super) use self::draft::args_of;
use self::draft::{Draft, mistakes};
use self::programs::ProgramChips;
use super::settings::{EnvFields, Swatches};
use super::state::use_agents;
use crate::api::agents as api;
use crate::caller::may;
use crate::routes::agent_path;
use crate::ui::{Button, CheckField, Dialog, Icon, IconView, TextField, Tone, focus};

/// Fields of the form: the name that errors use, and the element's id.
const FIELDS: [(&str, &str); 4] = [
    ("name", "new-agent-name"),
    ("program", "new-agent-program"),
    ("args", "new-agent-args"),
    ("folder", "new-agent-folder"),
];
/// The same for those that are shown on demand.
const MORE_FIELDS: [(&str, &str); 5] = [
    ("label", "new-agent-label"),
    ("avatar", "new-agent-avatar"),
    ("tags", "new-agent-tags"),
    ("env", "new-agent-env-add"),
    ("note", "new-agent-note"),
];

/// Whether the dialog is open; provided by the dialog's place in the shell.
#[derive(Clone, Copy)]
struct CreateDialogOpen(RwSignal<bool>);

/// Opens the dialog. Needs JavaScript, so it hides where there is none; a viewer has none.
#[component]
pub(crate) fn NewAgentButton(
    /// Attention.
    #[prop(optional)]
    tone: Tone,
    /// Only the plus sign.
    #[prop(optional)]
    icon_only: bool,
) -> impl IntoView {
    let CreateDialogOpen(open) = expect_context();
    if !may(Role::Operator) {
        ().into_any()
    } else if icon_only {
        view! {
            <Button tone icon=Icon::Plus label="New agent" class:needs-js=true on:click=move |_| open.set(true)/>
        }
        .into_any()
    } else {
        view! {
            <Button tone icon=Icon::Plus label="New agent" class:needs-js=true on:click=move |_| open.set(true)>
                "New agent"
            </Button>
        }
        .into_any()
    }
}

/// Provides the state that [`NewAgentButton`] needs; call it above both.
pub(crate) fn provide_create_dialog() {
    provide_context(CreateDialogOpen(RwSignal::new(false)));
}

/// What is wrong with what was entered.
#[derive(Clone, Copy)]
struct Errors {
    all: RwSignal<Vec<ApiError>>,
    /// Whether the fields that are shown on demand are shown.
    more: RwSignal<bool>,
}

impl Errors {
    /// Tells what is wrong, each at its field, and leads to the first.
    fn tell(self, errors: Vec<ApiError>) {
        let first = errors.iter().find_map(|error| element_of(error.field.as_deref()?));
        if errors.iter().any(|error| error.field.as_deref().is_some_and(is_on_demand)) {
            self.more.set(true);
        }
        self.all.set(errors);
        if let Some(id) = first {
            focus(id);
        }
    }

    fn at(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.all.with(|errors| {
                let error = errors.iter().find(|error| error.field.as_deref() == Some(field))?;
                Some(error.message.clone())
            })
        })
    }

    /// What no field is to blame for.
    fn elsewhere(self) -> Option<String> {
        self.all.with(|errors| {
            let shown = |error: &&ApiError| error.field.as_deref().and_then(element_of).is_none();
            errors.iter().find(shown).map(|error| error.message.clone())
        })
    }
}

/// The form. There is one per page.
#[component]
pub(crate) fn CreateAgentDialog() -> impl IntoView {
    let CreateDialogOpen(open) = expect_context();
    let agents = use_agents();
    let navigate = use_navigate();
    let draft = Draft::new();
    let errors = Errors { all: RwSignal::new(Vec::new()), more: RwSignal::new(false) };
    let create = Action::new(|new: &CreateAgent| {
        let new = new.clone();
        async move { api::create(new).await }
    });
    let outcome = create.value();
    Effect::new(move |_| match outcome.get() {
        Some(Ok(agent)) => {
            let path = agent_path(&agent.id);
            agents.learn(agent);
            draft.clear();
            errors.more.set(false);
            open.set(false);
            navigate(&path, NavigateOptions::default());
        }
        Some(Err(refused)) => errors.tell(vec![refused.0]),
        None => {}
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !create.pending().get_untracked() {
            let new = draft.read();
            let wrong = mistakes(&new);
            let good = wrong.is_empty();
            errors.tell(wrong);
            if good {
                create.dispatch(new);
            }
        }
    };
    let elsewhere = move || {
        errors.elsewhere().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })
    };
    view! {
        <Dialog open title_id="new-agent-title">
            <form class="form" novalidate on:submit=submit>
                <h2 id="new-agent-title">"New agent"</h2>
                <TextField
                    id="new-agent-name"
                    label="Name"
                    value=draft.name
                    error=errors.at("name")
                    hint="The first two hyphens make groups: payments-ledger-fix is fix in payments / ledger."
                    required=true
                />
                <ProgramChips open program=draft.program/>
                <TextField
                    id="new-agent-program"
                    label="Program"
                    value=draft.program
                    error=errors.at("program")
                    hint="One of these, another name on the PATH, or an absolute path."
                    required=true
                    mono=true
                />
                <TextField
                    id="new-agent-args"
                    label="Arguments"
                    value=draft.args
                    error=errors.at("args")
                    hint="One per line, handed over as they are: no quotes needed, no shell involved."
                    lines=2
                    mono=true
                />
                <TextField
                    id="new-agent-folder"
                    label="Folder"
                    value=draft.folder
                    error=errors.at("folder")
                    placeholder="~/code/project"
                    required=true
                    mono=true
                />
                <MoreFields draft errors/>
                {elsewhere}
                <div class="row dialog-acts">
                    <CheckField id="new-agent-start" label="Start now" value=draft.start/>
                    <Button tone=Tone::Quiet class:push=true on:click=move |_| open.set(false)>"Cancel"</Button>
                    <Button tone=Tone::Primary submit=true busy=create.pending()>"Create agent"</Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// What most agents do without, behind a disclosure.
#[component]
fn MoreFields(draft: Draft, errors: Errors) -> impl IntoView {
    let more = errors.more;
    let caret =
        Signal::derive(move || if more.get() { Icon::ChevronDown } else { Icon::ChevronRight });
    view! {
        <button
            type="button"
            class="btn is-quiet more"
            aria-expanded=move || more.get().to_string()
            aria-controls="new-agent-more"
            on:click=move |_| more.update(|more| *more = !*more)
        >
            <IconView icon=caret class="ico sm"/>
            "More: look, tags, environment"
        </button>
        <div id="new-agent-more" class="form" hidden=move || !more.get()>
            <div class="form-pair">
                <TextField
                    id="new-agent-label"
                    label="Label"
                    value=draft.label
                    error=errors.at("label")
                    hint="What people call it."
                />
                <TextField
                    id="new-agent-avatar"
                    label="Avatar"
                    value=draft.avatar
                    error=errors.at("avatar")
                    hint="One emoji."
                />
            </div>
            <Swatches colour=draft.colour name="new-agent-colour"/>
            <TextField
                id="new-agent-tags"
                label="Tags"
                value=draft.tags
                error=errors.at("tags")
                hint="Separated by commas."
            />
            <EnvFields env=draft.env error=errors.at("env") prefix="new-agent-env"/>
            <TextField
                id="new-agent-note"
                label="Note"
                value=draft.note
                error=errors.at("note")
                lines=2
            />
            <CheckField
                id="new-agent-autostart"
                label="Start it when the machine has started"
                value=draft.autostart
            />
        </div>
    }
    .into_any()
}

fn element_of(field: &str) -> Option<&'static str> {
    FIELDS.iter().chain(&MORE_FIELDS).find(|(name, _)| *name == field).map(|(_, id)| *id)
}

fn is_on_demand(field: &str) -> bool {
    MORE_FIELDS.iter().any(|(name, _)| *name == field)
}
