//! The time of day for relative times. It exists only after hydration: rendered into HTML it
//! would differ between server and browser.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

use std::time::Duration;

use leptos::prelude::*;

#[cfg(not(feature = "ssr"))]
use browser::now_ms;
#[cfg(feature = "ssr")]
use server::now_ms;

const TICK: Duration = Duration::from_secs(15);

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

#[cfg(test)]
mod tests {
    use super::*;

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
