//! What is said about a pairing. Pure.

/// The clock of a page ticks in steps of so many seconds: nothing finer is promised.
const STEP_S: i64 = 15;
/// No offer stands longer, in milliseconds; a clock that has not ticked since would say so.
const LONGEST_MS: i64 = 120_000;

/// How long an offer stands, of which so many milliseconds are left.
pub(super) fn time_left(left_ms: i64) -> String {
    if left_ms <= 0 {
        return "It ends now.".to_owned();
    }
    let seconds = (left_ms.min(LONGEST_MS) + 999) / 1_000;
    let rounded = (seconds + STEP_S - 1) / STEP_S * STEP_S;
    let words = match (rounded / 60, rounded % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    };
    format!("It works for about {words}.")
}

/// What to say of wrong codes; nothing as long as there was none.
pub(super) fn tries(left: u8) -> Option<String> {
    match left {
        5.. => None,
        1 => Some("Somebody typed a wrong code. One more ends this pairing.".to_owned()),
        left => Some(format!("Somebody typed a wrong code. {left} tries are left.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_told_in_the_steps_of_the_clock() {
        fn check(left_ms: i64, words: &str) {
            assert_eq!(time_left(left_ms), words, "{left_ms}");
        }
        check(120_000, "It works for about 2 min.");
        check(134_000, "It works for about 2 min.");
        check(119_001, "It works for about 2 min.");
        check(104_000, "It works for about 1 min 45 s.");
        check(1, "It works for about 15 s.");
        check(0, "It ends now.");
        check(-9, "It ends now.");
    }

    #[test]
    fn wrong_codes_are_told_of() {
        assert_eq!(tries(5), None);
        assert_eq!(tries(4).unwrap(), "Somebody typed a wrong code. 4 tries are left.");
        assert!(tries(1).unwrap().ends_with("ends this pairing."));
    }
}
