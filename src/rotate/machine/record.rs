//! What is stored of a rotation: one document for each subscription.

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since the Unix epoch. The driver reads the clock.
pub(crate) type Time = u64;

/// All that a rotation must remember over a crash. Nothing about it is stored anywhere else, so nothing can be
/// left over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Record<K> {
    pub(crate) phase: Phase,
    /// The accepted keys, in the order in which they were learned. The last is usually the current one. It isn't
    /// where a late answer brought a key that somebody had replaced by then.
    pub(crate) keys: Vec<Generation<K>>,
    /// How many keys there have been. The last one has this number.
    pub(crate) generations: u64,
    /// How many claims there have been. The last one has this number.
    pub(crate) epoch: u64,
    /// No rotation begins, and no key is dropped, before this time: a request that was sent may still arrive.
    pub(crate) settle_until: Time,
    /// When the next rotation is due.
    pub(crate) next_at: Option<Time>,
    /// How many attempts in a row changed nothing.
    pub(crate) failures: u32,
}

/// A key, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Generation<K> {
    /// Counts up from 1, and is never given twice.
    pub(crate) number: u64,
    pub(crate) key: K,
    /// When this service learned of it, or made it.
    pub(crate) learned: Time,
    /// Whether the provider has shown or echoed it. A secret of ours that wasn't echoed may be in use or not.
    pub(crate) confirmed: bool,
    /// When a delivery last matched it.
    pub(crate) last_match: Option<Time>,
    /// Whether it leaked: it goes as soon as a newer key is confirmed.
    pub(crate) revoked: bool,
}

/// Where a rotation is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// One key, and no rotation under way.
    Steady,
    /// The secret that the provider is to be given is stored and accepted here. Every replica must have it before
    /// it is sent.
    Prepared,
    /// One request to change the key is, or may be, under way.
    Calling(Claim),
    /// The answer to that request was lost. Reads tell whether the key changed.
    Settling(Claim),
    /// More than one key is accepted.
    Overlap,
    /// All keys but one are to go: the one that two reads in a row show, some time apart.
    Retiring { shown: Option<Shown> },
    /// Somebody must look. Every key stays accepted.
    Attention(Reason),
}

/// The right to send one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// The process that claimed it.
    pub(crate) owner: u64,
    pub(crate) epoch: u64,
    /// The newest generation when it was claimed. A newer one means that the key was changed.
    pub(crate) base: u64,
    /// The request isn't sent at or after this time.
    pub(crate) send_by: Time,
}

/// A read that showed the key of this generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub(crate) generation: u64,
    pub(crate) began: Time,
}

/// Why a rotation waits for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Reason {
    /// The provider rejected the change too often.
    Rejected,
    /// The old key still signs deliveries at the end of its time, and the new one has signed none.
    NewKeyUnused,
    /// The provider answered with another secret than it was given.
    EchoDiffers,
}

impl<K: Clone + PartialEq> Record<K> {
    /// A subscription whose key is known, before its first rotation.
    pub(crate) fn adopted(key: K, now: Time, next_at: Option<Time>) -> Self {
        let mut record = Self {
            phase: Phase::Steady,
            keys: Vec::new(),
            generations: 0,
            epoch: 0,
            settle_until: now,
            next_at,
            failures: 0,
        };
        record.add(key, now, true);
        record
    }

    /// The number of the key that was learned last.
    pub(crate) fn newest(&self) -> u64 {
        self.keys.last().map_or(0, |newest| newest.number)
    }

    pub(crate) fn newest_confirmed(&self) -> u64 {
        let confirmed = self.keys.iter().rev().find(|key| key.confirmed);
        confirmed.map_or(0, |key| key.number)
    }

    pub(crate) fn may_begin(&self, now: Time) -> bool {
        self.phase == Phase::Steady && self.settle_until <= now
    }

    pub(crate) fn generation_of(&self, key: &K) -> Option<u64> {
        let generation = self.keys.iter().find(|generation| generation.key == *key);
        generation.map(|generation| generation.number)
    }

    pub(crate) fn add(&mut self, key: K, now: Time, confirmed: bool) {
        self.generations += 1;
        self.keys.push(Generation {
            number: self.generations,
            key,
            learned: now,
            confirmed,
            last_match: None,
            revoked: false,
        });
    }
}
