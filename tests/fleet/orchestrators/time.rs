//! The clock of the rotations: the database's, and fast.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use webhook_subscriptions::rotate::TimeSource;
use webhook_subscriptions::BoxFuture;

/// How many times as fast as the database's clock. The 130 seconds between two rotations take 4.3.
pub const SPEED: u32 = 30;

/// Milliseconds since the Unix epoch.
pub type Millis = u64;

pub fn to_time(millis: Millis) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis)
}

pub fn to_millis(time: SystemTime) -> Millis {
    time.duration_since(UNIX_EPOCH).unwrap().as_millis() as Millis
}

/// A clock that had the time of the database when it began.
pub struct FastTime {
    pub database: Box<dyn TimeSource>,
    pub began: SystemTime,
}

/// Returns what a clock that began then shows at this time of the database.
pub fn fast(began: SystemTime, time: SystemTime) -> SystemTime {
    began + time.duration_since(began).unwrap_or_default() * SPEED
}

impl TimeSource for FastTime {
    fn now(&self) -> SystemTime {
        fast(self.began, self.database.now())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.database.sleep(duration / SPEED)
    }
}
