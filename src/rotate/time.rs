//! The source of a rotation's time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::machine::record::Time;
use crate::auth::BoxFuture;

/// The clock of a rotation. The default is that of the operating system.
///
/// A test gives another one, such as [`testing::Clock`], so that 90 days pass at once.
///
#[cfg_attr(feature = "testing", doc = "[`testing::Clock`]: crate::testing::Clock")]
#[cfg_attr(
    not(feature = "testing"),
    doc = "[`testing::Clock`]: crate::docs::testing"
)]
pub trait TimeSource: Send + Sync + 'static {
    /// Returns the time now.
    fn now(&self) -> SystemTime;

    /// Waits for this long. The future may be dropped at any time.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// The time of the operating system, and tokio's timers.
pub(super) struct SystemTimeSource;

impl TimeSource for SystemTimeSource {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Returns the milliseconds since the Unix epoch. A time before it counts as the epoch.
pub(super) fn to_millis(time: SystemTime) -> Time {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    millis(since)
}

/// Returns a time as the record has it. `None` stands for one that this system can't express.
pub(super) fn from_millis(time: Time) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(time))
}

/// Returns whole milliseconds, up to some 500 million years.
pub(super) fn millis(duration: Duration) -> Time {
    Time::try_from(duration.as_millis()).unwrap_or(Time::MAX)
}

/// Returns how much earlier than its period says a rotation comes: up to a tenth, by chance.
pub(super) fn jitter(period: Time) -> Time {
    fastrand::u64(0..=period / 10)
}
