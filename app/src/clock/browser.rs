//! The browser's clock.

/// Milliseconds since the Unix epoch.
#[expect(clippy::cast_possible_truncation, reason = "whole milliseconds fit for 285,000 years")]
#[expect(clippy::unnecessary_wraps, reason = "the server has no time to show")]
pub(super) fn now_ms() -> Option<i64> {
    Some(js_sys::Date::now() as i64)
}

/// This moment as the browser's user writes it.
#[expect(clippy::cast_precision_loss, reason = "milliseconds are exact for 285,000 years")]
pub(super) fn local_time(then_ms: i64) -> Option<String> {
    let moment = js_sys::Date::new(&(then_ms as f64).into());
    let text = moment.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED);
    text.as_string()
}

/// What this place's clocks were ahead of UTC at that moment, in milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "at most 14 hours, in whole minutes")]
#[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
pub(super) fn zone_ms(at_ms: i64) -> i64 {
    let behind_min = js_sys::Date::new(&(at_ms as f64).into()).get_timezone_offset();
    // The date of a moment that does not exist has no zone.
    if behind_min.is_finite() { -(behind_min as i64) * 60_000 } else { 0 }
}
