//! Moments as they stand in names of files (`20261121T115032Z`) and in sentences, always UTC.

const SECOND_MS: i64 = 1_000;
const DAY_S: i64 = 86_400;

/// A moment as a name, such as `20261121T115032Z`. Names sort as their moments do.
pub(crate) fn name(at_ms: i64) -> String {
    let Moment { year, month, day, hour, minute, second } = Moment::of(at_ms);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// A moment for people, such as `2026-11-21 11:50:32 UTC`.
pub fn words(at_ms: i64) -> String {
    let Moment { year, month, day, hour, minute, second } = Moment::of(at_ms);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// The moment of such a name, in milliseconds since the Unix epoch.
pub(crate) fn read(text: &str) -> Option<i64> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
    };
    let moment = Moment {
        year: digits(0, 4)?,
        month: digits(4, 6)?,
        day: digits(6, 8)?,
        hour: digits(9, 11)?,
        minute: digits(11, 13)?,
        second: digits(13, 15)?,
    };
    let at_ms = moment.at_ms();
    // One way to write each: no thirteenth month, no second 61.
    (name(at_ms) == text).then_some(at_ms)
}

struct Moment {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// Days of a 400-year cycle, of a century, of four years, all counted from 1 March.
const ERA: i64 = 146_097;
/// From 1 March of year 0 to the Unix epoch.
const TO_EPOCH: i64 = 719_468;

impl Moment {
    /// Years are counted from March, so that the leap day is their last one.
    fn of(at_ms: i64) -> Self {
        let seconds = at_ms.div_euclid(SECOND_MS);
        let (days, time) = (seconds.div_euclid(DAY_S) + TO_EPOCH, seconds.rem_euclid(DAY_S));
        let (era, of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self {
            year: year + era * 400 + i64::from(month <= 2),
            month,
            day: of_year - (153 * from_march + 2) / 5 + 1,
            hour: time / 3_600,
            minute: time / 60 % 60,
            second: time % 60,
        }
    }

    fn at_ms(&self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = (self.month + 9) % 12;
        let of_year = (153 * from_march + 2) / 5 + self.day - 1;
        let days = era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - TO_EPOCH;
        (days * DAY_S + self.hour * 3_600 + self.minute * 60 + self.second) * SECOND_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read() {
        // As GNU date prints them.
        for (at_s, expected) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (951_868_800, "20000301T000000Z"),
            (1_795_261_832, "20261121T115032Z"),
            (4_107_542_400, "21000301T000000Z"),
            (253_402_300_799, "99991231T235959Z"),
        ] {
            assert_eq!(name(at_s * 1_000), expected);
            assert_eq!(name(at_s * 1_000 + 999), expected);
            assert_eq!(read(expected), Some(at_s * 1_000));
        }
        assert_eq!(words(1_795_261_832_000), "2026-11-21 11:50:32 UTC");
    }

    #[test]
    fn each_day_of_400_years_is_its_own() {
        for day in 0..ERA {
            assert_eq!(read(&name(day * DAY_S * 1_000)), Some(day * DAY_S * 1_000));
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "20261121T115032",
            "20261121T115032Z1",
            "20261121 115032Z",
            "20261321T115032Z",
            "20260229T115032Z",
            "20261121T115060Z",
            "2026+121T115032Z",
            "2026112éT11503Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
