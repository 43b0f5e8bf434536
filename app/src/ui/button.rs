//! The button: 28 px, neutral unless something else is said, at most one primary per view.

use leptos::prelude::*;

use super::{Icon, IconView};

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Filled, grey.
    #[default]
    Neutral,
    /// The one thing to do here.
    Primary,
    /// No fill.
    Quiet,
    /// Red fill: cannot be undone, only inside a dialog that says so.
    Fatal,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Neutral => "btn",
            Self::Primary => "btn is-primary",
            Self::Quiet => "btn is-quiet",
            Self::Fatal => "btn is-fatal",
        }
    }
}

/// A button with words, an icon, or both.
#[component]
pub fn Button(
    /// Attention.
    #[prop(optional)]
    tone: Tone,
    /// Drawn before the words.
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// Set when the words are missing, or hidden on narrow screens.
    #[prop(optional)]
    label: Option<&'static str>,
    /// Submits the form it is in.
    #[prop(optional)]
    submit: bool,
    /// While its action runs; shown after 400 ms, said at once.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// The words.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let only_icon = children.is_none();
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=tone.class()
            class:is-icon=only_icon
            aria-label=label
            title=only_icon.then_some(label).flatten()
            aria-busy=move || busy.get().then_some("true")
        >
            {move || {
                busy.get().then(|| view! {
                    <svg class="st sm busy-ring" data-st="working" aria-hidden="true">
                        <use href="#st-working"></use>
                    </svg>
                })
            }}
            {icon.map(|icon| view! { <IconView icon class="ico sm"/> })}
            {children.map(|children| view! { <span class="btn-text">{children()}</span> })}
        </button>
    }
    .into_any()
}
