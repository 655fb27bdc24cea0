//! Two records that were both stored, although neither follows from the other: the store was set back.

use super::policy::Maker;
use super::record::{Generation, Phase, Record, Time};

/// Returns `base` with the keys that only `other` knows. Without such keys, `base` is returned as it is.
///
/// A store that follows another one may take its place before it has the latest records. A process that has seen
/// these knows keys that the store has lost, and the provider may sign with one of them.
pub(crate) fn merged<K: Clone + PartialEq>(
    maker: Maker,
    base: &Record<K>,
    other: &Record<K>,
    now: Time,
) -> Record<K> {
    let lost = other.keys.iter().filter(|key| base.has_lost(key));
    let lost: Vec<_> = lost.cloned().collect();
    let mut merged = base.clone();
    if lost.is_empty() {
        return merged;
    }
    merged.generations = merged.generations.max(other.generations);
    merged.epoch = merged.epoch.max(other.epoch);
    merged.settle_until = merged.settle_until.max(other.settle_until);
    for key in &other.leaked {
        if !merged.leaked.contains(key) {
            merged.leaked.push(key.clone());
        }
    }
    for key in lost {
        merged.put_back(key);
    }
    // The ages that retirement asks for count from now.
    merged.since = now;
    match (&merged.phase, maker) {
        // Reads tell which of them is the current one.
        (Phase::Steady | Phase::Retiring { .. }, Maker::Provider) => merged.phase = Phase::Overlap,
        // The provider may have any of them, so it is given the newest again.
        (Phase::Steady | Phase::Overlap, Maker::Service) => {
            if let Some(newest) = merged.keys.iter().map(|key| key.number).max() {
                merged.make_current(newest);
            }
            if let Some(current) = merged.keys.last_mut() {
                current.confirmed = false;
            }
            merged.failures = 0;
            merged.phase = Phase::Prepared;
        }
        _ => {}
    }
    merged
}

impl<K: Clone + PartialEq> Record<K> {
    /// Tells whether this record never knew a key. One that it has dropped has a number that it gave.
    fn has_lost(&self, key: &Generation<K>) -> bool {
        let is_known = self.generation_of(&key.key).is_some() || self.leaked.contains(&key.key);
        let has_number = self.keys.iter().any(|it| it.number == key.number);
        !is_known && (has_number || key.number > self.generations)
    }

    /// Adds a key before the current one, which may be about to be sent.
    fn put_back(&mut self, key: Generation<K>) {
        self.make_room();
        self.generations += 1;
        let number = self.generations;
        self.keys.push(Generation { number, ..key });
        self.put_before_current();
    }
}
