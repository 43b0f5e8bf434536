//! The head of a page: its name, and what concerns all of it.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{Icon, IconView, PAGE_TITLE};

/// Names the page and its document; on the phone it leads back to the agents.
#[component]
pub fn PageHead(
    /// What the page is called.
    title: &'static str,
    /// Further classes.
    #[prop(default = "")]
    class: &'static str,
    /// What stands beside the name.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title/>
        <header class=format!("page-head {class}")>
            <a class="btn is-quiet is-icon phone-only" href="/" aria-label="Back to agents">
                <IconView icon=Icon::ChevronLeft/>
            </a>
            <h1 id=PAGE_TITLE tabindex="-1">{title}</h1>
            {children()}
        </header>
    }
    .into_any()
}
