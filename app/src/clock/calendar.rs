//! Dates by the proleptic Gregorian calendar. Pure: the caller knows the time zone.

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The Unix epoch was a Thursday.
const WEEKDAYS: [&str; 7] =
    ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// Year, month and day, so many days after the Unix epoch.
pub(super) fn date(days: i64) -> (i64, i64, i64) {
    // Years begin in March here, so that the leap day is their last.
    let since_march_0 = days + 719_468;
    let (era, day) = (since_march_0.div_euclid(146_097), since_march_0.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next_year, month, day)
}

/// `Saturday, 21 November 2026`, or what people call it when it is near `today`.
pub(super) fn day_words(days: i64, today: Option<i64>) -> String {
    match today.map(|today| today - days) {
        Some(0) => "Today".to_owned(),
        Some(1) => "Yesterday".to_owned(),
        _ => {
            let (year, month, day) = date(days);
            let name = |names: &[&'static str], at: i64| {
                usize::try_from(at).ok().and_then(|at| names.get(at).copied()).unwrap_or_default()
            };
            let weekday = name(&WEEKDAYS, days.rem_euclid(7));
            format!("{weekday}, {day} {} {year}", name(&MONTHS, month - 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_days_have_names() {
        let day = 20_778;
        assert_eq!(date(day), (2026, 11, 21));
        assert_eq!(day_words(day, None), "Saturday, 21 November 2026");
        assert_eq!(day_words(day, Some(day)), "Today");
        assert_eq!(day_words(day, Some(day + 1)), "Yesterday");
        assert_eq!(day_words(day, Some(day + 2)), "Saturday, 21 November 2026");
        assert_eq!(day_words(0, None), "Thursday, 1 January 1970");
    }
}
