//! Which backups are kept. All times are milliseconds since the Unix epoch.
//!
//! The newest 24 of the last 24 hours; then the newest of each day for 7 days; then the newest of
//! each week for 5 weeks; the newest three whatever their age. One from the future was made under
//! a wrong clock and is not judged.
//!
//! Days and weeks are those of the calendar (UTC), not ages: a backup must stay the newest of its
//! day while it ages, or the next one would push it out before it ever became a week old.

use std::collections::BTreeSet;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Kept of the last 24 hours, each.
const OF_LAST_DAY: usize = 24;
/// Days with one each, beside today.
const DAYS: i64 = 7;
/// Weeks with one each, beside that in which those days begin.
const WEEKS: i64 = 5;
/// Kept whatever their age.
const ALWAYS: usize = 3;
/// The epoch was a Thursday; so many days later weeks begin.
const FIRST_MONDAY: i64 = 4;

/// Positions in `made_at_ms`, in any order, of the backups that may go.
pub fn expired(made_at_ms: &[i64], now_ms: i64) -> Vec<usize> {
    let mut newest_first: Vec<usize> = (0..made_at_ms.len()).collect();
    newest_first.sort_by_key(|&place| std::cmp::Reverse(made_at_ms[place]));
    let past = newest_first.into_iter().filter(|&place| made_at_ms[place] <= now_ms);
    let today = day(now_ms);
    let mut days = BTreeSet::new();
    let mut weeks = BTreeSet::new();
    past.enumerate()
        .filter_map(|(rank, place)| {
            let made = made_at_ms[place];
            let recent = rank < OF_LAST_DAY && now_ms.saturating_sub(made) < DAY_MS;
            let made_on = day(made);
            // Each slot is taken by its newest, also where that is kept anyway.
            let of_day = days.insert(made_on) && today - made_on <= DAYS;
            let of_week =
                weeks.insert(week(made_on)) && week(today - DAYS) - week(made_on) <= WEEKS;
            let kept = recent || of_day || of_week || rank < ALWAYS;
            (!kept).then_some(place)
        })
        .collect()
}

/// Number of a time's day.
fn day(at_ms: i64) -> i64 {
    at_ms.div_euclid(DAY_MS)
}

/// Number of a day's week, which begins on Monday.
fn week(day: i64) -> i64 {
    (day - FIRST_MONDAY).div_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = DAY_MS / 24;
    /// A Thursday, 00:00.
    const NOW: i64 = 1_001 * DAY_MS;

    /// Ages in hours of those that are kept.
    fn kept(ages_hours: &[i64]) -> Vec<i64> {
        let made: Vec<i64> = ages_hours.iter().map(|hours| NOW - hours * HOUR_MS).collect();
        let gone = expired(&made, NOW);
        let stays = |place: &usize| !gone.contains(place);
        (0..made.len()).filter(stays).map(|place| ages_hours[place]).collect()
    }

    fn without(made: &[i64], gone: &[usize]) -> Vec<i64> {
        (0..made.len()).filter(|place| !gone.contains(place)).map(|place| made[place]).collect()
    }

    #[test]
    fn the_last_day_is_kept_whole_and_older_days_by_their_newest() {
        assert_eq!(kept(&[]), [0; 0]);
        assert_eq!(kept(&[0, 5, 23, 25, 26, 47, 49]), [0, 5, 23, 25, 49]);
        let hourly: Vec<i64> = (0..24).collect();
        assert_eq!(kept(&hourly), hourly);
        let busy = vec![1; 40];
        assert_eq!(kept(&busy).len(), OF_LAST_DAY);
    }

    #[test]
    fn a_year_of_daily_backups_leaves_a_dozen() {
        let daily: Vec<i64> = (0..365).map(|day| day * 24).collect();
        let days: Vec<i64> = kept(&daily).into_iter().map(|hours| hours / 24).collect();
        assert_eq!(days, [0, 1, 2, 3, 4, 5, 6, 7, 11, 18, 25, 32, 39]);
    }

    #[test]
    fn the_newest_three_stay_and_the_future_is_not_judged() {
        let years = [9_000, 18_000, 27_000, 36_000];
        assert_eq!(kept(&years), [9_000, 18_000, 27_000]);
        assert_eq!(kept(&[-5_000, 36_000, 9_000, 18_000, 27_000]), [-5_000, 9_000, 18_000, 27_000]);
        let extremes = [i64::MIN, i64::MAX, 0, 1, 2];
        assert_eq!(expired(&extremes, i64::MAX / 2), [0]);
    }

    #[test]
    fn deleting_what_has_expired_expires_nothing_more() {
        for step in [1, 5, 7, 24, 100, 171] {
            let made: Vec<i64> = (0..2_000).map(|number| NOW - number * step * HOUR_MS).collect();
            let left = without(&made, &expired(&made, NOW));
            assert_eq!(expired(&left, NOW), [0; 0], "every {step} hours");
        }
    }

    #[test]
    fn backups_grow_old_although_new_ones_come() {
        for minutes in [10, 60, 7 * 60, 24 * 60] {
            let every = minutes * 60 * 1000;
            let mut made: Vec<i64> = Vec::new();
            let mut now = NOW;
            while now < NOW + 100 * DAY_MS {
                made.push(now);
                let gone = expired(&made, now);
                made = without(&made, &gone);
                assert!(made.len() <= OF_LAST_DAY + 15, "{} every {minutes} minutes", made.len());
                now += every;
            }
            let today = day(now - every);
            for past in 1..=DAYS {
                let last_of_day = made.iter().filter(|at| day(**at) == today - past).max();
                let ends = (today - past + 1) * DAY_MS;
                assert!(last_of_day.is_some_and(|at| ends - at <= every), "{minutes}: day {past}");
            }
            for past in 1..=WEEKS {
                let number = week(today - DAYS) - past;
                assert!(made.iter().any(|at| week(day(*at)) == number), "{minutes}: week {past}");
            }
        }
    }
}
