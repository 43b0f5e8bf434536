//! The browser's clock.

/// Milliseconds since the Unix epoch.
#[expect(clippy::cast_possible_truncation, reason = "whole milliseconds fit for 285,000 years")]
#[expect(clippy::unnecessary_wraps, reason = "the server has no time to show")]
pub(super) fn now_ms() -> Option<i64> {
    Some(js_sys::Date::now() as i64)
}
