//! The signing keys that a subscription has had.

use std::time::SystemTime;

use crate::secret::Secret;

/// The most previous keys that are kept. Enough for every delayed switch, and bounded for load tests.
const MAX_PREVIOUS: usize = 1_000;

/// The current key of a subscription and the previous ones.
pub(crate) struct KeyHistory {
    previous: Vec<KeyGeneration>,
    current: KeyGeneration,
}

/// A key, its number and its start.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct KeyGeneration {
    /// The first key of a subscription is number 1, and each later one has the next number.
    pub(crate) number: u64,
    pub(crate) key: Secret,
    since: SystemTime,
}

impl KeyHistory {
    pub(crate) fn new(now: SystemTime, key: Secret) -> Self {
        Self {
            previous: Vec::new(),
            current: KeyGeneration {
                number: 1,
                key,
                since: now,
            },
        }
    }

    /// Returns the history of a key that no provider made. It has number 0.
    pub(crate) fn forged(key: Secret) -> Self {
        let mut history = Self::new(SystemTime::UNIX_EPOCH, key);
        history.current.number = 0;
        history
    }

    pub(crate) fn replace(&mut self, now: SystemTime, key: Secret) {
        if self.current.key == key {
            return;
        }
        if self.previous.len() == MAX_PREVIOUS {
            self.previous.remove(0);
        }
        let next = KeyGeneration {
            number: self.current.number + 1,
            key,
            since: now,
        };
        self.previous
            .push(std::mem::replace(&mut self.current, next));
    }

    pub(crate) fn current(&self) -> &KeyGeneration {
        &self.current
    }

    /// Returns the key that was current at a time, or the oldest known one.
    pub(crate) fn current_at(&self, time: SystemTime) -> &KeyGeneration {
        if self.current.since <= time {
            return &self.current;
        }
        let then = self.previous.iter().rev().find(|it| it.since <= time);
        then.or(self.previous.first()).unwrap_or(&self.current)
    }
}
