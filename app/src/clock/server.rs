//! The server renders no relative times.

/// Never a time: see the module.
pub(super) fn now_ms() -> Option<i64> {
    None
}

/// The server knows neither the reader's zone nor their language.
pub(super) fn local_time(_then_ms: i64) -> Option<String> {
    None
}

/// The server does not know where its pages are read.
pub(super) fn zone_ms(_at_ms: i64) -> i64 {
    0
}
