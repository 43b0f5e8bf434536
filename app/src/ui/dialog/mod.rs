//! The native dialog: the page behind it is inert, Escape closes it, focus returns.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

use leptos::html;
use leptos::prelude::*;

#[cfg(not(feature = "ssr"))]
use browser::{close, show};
#[cfg(feature = "ssr")]
use server::{close, show};

/// A modal dialog that is open while `open` says so.
#[component]
pub fn Dialog(
    /// Whether it is open; the dialog resets it when it is dismissed.
    open: RwSignal<bool>,
    /// Id of the heading inside.
    title_id: &'static str,
    /// Asks about something that cannot be undone.
    #[prop(optional)]
    alert: bool,
    /// Content.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| if open.get() { show(dialog) } else { close(dialog) });
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            role=alert.then_some("alertdialog")
            aria-labelledby=title_id
            on:close=move |_| open.set(false)
        >
            {children()}
        </dialog>
    }
    .into_any()
}
