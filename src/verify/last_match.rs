//! When a key of a ring last verified a delivery.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of the latest match, in milliseconds since the Unix epoch. It is 0 before the first.
#[derive(Debug, Default)]
pub(crate) struct LastMatch(AtomicU64);

impl LastMatch {
    /// Remembers that a delivery matched now. It takes no lock and allocates nothing.
    pub(crate) fn note(&self, now: SystemTime) {
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        // Most deliveries of a busy service come in the same millisecond as the one before, and write nothing.
        if self.0.load(Ordering::Relaxed) < millis {
            self.0.fetch_max(millis, Ordering::Relaxed);
        }
    }

    /// Returns the time of the latest match.
    pub(crate) fn get(&self) -> Option<SystemTime> {
        let millis = self.0.load(Ordering::Relaxed);
        let time = UNIX_EPOCH.checked_add(Duration::from_millis(millis));
        time.filter(|_| millis > 0)
    }
}
