//! On the server the theme came with the request.

use leptos::prelude::use_context;

use super::Theme;
use crate::document::PageRequest;

/// The theme that the request's cookie names.
pub(super) fn current() -> Theme {
    use_context::<PageRequest>().map_or(Theme::Auto, |request| request.theme)
}

/// A rendered page does not change: its theme is chosen in the browser.
pub(super) fn apply(_theme: Theme) {}
