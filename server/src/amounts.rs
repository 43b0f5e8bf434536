//! Times and sizes as people read them.

use std::time::Duration;

/// The two largest units of a time.
pub(crate) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// The time between two moments in milliseconds; none when they stand the other way round.
pub(crate) fn between(from_ms: i64, to_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(to_ms.saturating_sub(from_ms)).unwrap_or_default())
}

/// A size in the largest unit of which there is at least one, with one digit after the point.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)];
    let Some((unit, of)) = UNITS.into_iter().find(|(_, of)| count >= *of) else {
        return format!("{count} bytes");
    };
    format!("{}.{} {unit}", count / of, count % of * 10 / of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_have_a_fitting_unit() {
        fn check(seconds: u64, expected: &str) {
            assert_eq!(span(Duration::from_secs(seconds)), expected);
        }
        check(0, "0 s");
        check(59, "59 s");
        check(61, "1 min 1 s");
        check(7_260, "2 h 1 min");
        check(90_000, "1 d 1 h");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(1_990_000), "1.9 MB");
        assert_eq!(between(1_000, 3_000), Duration::from_secs(2));
        assert_eq!(between(3_000, 1_000), Duration::ZERO);
    }
}
