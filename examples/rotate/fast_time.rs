//! Time that runs fast, so that half an hour passes in half a minute.

use std::time::{Duration, SystemTime};

use webhook_subscriptions::rotate::TimeSource;
use webhook_subscriptions::testing::Clock;
use webhook_subscriptions::BoxFuture;

/// How many times as fast as real time. A second here is a minute there.
pub const SPEED: u32 = 60;

/// How often the simulator's clock is advanced, in real time.
const TICK: Duration = Duration::from_millis(10);

/// A time that several processes share.
#[derive(Clone, Copy)]
pub struct FastTime {
    began: SystemTime,
}

impl FastTime {
    /// Returns the time that was the real one then, and has run fast since.
    pub fn since(began: SystemTime) -> Self {
        Self { began }
    }

    pub fn began(self) -> SystemTime {
        self.began
    }

    /// Keeps a stopped clock at this time.
    pub async fn drive(self, clock: Clock) {
        loop {
            tokio::time::sleep(TICK).await;
            let behind = self.now().duration_since(clock.now());
            clock.advance(behind.unwrap_or_default());
        }
    }
}

impl TimeSource for FastTime {
    fn now(&self) -> SystemTime {
        self.began + self.began.elapsed().unwrap_or_default() * SPEED
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration / SPEED))
    }
}
