//! The page for addresses that are not for everybody.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::caller::use_caller;
use crate::response::{PageStatus, set_status};
use crate::ui::{EmptyState, Icon};

/// Says which role this device has, and who can change that.
#[component]
pub(crate) fn NotAllowedPage() -> impl IntoView {
    set_status(PageStatus::Forbidden);
    let role = use_caller().role;
    let text = format!(
        "Its role is {role}: {} The owner can change that under Access, on a device that may.",
        role.meaning()
    );
    view! {
        <Title text="Not allowed"/>
        <EmptyState
            page=true
            icon=Icon::KeyRound
            title="This device may not see this page"
            text=text
        >
            <a class="btn" href="/">"All agents"</a>
        </EmptyState>
    }
    .into_any()
}
