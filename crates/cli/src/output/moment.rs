//! Moments as people read them, in UTC: the same on every machine that shows them.

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Such as `2023-11-14 22:13:20 UTC`, for milliseconds since the Unix epoch.
pub(super) fn utc(at_ms: i64) -> String {
    let (year, month, day) = date(at_ms.div_euclid(DAY_MS));
    let second = at_ms.rem_euclid(DAY_MS) / 1000;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// The same to the minute and without the zone, for columns whose title names it.
pub(super) fn minute(at_ms: i64) -> String {
    utc(at_ms).chars().take("2023-11-14 22:13".len()).collect()
}

/// Year, month and day of the Gregorian calendar, for days since the Unix epoch.
///
/// Counted from the first of March of the year 0, so that a leap day is the last of its year, in
/// eras of 400 years, which all have the same number of days.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        fn check(at_ms: i64, expected: &str) {
            assert_eq!(utc(at_ms), expected);
        }
        check(0, "1970-01-01 00:00:00 UTC");
        check(-1, "1969-12-31 23:59:59 UTC");
        check(951_782_400_000, "2000-02-29 00:00:00 UTC");
        check(951_868_800_000, "2000-03-01 00:00:00 UTC");
        check(1_700_000_000_999, "2023-11-14 22:13:20 UTC");
        check(4_107_542_399_000, "2100-02-28 23:59:59 UTC");
        check(4_107_542_400_000, "2100-03-01 00:00:00 UTC");
    }
}
