//! The keys that a subscription has had.

use std::time::SystemTime;

use crate::secret::Secret;

/// How many former keys are known: enough for any switch that is delayed, bounded for load tests.
const FORMER: usize = 1_000;

/// The key in force, and since when; before it those of the past.
pub(super) struct Keys {
    former: Vec<(SystemTime, Secret)>,
    since: SystemTime,
    present: Secret,
}

impl Keys {
    pub(super) fn new(now: SystemTime, key: Secret) -> Self {
        Self {
            former: Vec::new(),
            since: now,
            present: key,
        }
    }

    pub(super) fn replace(&mut self, now: SystemTime, key: Secret) {
        if self.present == key {
            return;
        }
        if self.former.len() == FORMER {
            self.former.remove(0);
        }
        let former = std::mem::replace(&mut self.present, key);
        self.former.push((self.since, former));
        self.since = now;
    }

    pub(super) fn in_force(&self) -> &Secret {
        &self.present
    }

    /// The key that was in force at a time, or the oldest that is known.
    pub(super) fn in_force_at(&self, time: SystemTime) -> &Secret {
        if self.since <= time {
            return &self.present;
        }
        let then = self.former.iter().rev().find(|(since, _)| *since <= time);
        match then.or(self.former.first()) {
            Some((_, key)) => key,
            None => &self.present,
        }
    }
}
