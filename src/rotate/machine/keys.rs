//! How the keys of a record change.

use std::ops::RangeBounds;

use super::record::{Generation, Record, Time};

/// More keys than a rotation ever has. Without a bound, somebody could fill the record by changing the key at
/// PandaDoc so often that none gets old enough to be retired.
const MOST_KEYS: usize = 32;

impl<K> Record<K> {
    /// Adds a key, as the current one.
    pub(super) fn add(&mut self, key: K, now: Time, confirmed: bool) {
        self.make_room();
        self.generations += 1;
        self.keys.push(Generation {
            number: self.generations,
            key,
            learned: now,
            confirmed,
            last_match: None,
            revoked: false,
        });
        if confirmed {
            self.since = now;
        }
    }

    /// Puts the key that was just added before the one that was the current one.
    pub(super) fn put_before_current(&mut self) {
        if let [.., current, added] = &mut self.keys[..] {
            std::mem::swap(current, added);
        }
    }

    /// Makes the key of this generation the current one. Tells whether another one was.
    pub(super) fn make_current(&mut self, number: u64) -> bool {
        let index = self.keys.iter().position(|key| key.number == number);
        let other = index.filter(|index| index + 1 < self.keys.len());
        if let Some(index) = other {
            self.keys[index..].rotate_left(1);
        }
        other.is_some()
    }

    pub(super) fn generation_mut(&mut self, number: u64) -> Option<&mut Generation<K>> {
        self.keys.iter_mut().find(|key| key.number == number)
    }

    /// Drops keys. Those that leaked are remembered.
    pub(super) fn drop_keys(&mut self, range: impl RangeBounds<usize>) {
        let dropped = self.keys.drain(range).filter(|key| key.revoked);
        self.leaked.extend(dropped.map(|key| key.key));
    }

    /// Drops the oldest key of very many, unless the provider isn't known to have had a newer one.
    pub(super) fn make_room(&mut self) {
        let confirmed = self.keys.iter().filter(|key| key.confirmed);
        let newest = confirmed.map(|key| key.number).max();
        let oldest = self.keys.iter().position(|key| Some(key.number) < newest);
        if let Some(oldest) = oldest.filter(|_| self.keys.len() >= MOST_KEYS) {
            self.drop_keys(oldest..=oldest);
        }
    }
}
