//! Form fields: label, input, explanation, and the server's complaint at the place it is about.

use leptos::prelude::*;

/// A line, or several lines, of text.
#[component]
pub fn TextField(
    /// Element id, unique on the page; the name of the value when it is sent.
    id: &'static str,
    /// Label.
    label: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// One sentence on what to enter.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// An example, shown while empty.
    #[prop(optional)]
    placeholder: Option<&'static str>,
    /// Id of a `<datalist>` with suggestions.
    #[prop(optional)]
    suggestions: Option<&'static str>,
    /// Must be filled in.
    #[prop(optional)]
    required: bool,
    /// Lines to show; more than one makes it a text area.
    #[prop(default = 1)]
    lines: u8,
    /// For paths and commands.
    #[prop(optional)]
    mono: bool,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || match (hint.is_some(), error.with(Option::is_some)) {
            (true, true) => Some(format!("{error_id} {hint_id}")),
            (true, false) => Some(hint_id.clone()),
            (false, true) => Some(error_id.clone()),
            (false, false) => None,
        }
    };
    let invalid = move || error.with(Option::is_some);
    let input = if lines > 1 {
        view! {
            <textarea
                id=id
                class="field"
                class:is-bad=invalid
                class:mono=mono
                rows=lines.to_string()
                placeholder=placeholder
                spellcheck="false"
                autocapitalize="off"
                aria-invalid=move || invalid().then_some("true")
                aria-describedby=described_by
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                id=id
                type="text"
                class="field"
                class:is-bad=invalid
                class:mono=mono
                list=suggestions
                placeholder=placeholder
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-required=required.then_some("true")
                aria-invalid=move || invalid().then_some("true")
                aria-describedby=described_by
                value=value.get_untracked()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        }
        .into_any()
    };
    view! {
        <div class="form-field">
            <label for=id class="form-label">
                {label} {(!required).then(|| view! { <span class="faint">"optional"</span> })}
            </label>
            {input}
            {move || {
                error.get().map(|sentence| {
                    view! { <p id=error_id.clone() class="meta err">{sentence}</p> }
                })
            }}
            {hint.map(|sentence| view! { <p id=hint_id class="meta">{sentence}</p> })}
        </div>
    }
    .into_any()
}

/// A yes or no.
#[component]
pub fn CheckField(
    /// Element id, unique on the page.
    id: &'static str,
    /// Label.
    label: &'static str,
    /// The answer.
    value: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <label class="form-check" for=id>
            <input
                id=id
                type="checkbox"
                checked=value.get_untracked()
                prop:checked=move || value.get()
                on:change=move |event| value.set(event_target_checked(&event))
            />
            {label}
        </label>
    }
    .into_any()
}
