//! Status: one silhouette, one colour and one word each, everywhere the same.

use leptos::prelude::*;

/// How something is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// Accent, a filled ring.
    Running,
    /// Grey, a hollow square.
    Stopped,
    /// Green, a tick.
    Done,
    /// Red, a disc with a cross.
    Error,
    /// Grey, a circle with a dash.
    Offline,
}

impl Glyph {
    fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::Error => "error",
            Self::Offline => "offline",
        }
    }

    fn href(self) -> &'static str {
        match self {
            Self::Running => "#st-running",
            Self::Stopped => "#st-stopped",
            Self::Done => "#st-done",
            Self::Error => "#st-error",
            Self::Offline => "#st-offline",
        }
    }
}

/// The glyph with its word as accessible name and tooltip.
#[component]
pub fn StatusGlyph(
    /// Which.
    #[prop(into)]
    glyph: Signal<Glyph>,
    /// Its word.
    #[prop(into)]
    word: Signal<&'static str>,
) -> impl IntoView {
    view! {
        <svg
            class="st"
            data-st=move || glyph.get().name()
            role="img"
            aria-label=move || word.get()
        >
            <title>{move || word.get()}</title>
            <use href=move || glyph.get().href()></use>
        </svg>
    }
    .into_any()
}

/// Glyph and word, printed. One per header.
#[component]
pub fn Pill(
    /// Which.
    #[prop(into)]
    glyph: Signal<Glyph>,
    /// Its word, and perhaps a detail.
    #[prop(into)]
    word: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="pill" data-st=move || glyph.get().name()>
            <svg class="st sm" data-st=move || glyph.get().name() aria-hidden="true">
                <use href=move || glyph.get().href()></use>
            </svg>
            {move || word.get()}
        </span>
    }
    .into_any()
}
