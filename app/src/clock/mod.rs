//! The time of day for relative times. It exists only after hydration: rendered into HTML it
//! would differ between server and browser.

#[cfg(not(feature = "ssr"))]
mod browser;
mod calendar;
#[cfg(feature = "ssr")]
mod server;

use std::time::Duration;

use leptos::prelude::*;

#[cfg(not(feature = "ssr"))]
use browser::{local_time, now_ms, zone_ms};
#[cfg(feature = "ssr")]
use server::{local_time, now_ms, zone_ms};

const TICK: Duration = Duration::from_secs(15);
const DAY_MS: i64 = 86_400_000;

/// Now, as milliseconds since the Unix epoch; `None` until the page is mounted.
#[derive(Clone, Copy)]
pub struct Clock(ReadSignal<Option<i64>>);

impl Clock {
    /// Starts one clock for the page and provides it to every component below.
    pub fn provide() {
        let (now, set_now) = signal(None);
        provide_context(Self(now));
        Effect::new(move |_| {
            set_now.set(now_ms());
            let ticking = set_interval_with_handle(move || set_now.set(now_ms()), TICK);
            if let Ok(handle) = ticking {
                on_cleanup(move || handle.clear());
            }
        });
    }

    /// How long ago that was, in words; tracks the clock.
    pub fn since(self, then_ms: i64) -> Option<String> {
        self.0.get().map(|now| in_words(now - then_ms))
    }

    /// Milliseconds from now until then, negative afterwards; nothing before the page is mounted.
    /// Tracks the clock.
    pub(crate) fn until(self, then_ms: i64) -> Option<i64> {
        self.0.get().map(|now| then_ms - now)
    }

    /// That moment by the wall: in the reader's own zone and language once the page is mounted,
    /// before that in UTC; tracks the clock.
    pub fn moment(self, then_ms: i64) -> String {
        self.0.get().and_then(|_| local_time(then_ms)).unwrap_or_else(|| in_utc(then_ms))
    }

    /// The day that this moment is part of, in the same zone; tracks the clock.
    pub fn day(self, at_ms: i64) -> Day {
        let now = self.0.get();
        let day_of = |at_ms: i64| {
            let zone = if now.is_some() { zone_ms(at_ms) } else { 0 };
            (at_ms + zone).div_euclid(DAY_MS)
        };
        let number = day_of(at_ms);
        Day { number, words: calendar::day_words(number, now.map(day_of)) }
    }
}

/// A day of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Days since the Unix epoch.
    pub number: i64,
    /// `Today`, `Yesterday`, `Saturday, 21 November 2026`.
    pub words: String,
}

/// A moment in a list: how long ago, with the exact time as tooltip. Without scripts it is the
/// exact time.
#[component]
pub(crate) fn Ago(
    /// Milliseconds since the Unix epoch.
    at_ms: i64,
) -> impl IntoView {
    let clock = use_clock();
    let words = move || {
        clock.since(at_ms).map_or_else(|| clock.moment(at_ms), |span| format!("{span} ago"))
    };
    view! { <span class="num" title=move || clock.moment(at_ms)>{words}</span> }.into_any()
}

/// The clock of this page.
pub fn use_clock() -> Clock {
    expect_context()
}

/// A span of milliseconds in its largest unit.
fn in_words(span_ms: i64) -> String {
    let minutes = span_ms.max(0) / 60_000;
    match minutes {
        0 => "under a minute".to_owned(),
        1..60 => format!("{minutes} min"),
        60..1_440 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}

/// `2026-03-01 09:05 UTC`, by the proleptic Gregorian calendar.
fn in_utc(then_ms: i64) -> String {
    let minutes = then_ms.div_euclid(60_000);
    let (days, minute) = (minutes.div_euclid(1_440), minutes.rem_euclid(1_440));
    let (year, month, day) = calendar::date(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_a_date_without_any_calendar_at_hand() {
        fn check(ms: i64, text: &str) {
            assert_eq!(in_utc(ms), text);
        }
        check(0, "1970-01-01 00:00 UTC");
        check(-60_000, "1969-12-31 23:59 UTC");
        check(951_782_400_000, "2000-02-29 00:00 UTC");
        check(1_709_251_199_999, "2024-02-29 23:59 UTC");
        check(1_772_355_900_000, "2026-03-01 09:05 UTC");
        check(4_107_542_400_000, "2100-03-01 00:00 UTC");
    }

    #[test]
    fn spans_are_said_in_their_largest_unit() {
        fn check(span_ms: i64, words: &str) {
            assert_eq!(in_words(span_ms), words);
        }
        check(-5_000, "under a minute");
        check(59_999, "under a minute");
        check(60_000, "1 min");
        check(59 * 60_000, "59 min");
        check(60 * 60_000, "1 h");
        check(26 * 60 * 60_000, "1 d");
    }
}
