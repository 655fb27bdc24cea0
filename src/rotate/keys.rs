//! The keys that a rotation accepts, and when deliveries last matched each of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::machine::record::{Record, Time};
use super::time::to_millis;
use crate::secret::Secret;
use crate::verify::last_match::LastMatch;
use crate::verify::{Key, KeyRing, RingKey, Scheme};

/// The ring of a receiver, and the last match of each key, revoked ones included.
pub(super) struct Keys<S: Scheme> {
    pub(super) ring: KeyRing<S>,
    /// The last match of each stored generation.
    matches: Mutex<HashMap<u64, Arc<LastMatch>>>,
}

impl<S: Scheme> Keys<S> {
    pub(super) fn new() -> Self {
        Self {
            ring: KeyRing::default(),
            matches: Mutex::default(),
        }
    }

    /// Accepts the keys of this record, and those that couldn't be stored yet. The newest key comes first.
    pub(super) fn accept(&self, record: &Record<Secret>, unstored: &[Secret]) {
        let mut matches = self.matches();
        matches.retain(|number, _| record.keys.iter().any(|key| key.number == *number));
        let is_new = |key: &&Secret| record.generation_of(key).is_none();
        let unstored = unstored.iter().filter(is_new).enumerate();
        let unstored = unstored.map(|(n, key)| (format!("not stored yet {}", n + 1), key, None));
        let stored = record.keys.iter().rev().filter(|key| record.accepts(key));
        let stored = stored.map(|key| {
            let last_match = matches.entry(key.number).or_default().clone();
            let id = format!("generation {}", key.number);
            (id, &key.key, Some(last_match))
        });
        let ring = unstored.chain(stored).filter_map(|(id, key, last_match)| {
            // Each key was checked when it was read.
            let key = RingKey::new(id, Key::new(key).ok()?);
            Some(match last_match {
                Some(last_match) => key.last_match(last_match),
                None => key,
            })
        });
        // The ids are made of different numbers.
        let replaced = self.ring.replace(ring);
        debug_assert!(replaced.is_ok());
    }

    /// Returns the generations that matched later than this record knows, each with the time.
    pub(super) fn unrecorded(&self, record: &Record<Secret>) -> Vec<(u64, Time)> {
        let seen = record.keys.iter().filter_map(|key| {
            let seen = self.last_match(key.number)?;
            (Some(seen) > key.last_match).then_some((key.number, seen))
        });
        seen.collect()
    }

    /// Returns when a delivery last matched this generation in this process.
    pub(super) fn last_match(&self, generation: u64) -> Option<Time> {
        let last_match = self.matches().get(&generation)?.get()?;
        Some(to_millis(last_match))
    }

    fn matches(&self) -> MutexGuard<'_, HashMap<u64, Arc<LastMatch>>> {
        // Nothing that holds the lock panics.
        self.matches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
