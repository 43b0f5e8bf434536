//! The browser takes a title as text.

/// The text as it is.
pub(super) fn shown(title: String) -> String {
    title
}
