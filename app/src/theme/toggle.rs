//! The button that goes through the themes.

use leptos::prelude::*;

use super::{Theme, use_theme};
use crate::ui::{Icon, IconView};

/// Shows the theme in use and changes to the next one.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let theme = use_theme();
    let words = move || match theme.get() {
        Theme::Dark => "Theme: dark. Change to light",
        Theme::Light => "Theme: light. Change to that of the device",
        Theme::Auto => "Theme: as the device. Change to dark",
    };
    let icon = Signal::derive(move || match theme.get() {
        Theme::Dark => Icon::Moon,
        Theme::Light => Icon::Sun,
        Theme::Auto => Icon::SunMoon,
    });
    view! {
        <button
            type="button"
            class="btn is-quiet is-icon needs-js"
            aria-label=words
            title=words
            on:click=move |_| theme.advance()
        >
            <IconView icon/>
        </button>
    }
    .into_any()
}
