//! The programs of this machine as chips: choosing one fills the field below them.

use leptos::prelude::*;
use protocol::programs::Program;

use crate::api::host as api;

/// Chips of installed programs, looked up when the dialog opens for the first time. Whoever wants
/// another program types it.
#[component]
pub(super) fn ProgramChips(open: RwSignal<bool>, program: RwSignal<String>) -> impl IntoView {
    let look_up = Action::new(|(): &()| api::programs());
    let found = look_up.value();
    Effect::new(move |_| {
        let known = found.with_untracked(|found| matches!(found, Some(Ok(_))));
        if open.get() && !known && !look_up.pending().get_untracked() {
            look_up.dispatch(());
        }
    });
    let chips = move || match found.get() {
        None => {
            let empty = || view! { <i class="chip is-empty"></i> };
            (0..4).map(|_| empty()).collect_view().into_any()
        }
        Some(Ok(programs)) if programs.is_empty() => {
            view! { <p class="meta">"No coding agent was found on the server's PATH."</p> }
                .into_any()
        }
        Some(Ok(programs)) => {
            let chip = |found| view! { <Chip found program/> };
            programs.into_iter().map(chip).collect_view().into_any()
        }
        Some(Err(error)) => view! { <p class="meta">{error.0.message}</p> }.into_any(),
    };
    view! {
        <fieldset class="chips">
            <legend class="form-label">"Installed here"</legend>
            <div class="chip-row">{chips}</div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn Chip(found: Program, program: RwSignal<String>) -> impl IntoView {
    let Program { kind, name, path, version } = found;
    let label = match kind {
        // Any shell is a shell: its name says more.
        protocol::programs::ProgramKind::Shell | protocol::programs::ProgramKind::Other => {
            name.clone()
        }
        kind => kind.label().to_owned(),
    };
    let value = name.clone();
    let chosen = move || program.with(|program| program.trim() == value);
    view! {
        <label class="chip" title=path>
            <input
                type="radio"
                class="vh"
                name="new-agent-program-choice"
                prop:checked=chosen
                on:change=move |_| program.set(name.clone())
            />
            <b>{label}</b>
            {version.map(|version| view! { <span class="num">{version}</span> })}
        </label>
    }
    .into_any()
}
