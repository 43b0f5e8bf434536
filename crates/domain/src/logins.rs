//! How long a login link and a login are good for. All times are milliseconds since the Unix
//! epoch; a record is good until, not including, the moment it expires.

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// How long a login link can be used, in milliseconds.
pub const LINK_LIFETIME_MS: i64 = 10 * MINUTE_MS;
/// How long a login lives without being used, in milliseconds.
pub const IDLE_MS: i64 = 12 * HOUR_MS;
/// How long a login lives at most, in milliseconds.
pub const ABSOLUTE_MS: i64 = 30 * 24 * HOUR_MS;
/// How long after it proved who it is a login may do what is dangerous, in milliseconds.
pub const FRESH_MS: i64 = 5 * MINUTE_MS;

/// Whether a credential can be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity<R> {
    /// It can.
    Valid,
    /// It cannot, any more.
    Expired(R),
}

/// A login link as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkTimes {
    /// When it stops working.
    pub expires_at_ms: i64,
    /// When it was used, if it was.
    pub used_at_ms: Option<i64>,
}

/// Why a login link does not work any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkExpiry {
    /// It was used; it works once.
    Used,
    /// It is older than [`LINK_LIFETIME_MS`].
    Old,
}

impl LinkTimes {
    /// A link made now.
    pub fn issued_at(now_ms: i64) -> Self {
        Self { expires_at_ms: now_ms.saturating_add(LINK_LIFETIME_MS), used_at_ms: None }
    }

    /// Whether the link logs somebody in now.
    pub fn validity(self, now_ms: i64) -> Validity<LinkExpiry> {
        if self.used_at_ms.is_some() {
            Validity::Expired(LinkExpiry::Used)
        } else if now_ms >= self.expires_at_ms {
            Validity::Expired(LinkExpiry::Old)
        } else {
            Validity::Valid
        }
    }
}

/// A login as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginTimes {
    /// When it began.
    pub created_at_ms: i64,
    /// When it was last used.
    pub last_seen_at_ms: i64,
    /// When it last proved who it is, by logging in or by doing so anew.
    pub fresh_at_ms: i64,
}

/// Why a login is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginExpiry {
    /// Not used for [`IDLE_MS`].
    Idle,
    /// Older than [`ABSOLUTE_MS`], however busy it is.
    Absolute,
}

impl LoginTimes {
    /// When a login proved who it is that never did.
    pub const NEVER_FRESH_MS: i64 = 0;

    /// A login that begins now by proving who it is.
    pub fn begun_at(now_ms: i64) -> Self {
        Self { created_at_ms: now_ms, last_seen_at_ms: now_ms, fresh_at_ms: now_ms }
    }

    /// A login that begins now because somebody else let it in.
    pub fn let_in_at(now_ms: i64) -> Self {
        Self { fresh_at_ms: Self::NEVER_FRESH_MS, ..Self::begun_at(now_ms) }
    }

    /// Whether the login proved who it is within [`FRESH_MS`]. By a clock that was set back
    /// further than that nothing is fresh: logging in anew is little to ask.
    pub fn is_fresh(self, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.fresh_at_ms).saturating_abs() < FRESH_MS
    }

    /// Whether the login still stands.
    pub fn validity(self, now_ms: i64) -> Validity<LoginExpiry> {
        if now_ms.saturating_sub(self.created_at_ms) >= ABSOLUTE_MS {
            Validity::Expired(LoginExpiry::Absolute)
        } else if now_ms.saturating_sub(self.last_seen_at_ms) >= IDLE_MS {
            Validity::Expired(LoginExpiry::Idle)
        } else {
            Validity::Valid
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: i64 = 1_700_000_000_000;
    const DAY_MS: i64 = 24 * HOUR_MS;

    #[test]
    fn a_link_works_once_within_ten_minutes() {
        fn check(used_at_ms: Option<i64>, now_ms: i64, expected: Validity<LinkExpiry>) {
            let link = LinkTimes { used_at_ms, ..LinkTimes::issued_at(T) };
            assert_eq!(link.validity(now_ms), expected, "used {used_at_ms:?}, now {now_ms}");
        }
        check(None, T, Validity::Valid);
        check(None, T + 599_999, Validity::Valid);
        check(None, T + 600_000, Validity::Expired(LinkExpiry::Old));
        check(Some(T + 1), T + 2, Validity::Expired(LinkExpiry::Used));
        check(Some(T + 1), T + 600_000, Validity::Expired(LinkExpiry::Used));
        // A clock that was set back does not revive anything, and does not lock anybody out.
        check(None, T - 1, Validity::Valid);
    }

    #[test]
    fn a_login_ends_when_idle_and_at_thirty_days() {
        fn check(last_seen_at_ms: i64, now_ms: i64, expected: Validity<LoginExpiry>) {
            let login = LoginTimes { last_seen_at_ms, ..LoginTimes::begun_at(T) };
            assert_eq!(login.validity(now_ms), expected, "seen {last_seen_at_ms}, now {now_ms}");
        }
        check(T, T, Validity::Valid);
        check(T, T + 12 * HOUR_MS - 1, Validity::Valid);
        check(T, T + 12 * HOUR_MS, Validity::Expired(LoginExpiry::Idle));
        check(T + 11 * HOUR_MS, T + 13 * HOUR_MS, Validity::Valid);
        let busy_until_the_end = T + 30 * DAY_MS - 1;
        check(busy_until_the_end, T + 30 * DAY_MS - 1, Validity::Valid);
        check(busy_until_the_end, T + 30 * DAY_MS, Validity::Expired(LoginExpiry::Absolute));
        check(T, T + 31 * DAY_MS, Validity::Expired(LoginExpiry::Absolute));
        check(T, T - 1, Validity::Valid);
    }
    #[test]
    fn a_login_is_fresh_for_five_minutes() {
        let renewed = LoginTimes { fresh_at_ms: T, ..LoginTimes::begun_at(T - DAY_MS) };
        for (now_ms, fresh) in [
            (T, true),
            (T + 299_999, true),
            (T + 300_000, false),
            (T + DAY_MS, false),
            (T - 299_999, true),
            (T - 300_000, false),
            (i64::MIN, false),
            (i64::MAX, false),
        ] {
            assert_eq!(renewed.is_fresh(now_ms), fresh, "{now_ms}");
            assert_eq!(LoginTimes::begun_at(T).is_fresh(now_ms), fresh, "{now_ms}");
            assert!(!LoginTimes::let_in_at(T).is_fresh(now_ms), "{now_ms}");
        }
    }
}
