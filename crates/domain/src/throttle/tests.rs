//! Nobody tries faster than the rules allow, and nobody waits for ever.

use std::net::IpAddr;

use proptest::prelude::*;

use super::*;

const T: i64 = 1_700_000_000_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Times at which somebody gets through who tries every `every_ms` for `span_ms`.
fn evaluated(rule: &Rule, every_ms: i64, span_ms: i64) -> Vec<i64> {
    let mut throttle = Throttle::default();
    let tries = usize::try_from(every_ms.max(1)).unwrap();
    (T..T + span_ms)
        .step_by(tries)
        .filter(|&now_ms| throttle.reserve(now_ms, rule).is_ok())
        .collect()
}

/// The most that fall into any minute.
fn most_in_a_minute(times: &[i64]) -> usize {
    times
        .iter()
        .enumerate()
        .map(|(first, begin)| {
            times[first..].iter().take_while(|&&time| time < begin + MINUTE_MS).count()
        })
        .max()
        .unwrap_or(0)
}

#[test]
fn five_are_free_then_the_wait_doubles_to_a_quarter_of_an_hour() {
    let mut throttle = Throttle::default();
    let mut now_ms = T;
    let mut waits = Vec::new();
    for _ in 0..20 {
        throttle.reserve(now_ms, &Rule::ONE).unwrap();
        match throttle.may(now_ms, &Rule::ONE) {
            Ok(()) => waits.push(0),
            Err(RetryAfter { wait_ms }) => {
                assert_eq!(
                    throttle.reserve(now_ms + wait_ms - 1, &Rule::ONE),
                    Err(RetryAfter { wait_ms: 1 })
                );
                waits.push(wait_ms / SECOND_MS);
                now_ms += wait_ms;
            }
        }
    }
    let expected =
        [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900, 900];
    assert_eq!(waits, expected);
}

#[test]
fn two_hundred_at_once_count_as_two_hundred() {
    let mut throttle = Throttle::default();
    let evaluated = (0..200).filter(|_| throttle.reserve(T, &Rule::ONE).is_ok()).count();
    assert_eq!(evaluated, 5);
    let mut all = Throttle::default();
    let evaluated = (0..200).filter(|_| all.reserve(T, &Rule::ALL).is_ok()).count();
    assert_eq!(evaluated, 30);
    // Those that were refused made nothing worse.
    assert_eq!(throttle.may(T, &Rule::ONE), Err(RetryAfter { wait_ms: SECOND_MS }));
    assert_eq!(all.may(T, &Rule::ALL), Err(RetryAfter { wait_ms: 2 * SECOND_MS }));
}

#[test]
fn ten_a_minute_of_one_and_sixty_of_all_are_evaluated() {
    for every_ms in [1, 100, 999, 1_000, 1_001, 1_999, 2_000, 2_001, 7_000] {
        let one = evaluated(&Rule::ONE, every_ms, 2 * HOUR_MS / (1 + 50 / every_ms));
        assert!(most_in_a_minute(&one) <= 10, "{every_ms}: {}", most_in_a_minute(&one));
        let all = evaluated(&Rule::ALL, every_ms, 10 * MINUTE_MS);
        assert!(most_in_a_minute(&all) <= 60, "{every_ms}: {}", most_in_a_minute(&all));
    }
    let one = evaluated(&Rule::ONE, 100, 24 * HOUR_MS);
    assert_eq!(most_in_a_minute(&one), 10);
    assert!(one.len() < 120, "{} in a day", one.len());
    // What all share is never closed for long.
    let all = evaluated(&Rule::ALL, 100, HOUR_MS);
    assert!(all.windows(2).all(|pair| pair[1] - pair[0] <= 2 * SECOND_MS));
}

#[test]
fn what_was_right_is_as_if_it_had_not_been() {
    let mut throttle = Throttle::default();
    for second in 0..1_000 {
        let now_ms = T + second * SECOND_MS;
        throttle.reserve(now_ms, &Rule::ONE).unwrap();
        throttle.forgive(now_ms, &Rule::ONE);
    }
    assert_eq!(throttle.failures, 0);

    // After wrong ones a right one neither waits nor frees.
    for _ in 0..5 {
        throttle.reserve(T + HOUR_MS, &Rule::ONE).unwrap();
    }
    let now_ms = T + HOUR_MS + SECOND_MS;
    for _ in 0..3 {
        throttle.reserve(now_ms, &Rule::ONE).unwrap();
        throttle.forgive(now_ms, &Rule::ONE);
    }
    throttle.reserve(now_ms, &Rule::ONE).unwrap();
    assert_eq!(throttle.may(now_ms, &Rule::ONE), Err(RetryAfter { wait_ms: 2 * SECOND_MS }));
}

#[test]
fn who_has_a_right_one_cannot_clear_the_wait_of_wrong_ones() {
    let mut throttle = Throttle::default();
    throttle.reserve(T, &Rule::ONE).unwrap(); // right, and slow
    for _ in 0..4 {
        throttle.reserve(T + 1, &Rule::ONE).unwrap();
    }
    throttle.reserve(T + 1 + SECOND_MS, &Rule::ONE).unwrap();
    throttle.forgive(T, &Rule::ONE);
    // Five wrong ones: a second, from the last of them on.
    let expected = Err(RetryAfter { wait_ms: SECOND_MS });
    assert_eq!(throttle.may(T + 1 + SECOND_MS, &Rule::ONE), expected);

    // However wrong and right ones alternate, wrong ones are as few as without.
    let mut throttle = Throttle::default();
    let mut wrong = Vec::new();
    for now_ms in (T..T + 10 * MINUTE_MS).step_by(50) {
        let right = throttle.reserve(now_ms, &Rule::ONE).is_ok();
        if throttle.reserve(now_ms, &Rule::ONE).is_ok() {
            wrong.push(now_ms);
        }
        if right {
            throttle.forgive(now_ms, &Rule::ONE);
        }
    }
    assert!(most_in_a_minute(&wrong) <= 10, "{}", most_in_a_minute(&wrong));
}

#[test]
fn failures_are_forgotten_one_by_one() {
    let mut throttle = Throttle::default();
    for _ in 0..5 {
        throttle.reserve(T, &Rule::ONE).unwrap();
    }
    let quarter = LONGEST_WAIT_MS;
    throttle.reserve(T + 2 * quarter, &Rule::ONE).unwrap();
    assert_eq!(throttle.failures, 4);
    throttle.reserve(T + 3 * quarter - 1, &Rule::ONE).unwrap();
    assert_eq!(throttle.failures, 5, "not a quarter of an hour");
    throttle.reserve(T + 100 * quarter, &Rule::ONE).unwrap();
    assert_eq!(throttle.failures, 1);
}

#[test]
fn a_clock_that_is_set_back_neither_locks_out_nor_frees() {
    for back_ms in [1, SECOND_MS, HOUR_MS, 10 * 365 * 24 * HOUR_MS] {
        let mut throttle = Throttle::default();
        for _ in 0..5 {
            throttle.reserve(T, &Rule::ONE).unwrap();
        }
        let now_ms = T - back_ms;
        let whole = Err(RetryAfter { wait_ms: SECOND_MS });
        assert_eq!(throttle.reserve(now_ms, &Rule::ONE), whole, "{back_ms}");
        assert!(throttle.reserve(now_ms + SECOND_MS - 1, &Rule::ONE).is_err());
        throttle.reserve(now_ms + SECOND_MS, &Rule::ONE).unwrap();
        assert_eq!(throttle.failures, 6, "nothing was forgotten");
    }
    // A time that no rule makes, from a file.
    let mut odd = Throttle { failures: u32::MAX, blocked_until_ms: i64::MAX, last_ms: i64::MIN };
    assert_eq!(odd.may(T, &Rule::ONE), Err(RetryAfter { wait_ms: LONGEST_WAIT_MS }));
}

#[test]
fn each_attempt_counts_under_all_its_keys_or_under_none() {
    let keys = |account: &str, address: &str| {
        let address: IpAddr = address.parse().unwrap();
        [Key::Account(account.into()), Key::address(Kind::Login, address), Key::All(Kind::Login)]
    };
    let mut throttles = Throttles::default();
    // Many accounts from one address.
    for number in 0..5 {
        throttles.reserve(&keys(&format!("pairing {number}"), "10.0.0.1"), T).unwrap();
    }
    assert_eq!(
        throttles.reserve(&keys("pairing 9", "10.0.0.1"), T),
        Err(RetryAfter { wait_ms: SECOND_MS })
    );
    // One account from many addresses.
    for number in 2..7 {
        throttles.reserve(&keys("link", &format!("10.0.0.{number}")), T).unwrap();
    }
    assert!(throttles.reserve(&keys("link", "10.0.0.99"), T).is_err());
    // Refusals count under no key: 20 of the 30 for all are left.
    for number in 0..20 {
        let keys = keys(&format!("token {number}"), &format!("10.0.1.{number}"));
        throttles.reserve(&keys, T).unwrap();
    }
    assert!(throttles.reserve(&keys("token", "10.0.2.1"), T).is_err());

    let changed = throttles.changed();
    assert!(throttles.changed().is_empty());
    assert!(changed.iter().any(|(key, throttle)| key == "login all" && throttle.failures == 30));
    assert!(!changed.iter().any(|(key, _)| key == "account pairing 9"));

    // A restart forgives nothing; what was right is forgiven under all keys.
    let mut again = Throttles::stored(changed);
    assert!(again.reserve(&keys("token", "10.0.2.1"), T + 1).is_err());
    again.forgive(&keys("token 1", "10.0.1.1"), T);
    again.reserve(&keys("token", "10.0.2.1"), T + 1).unwrap();
    let names: Vec<_> = again.changed().into_iter().map(|(key, _)| key).collect();
    let expected = [
        "account token",
        "account token 1",
        "login address 10.0.1.1",
        "login address 10.0.2.1",
        "login all",
    ];
    assert_eq!(names, expected);
}

#[test]
fn who_guesses_one_kind_of_credential_keeps_nobody_from_another() {
    let here: IpAddr = "127.0.0.1".parse().unwrap();
    let keys = |kind| [Key::address(kind, here), Key::All(kind)];
    let mut throttles = Throttles::default();
    while throttles.reserve(&keys(Kind::Bearer), T).is_ok() {}
    for kind in [Kind::Login, Kind::Pairing] {
        throttles.reserve(&keys(kind), T).unwrap();
    }
}

#[test]
fn what_was_not_stored_is_asked_for_again() {
    let mut throttles = Throttles::default();
    throttles.reserve(&[Key::All(Kind::Login)], T).unwrap();
    let changed = throttles.changed();
    throttles.reserve(&[Key::All(Kind::Login)], T + 1).unwrap();
    throttles.not_stored(changed);
    let again = throttles.changed();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].1.failures, 2, "as it is now");
    throttles.not_stored(vec![("gone".into(), Throttle::default())]);
    assert!(throttles.changed().is_empty());
}

#[test]
fn throttles_are_bounded_and_the_oldest_go() {
    let mut throttles = Throttles::default();
    let count = i64::try_from(KEPT).unwrap();
    for number in 0..count + 5 {
        throttles.reserve(&[Key::Account(number.to_string())], T + number).unwrap();
    }
    let kept = throttles.changed();
    assert_eq!(kept.len(), KEPT);
    assert!(!kept.iter().any(|(key, _)| key == "account 4"));
    assert!(kept.iter().any(|(key, _)| key == "account 5"));
    assert!(Throttles::stored(kept.into_iter().cycle().take(KEPT + 9)).changed().is_empty());
}

#[test]
fn a_refusal_says_how_long_to_wait() {
    for (wait_ms, words) in [
        (1, "a second"),
        (1_000, "a second"),
        (1_001, "2 seconds"),
        (64_000, "64 seconds"),
        (128_000, "3 minutes"),
        (900_000, "15 minutes"),
    ] {
        let error = ApiError::from(RetryAfter { wait_ms });
        assert_eq!(error.code, ErrorCode::TooMany);
        assert_eq!(error.retry_after_ms, u64::try_from(wait_ms).ok());
        let expected = format!("There were too many attempts. Wait {words}, then try again.");
        assert_eq!(error.message, expected);
    }
}

proptest! {
    #[test]
    fn nobody_gets_more_and_nobody_waits_longer(
        gaps in proptest::collection::vec((0..3_u32, 0..200_000_i64), 1..200),
    ) {
        let (mut one, mut all) = (Throttle::default(), Throttle::default());
        let (mut of_one, mut of_all) = (Vec::new(), Vec::new());
        let mut now_ms = T;
        for (scale, gap) in gaps {
            now_ms += gap / 100_i64.pow(scale);
            for (throttle, rule, times) in
                [(&mut one, &Rule::ONE, &mut of_one), (&mut all, &Rule::ALL, &mut of_all)]
            {
                match throttle.reserve(now_ms, rule) {
                    Ok(()) => times.push(now_ms),
                    Err(RetryAfter { wait_ms }) => {
                        prop_assert!((1..=rule.longest_wait_ms).contains(&wait_ms));
                    }
                }
            }
        }
        prop_assert!(most_in_a_minute(&of_one) <= 10);
        prop_assert!(most_in_a_minute(&of_all) <= 60);
    }

    #[test]
    fn no_clock_and_no_stored_row_makes_it_fail(
        rows in (any::<u32>(), any::<i64>(), any::<i64>()),
        times in proptest::collection::vec(any::<i64>(), 1..20),
    ) {
        let (failures, blocked_until_ms, last_ms) = rows;
        let mut throttle = Throttle { failures, blocked_until_ms, last_ms };
        for now_ms in times {
            if let Err(RetryAfter { wait_ms }) = throttle.reserve(now_ms, &Rule::ONE) {
                prop_assert!((1..=LONGEST_WAIT_MS).contains(&wait_ms));
            } else {
                throttle.forgive(now_ms, &Rule::ONE);
            }
        }
    }
}
