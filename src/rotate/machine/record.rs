//! The record of a rotation: one document for each subscription.

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since the Unix epoch. The driver reads the clock.
pub(crate) type Time = u64;

/// All that a rotation must remember over a crash. Nothing about it is stored anywhere else, so nothing can be
/// left over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Record<K> {
    pub(crate) phase: Phase,
    /// The known keys, never none. The last is the current one, as far as is known: the one that the provider showed
    /// last, or that it is to be given.
    pub(crate) keys: Vec<Generation<K>>,
    /// Keys that leaked and were replaced. They are kept, so that an old read or answer can't bring one back.
    pub(crate) leaked: Vec<K>,
    /// How many keys there have been. The one that was learned last has this number.
    pub(crate) generations: u64,
    /// How many claims there have been. The last one has this number.
    pub(crate) epoch: u64,
    /// No rotation begins, and no key is dropped, before this time: a request that was sent may still arrive.
    pub(crate) settle_until: Time,
    /// When a key was last confirmed. The ages that retirement asks for count from here.
    pub(crate) since: Time,
    /// When a process was last told to read the key or to make one. All processes together keep a distance.
    pub(crate) asked_at: Time,
    /// When the next rotation is due, or the next attempt.
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
    /// Whether it leaked. It is accepted no more once a newer key is confirmed, and known until it is retired.
    pub(crate) revoked: bool,
}

/// The phase of a rotation.
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
    /// More than one key is known.
    Overlap,
    /// All keys but the current one are to go, once two reads some time apart have shown it. The first of them began
    /// at `first_read`.
    Retiring { first_read: Option<Time> },
    /// Somebody must look. Every key stays accepted.
    Attention(Reason),
}

/// The right to send one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// The process that claimed it.
    pub(crate) owner: u64,
    pub(crate) epoch: u64,
    /// How many keys there had been when it was claimed. If there are more now, the key was changed.
    pub(crate) base: u64,
    /// The request isn't sent at or after this time.
    pub(crate) send_by: Time,
}

/// Why a rotation waits for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Reason {
    /// Too often, the provider rejected the change, answered with a key of before, or couldn't be asked.
    Rejected,
    /// The answers to too many requests were lost. PandaDoc's key didn't change. Ratepay's may have.
    Unanswered,
    /// The old key still signs deliveries at the end of its time, and the new one has signed none.
    NewKeyUnused,
    /// The provider answered with another secret than it was given.
    EchoDiffers,
}

impl<K> Record<K> {
    /// Makes the record of a subscription whose key is known, before its first rotation.
    pub(crate) fn adopted(key: K, now: Time, next_at: Option<Time>) -> Self {
        let mut record = Self {
            phase: Phase::Steady,
            keys: Vec::new(),
            leaked: Vec::new(),
            generations: 0,
            epoch: 0,
            settle_until: now,
            since: now,
            asked_at: 0,
            next_at,
            failures: 0,
        };
        record.add(key, now, true);
        // The read that showed this key is over, so one that begins now is news, and may begin a rotation.
        record.since = now.saturating_sub(1);
        record
    }

    /// Tells whether deliveries signed with this key are accepted. A key that leaked isn't, once a newer one is
    /// confirmed.
    pub(crate) fn accepts(&self, generation: &Generation<K>) -> bool {
        let replaces = |newer: &Generation<K>| newer.confirmed && newer.number > generation.number;
        !generation.revoked || !self.keys.iter().any(replaces)
    }

    /// Returns the current key, as far as is known.
    pub(crate) fn current(&self) -> Option<&Generation<K>> {
        self.keys.last()
    }

    /// Tells whether a rotation may not wait for the end of the one before: the current key leaked.
    pub(crate) fn is_forced(&self) -> bool {
        self.current().is_some_and(|current| current.revoked)
    }
}

impl<K: PartialEq> Record<K> {
    /// Returns the number of this key, if it is known.
    pub(crate) fn generation_of(&self, key: &K) -> Option<u64> {
        let generation = self.keys.iter().find(|generation| generation.key == *key);
        generation.map(|generation| generation.number)
    }
}
