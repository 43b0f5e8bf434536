//! A page that is being rendered copies nothing.

/// Nothing is copied.
pub(super) async fn copy(_text: String) -> bool {
    false
}
