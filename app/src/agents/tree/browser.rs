//! Scrolling the tree.

use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// Scrolls as little as it takes to see the element with this id.
pub(super) fn reveal(id: String) {
    leptos::prelude::request_animation_frame(move || {
        if let Some(element) = leptos::prelude::document().get_element_by_id(&id) {
            let least = ScrollIntoViewOptions::new();
            least.set_block(ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&least);
        }
    });
}
