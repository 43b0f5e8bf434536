//! All throttles of a host.

use std::collections::{BTreeSet, HashMap};

use super::{Key, RetryAfter, Throttle};

/// Throttles that are kept; those that were not used for longest go.
pub const KEPT: usize = 10_000;

/// All throttles of a host, by the texts of their keys.
#[derive(Clone, Debug, Default)]
pub struct Throttles {
    by_key: HashMap<String, Throttle>,
    changed: BTreeSet<String>,
}

impl Throttles {
    /// Those that were stored.
    pub fn stored(rows: impl IntoIterator<Item = (String, Throttle)>) -> Self {
        Self { by_key: rows.into_iter().take(KEPT).collect(), changed: BTreeSet::new() }
    }

    /// Counts one attempt under all of these keys as failed, before it is evaluated. When it may
    /// not be evaluated under one of them, it counts under none.
    pub fn reserve(&mut self, keys: &[Key], now_ms: i64) -> Result<(), RetryAfter> {
        let refusal = keys.iter().filter_map(|key| self.may(key, now_ms).err()).max();
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        for key in keys {
            let name = key.to_string();
            if !self.by_key.contains_key(&name) {
                self.make_room();
            }
            // It may, as was just asked; a key that is named twice counts once.
            let _once = self.by_key.entry(name.clone()).or_default().reserve(now_ms, key.rule());
            self.changed.insert(name);
        }
        Ok(())
    }

    /// Takes back the attempt that was reserved at `reserved_at_ms`: it was right.
    pub fn forgive(&mut self, keys: &[Key], reserved_at_ms: i64) {
        for key in keys {
            let name = key.to_string();
            if let Some(throttle) = self.by_key.get_mut(&name) {
                throttle.forgive(reserved_at_ms, key.rule());
                self.changed.insert(name);
            }
        }
    }

    /// What changed since this was last asked, for the store.
    pub fn changed(&mut self) -> Vec<(String, Throttle)> {
        std::mem::take(&mut self.changed)
            .into_iter()
            .filter_map(|name| self.by_key.get(&name).map(|throttle| (name.clone(), *throttle)))
            .collect()
    }

    /// Takes back that these were asked for, since they were not stored.
    pub fn not_stored(&mut self, changed: Vec<(String, Throttle)>) {
        let there = changed.into_iter().map(|(name, _)| name);
        self.changed.extend(there.filter(|name| self.by_key.contains_key(name)));
    }

    fn may(&mut self, key: &Key, now_ms: i64) -> Result<(), RetryAfter> {
        let Some(throttle) = self.by_key.get_mut(&key.to_string()) else { return Ok(()) };
        throttle.may(now_ms, key.rule())
    }

    fn make_room(&mut self) {
        if self.by_key.len() < KEPT {
            return;
        }
        let oldest = self.by_key.iter().min_by_key(|(_, throttle)| throttle.last_ms);
        if let Some(name) = oldest.map(|(name, _)| name.clone()) {
            self.by_key.remove(&name);
        }
    }
}
