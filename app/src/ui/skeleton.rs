//! What stands in for a list while it is loaded: grey lines, shown when that takes noticeably long.

use leptos::prelude::*;

/// Lines of the height of table rows.
#[component]
pub fn Skeleton(
    /// How many.
    #[prop(default = 4)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="vh">"Loading"</span>
            {(0..rows).map(|_| view! { <i></i> }).collect_view()}
        </div>
    }
    .into_any()
}
