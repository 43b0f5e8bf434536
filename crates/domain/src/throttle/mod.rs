//! How many wrong credentials somebody may try. All times are milliseconds since the Unix epoch.
//!
//! An attempt is [reserved](Throttle::reserve) before it is evaluated, as if it had failed, and
//! [forgiven](Throttle::forgive) when it turns out right: of many at once no more are evaluated
//! than of many in turn. Each attempt counts for what is attempted, for where it comes from, and
//! for all of its kind together ([`Key`]); [`Throttles`] keeps them.
//!
//! A clock that is set back neither locks anybody out for longer than one wait nor ends a wait:
//! the wait begins anew under the new clock.

mod key;
mod table;

use protocol::error::{ApiError, ErrorCode};

pub use self::key::{Key, Kind};
pub use self::table::{KEPT, Throttles};

const SECOND_MS: i64 = 1000;
/// The longest wait after a failure.
pub const LONGEST_WAIT_MS: i64 = 15 * 60 * SECOND_MS;
/// More failures are not told apart, or it would take for ever to forget them.
const DOUBLINGS: u32 = 10;

/// How attempts are spaced: so many failures are free, and each one after that doubles the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Failures after which waiting begins.
    pub free: u32,
    /// The first wait.
    pub first_wait_ms: i64,
    /// The longest wait.
    pub longest_wait_ms: i64,
    /// Time without an attempt after which one failure is forgotten, as often as it passed.
    pub forget_ms: i64,
}

impl Rule {
    /// For one account, and for one address: at most 10 attempts in any minute, four an hour from
    /// one who does not stop. Five at once; those after 1, 3, 7, 15 and 31 seconds make ten.
    pub const ONE: Self = Self {
        free: 5,
        first_wait_ms: SECOND_MS,
        longest_wait_ms: LONGEST_WAIT_MS,
        forget_ms: LONGEST_WAIT_MS,
    };
    /// For all together: at most 60 in any minute, half of them at once. The wait stays short,
    /// since what all share must not be a way to lock everybody out.
    pub const ALL: Self = Self {
        free: 30,
        first_wait_ms: 2 * SECOND_MS,
        longest_wait_ms: 2 * SECOND_MS,
        forget_ms: 2 * SECOND_MS,
    };

    /// The wait after the last of this many failures.
    fn wait_ms(self, failures: u32) -> i64 {
        match failures.checked_sub(self.free) {
            None => 0,
            Some(over) => (self.first_wait_ms << over.min(DOUBLINGS)).min(self.longest_wait_ms),
        }
    }
}

/// Attempts under one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throttle {
    /// Failures that are not forgotten.
    pub failures: u32,
    /// No attempt is evaluated before.
    pub blocked_until_ms: i64,
    /// When the last attempt was made.
    pub last_ms: i64,
}

/// Too many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("There were too many attempts. Wait {}, then try again.", words(*.wait_ms))]
pub struct RetryAfter {
    /// Time until one will be evaluated, in milliseconds; at least 1.
    pub wait_ms: i64,
}

fn words(wait_ms: i64) -> String {
    let seconds = wait_ms.saturating_add(SECOND_MS - 1) / SECOND_MS;
    match seconds {
        ..=1 => "a second".into(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    }
}

impl From<RetryAfter> for ApiError {
    fn from(refusal: RetryAfter) -> Self {
        Self {
            retry_after_ms: u64::try_from(refusal.wait_ms).ok(),
            ..Self::new(ErrorCode::TooMany, refusal.to_string())
        }
    }
}

impl Throttle {
    /// Whether an attempt would be evaluated now. Counts nothing, but takes note of a clock that
    /// was set back.
    pub fn may(&mut self, now_ms: i64, rule: &Rule) -> Result<(), RetryAfter> {
        if now_ms < self.last_ms {
            let wait_ms = self.blocked_until_ms.saturating_sub(self.last_ms).max(0);
            self.last_ms = now_ms;
            self.blocked_until_ms = now_ms.saturating_add(wait_ms);
        }
        // However the time got there, nobody waits longer than that.
        let wait_ms = self.blocked_until_ms.saturating_sub(now_ms).min(rule.longest_wait_ms);
        if wait_ms > 0 { Err(RetryAfter { wait_ms }) } else { Ok(()) }
    }

    /// Counts an attempt as failed, if it may be evaluated at all.
    pub fn reserve(&mut self, now_ms: i64, rule: &Rule) -> Result<(), RetryAfter> {
        self.may(now_ms, rule)?;
        let forgotten = now_ms.saturating_sub(self.last_ms) / rule.forget_ms;
        let forgotten = u32::try_from(forgotten).unwrap_or(u32::MAX);
        let failures = self.failures.saturating_sub(forgotten).saturating_add(1);
        self.failures = failures.min(rule.free + DOUBLINGS);
        self.last_ms = now_ms;
        self.blocked_until_ms = now_ms.saturating_add(rule.wait_ms(self.failures));
        Ok(())
    }

    /// Takes back the attempt that was reserved at `reserved_at_ms`: it was right.
    pub fn forgive(&mut self, reserved_at_ms: i64, rule: &Rule) {
        self.failures = self.failures.saturating_sub(1);
        let until_ms = if self.last_ms == reserved_at_ms {
            // The last one, and it could only be made because nobody had to wait.
            reserved_at_ms
        } else {
            self.last_ms.saturating_add(rule.wait_ms(self.failures))
        };
        self.blocked_until_ms = self.blocked_until_ms.min(until_ms);
    }
}

#[cfg(test)]
mod tests;
