//! A button that copies a text.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

use leptos::prelude::*;

#[cfg(not(feature = "ssr"))]
use browser::copy;
#[cfg(feature = "ssr")]
use server::copy;

use super::{Icon, IconView, use_toasts};

/// Copies `text` and says so; where the browser allows no copying, it says how else.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What that is, for the accessible name and what is said: “Copy code”.
    label: &'static str,
) -> impl IntoView {
    let toasts = use_toasts();
    let done = RwSignal::new(false);
    // Another text was not copied yet.
    Effect::new(move |_| {
        text.track();
        done.set(false);
    });
    let run = Action::new_local(move |text: &String| {
        let text = text.clone();
        async move {
            let copied = copy(text).await;
            done.try_set(copied);
            if !copied {
                toasts.fail("This browser does not let the page copy. Select the text instead.");
            }
        }
    });
    let icon = Signal::derive(move || if done.get() { Icon::Check } else { Icon::Copy });
    view! {
        <button
            type="button"
            class="btn is-icon needs-js"
            aria-label=label
            title=label
            on:click=move |_| { run.dispatch_local(text.get_untracked()); }
        >
            <IconView icon class="ico sm"/>
        </button>
        <span class="vh" role="status">{move || done.get().then_some("Copied")}</span>
    }
    .into_any()
}
