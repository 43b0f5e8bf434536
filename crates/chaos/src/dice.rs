//! Chance that can be repeated: xorshift64* from a seed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A sequence of numbers that its seed decides.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The sequence of this seed and this name: experiments do not shift each other's numbers.
    pub(crate) fn new(seed: u64, name: &str, turn: u32) -> Self {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for byte in name.bytes().chain(turn.to_le_bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        // Zero would stay zero for ever.
        Self(state | 1)
    }

    /// A seed for a run that was given none.
    pub(crate) fn any_seed() -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_secs() % 1_000_000
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A place in something of this length, which is not 0.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    /// A time up to `longest`, to the microsecond.
    pub(crate) fn within(&mut self, longest: Duration) -> Duration {
        let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.below(micros.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_its_own_numbers_again() {
        let take = |seed, name, turn| {
            let mut dice = Dice::new(seed, name, turn);
            (0..5).map(|_| dice.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(take(7, "F1", 0), take(7, "F1", 0));
        assert_ne!(take(7, "F1", 0), take(8, "F1", 0));
        assert_ne!(take(7, "F1", 0), take(7, "F2", 0));
        assert_ne!(take(7, "F1", 0), take(7, "F1", 1));
    }
}
