//! A page that is being rendered has no focus.

/// Nothing to focus.
pub fn focus(_id: impl Into<String>) {}
