//! Empty states: what this is, why there is nothing, and the one thing to do.

use leptos::prelude::*;

use super::{Icon, IconView};

/// A centered statement with room for one action.
#[component]
pub fn EmptyState(
    /// Decoration.
    icon: Icon,
    /// What is the case; becomes the page's heading when `page` is set.
    #[prop(into)]
    title: String,
    /// Why, and what it means.
    #[prop(into)]
    text: Signal<String>,
    /// Whether this is all that the page shows.
    #[prop(optional)]
    page: bool,
    /// Actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let heading = if page {
        view! { <h1 id=super::focus::PAGE_TITLE tabindex="-1" class="strong">{title}</h1> }
            .into_any()
    } else {
        view! { <h2 class="strong">{title}</h2> }.into_any()
    };
    view! {
        <div class="empty">
            <IconView icon/>
            {heading}
            <p>{move || text.get()}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
    .into_any()
}
