//! Values with their previous ones, such as the signing keys that a subscription has had.

use std::collections::VecDeque;
use std::time::SystemTime;

/// The most previous values that are kept. Enough for every delayed switch, and bounded for load tests.
const MAX_PREVIOUS: usize = 1_000;

/// A current value and the previous ones.
pub(crate) struct History<T> {
    previous: VecDeque<Version<T>>,
    current: Version<T>,
}

/// A value, its number and its start.
#[derive(Clone)]
pub(crate) struct Version<T> {
    /// The first value is number 1, and each later one has the next number.
    pub(crate) number: u64,
    pub(crate) value: T,
    since: SystemTime,
}

impl<T: PartialEq> History<T> {
    pub(crate) fn new(now: SystemTime, value: T) -> Self {
        Self::starting_with(1, now, value)
    }

    /// Returns a history whose first value has another number than 1.
    pub(crate) fn starting_with(number: u64, now: SystemTime, value: T) -> Self {
        Self {
            previous: VecDeque::new(),
            current: Version {
                number,
                value,
                since: now,
            },
        }
    }

    pub(crate) fn replace(&mut self, now: SystemTime, value: T) {
        if self.current.value == value {
            return;
        }
        if self.previous.len() == MAX_PREVIOUS {
            self.previous.pop_front();
        }
        let next = Version {
            number: self.current.number + 1,
            value,
            since: now,
        };
        let previous = std::mem::replace(&mut self.current, next);
        self.previous.push_back(previous);
    }

    pub(crate) fn current(&self) -> &Version<T> {
        &self.current
    }

    /// Returns the version that was current at a time, or the oldest known one.
    pub(crate) fn current_at(&self, time: SystemTime) -> &Version<T> {
        if self.current.since <= time {
            return &self.current;
        }
        let then = self.previous.iter().rev().find(|it| it.since <= time);
        then.or(self.previous.front()).unwrap_or(&self.current)
    }
}
