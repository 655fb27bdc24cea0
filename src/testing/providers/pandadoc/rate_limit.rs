//! Rate limits over a sliding minute.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};

use crate::testing::operation::Operation;

const MINUTE: Duration = Duration::from_secs(60);

/// The requests that are counted together: those of one user, with one kind of key, to one operation.
pub(super) type LimitKey = (&'static str, Operation);

/// The times of the last minute's requests.
#[derive(Default)]
pub(super) struct RateLimits(HashMap<LimitKey, VecDeque<SystemTime>>);

impl RateLimits {
    /// Counts a request, or returns how long to wait until it is allowed.
    ///
    /// A rejected request doesn't count.
    pub(super) fn count(
        &mut self,
        key: LimitKey,
        per_minute: u32,
        now: SystemTime,
    ) -> Result<(), Duration> {
        let times = self.0.entry(key).or_default();
        let is_older = |time: &SystemTime| now >= *time + MINUTE;
        while times.front().is_some_and(is_older) {
            times.pop_front();
        }
        if times.len() < per_minute as usize {
            times.push_back(now);
            return Ok(());
        }
        let allowed = times
            .front()
            .map_or(now + MINUTE, |oldest| *oldest + MINUTE);
        Err(allowed.duration_since(now).unwrap_or_default())
    }
}
