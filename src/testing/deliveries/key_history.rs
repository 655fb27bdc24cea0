//! The signing keys that a subscription has had.

use std::time::SystemTime;

use crate::secret::Secret;

/// The most previous keys that are kept. Enough for every delayed switch, and bounded for load tests.
const MAX_PREVIOUS: usize = 1_000;

/// The current key of a subscription and the previous ones, each with its start.
pub(crate) struct KeyHistory {
    previous: Vec<(SystemTime, Secret)>,
    /// The number of the current key. The first key of a subscription is number 1.
    generation: u64,
    current_since: SystemTime,
    current: Secret,
}

impl KeyHistory {
    pub(crate) fn new(now: SystemTime, key: Secret) -> Self {
        Self {
            previous: Vec::new(),
            generation: 1,
            current_since: now,
            current: key,
        }
    }

    pub(crate) fn replace(&mut self, now: SystemTime, key: Secret) {
        if self.current == key {
            return;
        }
        if self.previous.len() == MAX_PREVIOUS {
            self.previous.remove(0);
        }
        let previous = std::mem::replace(&mut self.current, key);
        self.previous.push((self.current_since, previous));
        self.current_since = now;
        self.generation += 1;
    }

    pub(crate) fn current(&self) -> &Secret {
        &self.current
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns the key that was current at a time, or the oldest known one.
    pub(crate) fn current_at(&self, time: SystemTime) -> &Secret {
        if self.current_since <= time {
            return &self.current;
        }
        let then = self.previous.iter().rev().find(|(since, _)| *since <= time);
        match then.or(self.previous.first()) {
            Some((_, key)) => key,
            None => &self.current,
        }
    }
}
