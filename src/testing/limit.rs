//! Rate limits over a sliding minute.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};

use super::operation::Operation;

const MINUTE: Duration = Duration::from_secs(60);

/// Who is counted together: a user, with one kind of key, at one operation.
pub(super) type Counted = (&'static str, Operation);

/// The requests of the last minute, of each whose requests are counted.
#[derive(Default)]
pub(super) struct Limits(HashMap<Counted, VecDeque<SystemTime>>);

impl Limits {
    /// Counts a request, or says how long to wait until there is room for it. One that is refused does
    /// not count.
    pub(super) fn count(
        &mut self,
        who: Counted,
        per_minute: u32,
        now: SystemTime,
    ) -> Result<(), Duration> {
        let seen = self.0.entry(who).or_default();
        let is_over = |time: &SystemTime| now >= *time + MINUTE;
        while seen.front().is_some_and(is_over) {
            seen.pop_front();
        }
        if seen.len() < per_minute as usize {
            seen.push_back(now);
            return Ok(());
        }
        let room = seen.front().map_or(now + MINUTE, |oldest| *oldest + MINUTE);
        Err(room.duration_since(now).unwrap_or_default())
    }
}
