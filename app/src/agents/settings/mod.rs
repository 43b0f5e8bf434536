//! The settings of an agent: a form with everything that its owner decides, and their versions.

mod compare;
mod draft;
mod env;
mod form;
mod look;
mod restart;
mod rollback;
mod versions;

use leptos::prelude::*;
use protocol::access::Role;
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentId, EditAgent};
use protocol::programs::ProgramKind;

pub(super) use self::compare::field_word;
pub(super) use self::draft::{references, tags_of};
pub(super) use self::env::{EnvFields, EnvRows};
pub(crate) use self::form::Drafts;
use self::form::Form;
use self::look::LookFields;
pub(super) use self::look::Swatches;
use self::restart::RestartHint;
use self::versions::Versions;
use super::actions::AgentActions;
use crate::api::agents as api;
use crate::caller::{OperatorOnly, may};
use crate::loaded::Loaded;
use crate::seed::{FirstData, PageData};
use crate::ui::{Button, CheckField, Icon, IconView, TextField, Tone};

/// All versions of an agent's settings, newest first; loaded again with every new one.
type AllVersions = Loaded<Vec<AgentVersion>>;

/// Form on one side, versions on the other.
#[component]
pub(super) fn SettingsPanel(agent: Memo<Agent>, actions: AgentActions) -> impl IntoView {
    let form = Form::new(agent);
    let first = FirstData::take(|data| match data {
        PageData::Versions(owner, versions) if agent.with_untracked(|agent| agent.id == owner) => {
            Ok(versions)
        }
        other => Err(other),
    });
    let versions: AllVersions = Loaded::new(
        first,
        move || agent.with(|agent| (agent.id.clone(), agent.version)),
        |(id, _): (AgentId, u32)| api::versions(id),
    );
    view! {
        <div class="settings">
            <SettingsForm form versions actions/>
            <Versions agent versions/>
        </div>
    }
    .into_any()
}

#[component]
fn SettingsForm(form: Form, versions: AllVersions, actions: AgentActions) -> impl IntoView {
    let save = form.saving();
    let dirty = Memo::new(move |_| form.edit() != EditAgent::default());
    let stale = Memo::new(move |_| dirty.get() && form.is_stale());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let edit = untrack(|| form.edit());
        if edit != EditAgent::default() && !save.pending().get_untracked() {
            save.dispatch(edit);
        }
    };
    let news = move || {
        if dirty.get() {
            return Some("Unsaved changes".to_owned());
        }
        form.saved.get().map(|version| format!("Saved as version {version}"))
    };
    view! {
        <form class="settings-form form" novalidate on:submit=submit aria-label="Settings">
            <ReadOnly/>
            <RestartHint agent=form.agent versions actions/>
            <fieldset class="settings-fields" disabled=!may(Role::Operator)>
                <section class="form" aria-labelledby="settings-look">
                    <h2 id="settings-look">"Name and look"</h2>
                    <TextField
                        id="settings-name"
                        label="Name"
                        value=form.name
                        error=form.error_at("name")
                        hint="The first two hyphens make groups: team-project-task is task in team / project."
                        required=true
                    />
                    <TextField
                        id="settings-label"
                        label="Label"
                        value=form.label
                        error=form.error_at("label")
                        hint="What people call it, in a few words."
                    />
                    <LookFields
                        agent=form.agent
                        name=form.name
                        avatar=form.avatar
                        colour=form.colour
                        error=form.error_at("avatar")
                    />
                    <TextField
                        id="settings-tags"
                        label="Tags"
                        value=form.tags
                        error=form.error_at("tags")
                        hint="Words to find it by, separated by commas."
                    />
                    <CheckField id="settings-favourite" label="Favourite: shown first" value=form.favourite/>
                </section>
                <section class="form" aria-labelledby="settings-run">
                    <h2 id="settings-run">"Program"</h2>
                    <TextField
                        id="settings-program"
                        label="Program"
                        value=form.program
                        error=form.error_at("program")
                        hint="A name on the PATH, or an absolute path."
                        suggestions="settings-programs"
                        required=true
                        mono=true
                    />
                    <datalist id="settings-programs">
                        {ProgramKind::AGENTS.map(|kind| {
                            kind.binaries().iter().map(|name| view! { <option value=*name></option> }).collect_view()
                        })}
                    </datalist>
                    <TextField
                        id="settings-args"
                        label="Arguments"
                        value=form.args
                        error=form.error_at("args")
                        hint="One per line, handed over as they are: no quotes needed, no shell involved."
                        lines=3
                        mono=true
                    />
                    <TextField
                        id="settings-folder"
                        label="Folder"
                        value=form.folder
                        error=form.error_at("folder")
                        required=true
                        mono=true
                    />
                    <EnvFields env=form.env error=form.error_at("env") prefix="settings-env"/>
                    <CheckField id="settings-autostart" label="Start with the machine" value=form.autostart/>
                </section>
                <section class="form" aria-labelledby="settings-words">
                    <h2 id="settings-words">"Instructions"</h2>
                    <TextField
                        id="settings-persona"
                        label="Persona"
                        value=form.persona
                        error=form.error_at("persona")
                        hint="Who the agent is. Given to programs that take such a text at their start."
                        lines=5
                    />
                    <TextField
                        id="settings-note"
                        label="Note"
                        value=form.note
                        error=form.error_at("note")
                        hint="For you; shown on the agent's page."
                        lines=3
                    />
                </section>
            </fieldset>
            <OperatorOnly>
                <div class="settings-save needs-js">
                    {move || {
                        form.error_elsewhere().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })
                    }}
                    <Show when=move || stale.get() || form.is_conflict()>
                        <Conflict form/>
                    </Show>
                    <div class="row">
                        <p class="meta" role="status">{news}</p>
                        <span class="push"></span>
                        <Show when=move || dirty.get()>
                            <Button tone=Tone::Quiet on:click=move |_| form.reload()>"Discard changes"</Button>
                        </Show>
                        <Button tone=Tone::Primary submit=true busy=save.pending()>"Save"</Button>
                    </div>
                </div>
            </OperatorOnly>
        </form>
    }
    .into_any()
}

/// Why a viewer cannot fill the form in.
#[component]
fn ReadOnly() -> impl IntoView {
    (!may(Role::Operator)).then(|| {
        view! {
            <p class="muted read-only">
                <IconView icon=Icon::Eye class="ico sm"/>
                "This device is a viewer: it sees these settings and cannot change them."
            </p>
        }
    })
}

/// Somebody else changed the settings while this form was being filled in.
#[component]
fn Conflict(form: Form) -> impl IntoView {
    let sentence = move || {
        let (mine, now) = (form.version(), form.agent.with(|agent| agent.version));
        format!(
            "These settings changed meanwhile: you began with version {mine}, they are at version {now} now."
        )
    };
    view! {
        <div class="conflict" role="alert">
            <p><IconView icon=Icon::TriangleAlert class="ico sm"/> {sentence}</p>
            <div class="row">
                <Button on:click=move |_| form.reload()>"Load the newer values"</Button>
                <Button tone=Tone::Quiet on:click=move |_| form.keep_mine()>"Keep my changes"</Button>
            </div>
        </div>
    }
    .into_any()
}
