//! The page for addresses where nothing lives.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::response::{PageStatus, set_status};
use crate::ui::{EmptyState, Icon};

/// Says so, and leads back.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    set_status(PageStatus::NotFound);
    view! {
        <Title text="Not found"/>
        <EmptyState
            page=true
            icon=Icon::TriangleAlert
            title="There is no page at this address"
            text="The link may be old or mistyped. Your agents are not affected."
        >
            <a class="btn" href="/">"All agents"</a>
        </EmptyState>
    }
    .into_any()
}
