//! The keys that a rotation accepts, and when deliveries last matched each of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;

use super::machine::record::{Record, Time};
use super::time::to_millis;
use crate::secret::Secret;
use crate::verify::{Key, KeyRing, RingKey, Scheme, Verified};

/// The ring of a receiver, and the last match of each key, revoked ones included.
pub(super) struct Keys<S: Scheme> {
    pub(super) ring: KeyRing<S>,
    matches: ArcSwap<Vec<Arc<LastMatch>>>,
}

struct LastMatch {
    id: Arc<str>,
    /// The number of the generation, or 0 for a key that isn't stored yet.
    generation: u64,
    /// Milliseconds since the Unix epoch, or 0 for never.
    at: AtomicU64,
}

impl<S: Scheme> Keys<S> {
    pub(super) fn new() -> Self {
        Self {
            ring: KeyRing::default(),
            matches: ArcSwap::default(),
        }
    }

    /// Accepts the keys of this record, and those that couldn't be stored yet. The newest key comes first.
    pub(super) fn accept(&self, record: &Record<Secret>, unstored: &[Secret]) {
        let stored = record.keys.iter().rev().map(|key| {
            let id = format!("generation {}", key.number);
            (id, key.number, &key.key, record.accepts(key))
        });
        let is_new = |key: &&Secret| record.generation_of(key).is_none();
        let unstored = unstored.iter().filter(is_new).enumerate();
        let unstored = unstored.map(|(n, key)| (format!("not stored yet {}", n + 1), 0, key, true));
        let before = self.matches.load();
        let mut ring = Vec::new();
        let mut matches = Vec::new();
        for (id, generation, key, is_accepted) in unstored.chain(stored) {
            let known = before
                .iter()
                .find(|it| generation > 0 && it.generation == generation);
            let last = known.cloned().unwrap_or_else(|| {
                Arc::new(LastMatch {
                    id: id.into(),
                    generation,
                    at: AtomicU64::new(0),
                })
            });
            // Each key was checked when it was read.
            if let (true, Ok(key)) = (is_accepted, Key::new(key)) {
                ring.push(RingKey::new(last.id.clone(), key));
            }
            matches.push(last);
        }
        self.matches.store(Arc::new(matches));
        // The ids are made of different numbers.
        let replaced = self.ring.replace(ring);
        debug_assert!(replaced.is_ok());
    }

    /// Remembers that a delivery matched. It takes no lock and allocates nothing.
    pub(super) fn matched(&self, verified: &Verified, now: SystemTime) {
        let matches = self.matches.load();
        let last = matches.iter().find(|it| *it.id == *verified.key_id());
        if let Some(last) = last {
            last.at.fetch_max(to_millis(now), Ordering::Relaxed);
        }
    }

    /// Returns the generations that matched later than this record knows, each with the time.
    pub(super) fn unrecorded(&self, record: &Record<Secret>) -> Vec<(u64, Time)> {
        let seen = |number| {
            let matches = self.matches.load();
            let last = matches.iter().find(|it| it.generation == number);
            last.map_or(0, |last| last.at.load(Ordering::Relaxed))
        };
        let keys = record.keys.iter();
        let times = keys.map(|key| (key.number, seen(key.number), key.last_match.unwrap_or(0)));
        let newer = times.filter(|(_, seen, recorded)| seen > recorded);
        newer.map(|(number, seen, _)| (number, seen)).collect()
    }

    /// Returns when a delivery last matched this generation in this process.
    pub(super) fn last_match(&self, generation: u64) -> Option<Time> {
        let matches = self.matches.load();
        let last = matches.iter().find(|it| it.generation == generation)?;
        Some(last.at.load(Ordering::Relaxed)).filter(|at| *at > 0)
    }
}
