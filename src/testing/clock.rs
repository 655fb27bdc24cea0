//! The simulator's clock.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::{sleep, Instant};

/// The furthest that a clock can be advanced: 10,000 years. Lifetimes can be added without overflow.
const MAX_ADVANCE: Duration = Duration::from_secs(10_000 * 365 * 24 * 60 * 60);

/// The clock of a [`Simulator`](super::Simulator), which a test can advance.
///
/// Token lifetimes, rate limits and delays follow it. Clones share one clock.
///
/// ```
/// use std::time::Duration;
/// use webhook_subscriptions::testing::Clock;
///
/// let clock = Clock::stopped();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), before + Duration::from_secs(60));
/// ```
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    started: SystemTime,
    /// When a running clock was started; `None` for a stopped one.
    running_since: Option<Instant>,
    advanced: watch::Sender<Duration>,
}

impl Clock {
    /// Creates a clock that follows tokio's: real time, or a clock paused by `tokio::time::pause`.
    ///
    /// A paused clock jumps to the next timer whenever no task of its runtime can run. A receiver on
    /// another thread or in another process takes real time. Its 20 seconds may therefore end at once.
    #[must_use]
    pub fn running() -> Self {
        Self::new(Some(Instant::now()))
    }

    /// Creates a clock that only [`advance`](Self::advance) moves, for tests of exact limits.
    ///
    /// No timeout expires by itself: a delivery to a receiver that never answers waits until the clock
    /// is advanced.
    #[must_use]
    pub fn stopped() -> Self {
        Self::new(None)
    }

    fn new(running_since: Option<Instant>) -> Self {
        Self(Arc::new(Inner {
            started: SystemTime::now(),
            running_since,
            advanced: watch::Sender::new(Duration::ZERO),
        }))
    }

    /// Returns the current time of this clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        let ran = self
            .0
            .running_since
            .map_or(Duration::ZERO, |it| it.elapsed());
        self.0.started + ran + *self.0.advanced.borrow()
    }

    /// Advances the clock and wakes everything that waits for a time now reached.
    ///
    /// The total of all calls is limited to 10,000 years.
    pub fn advance(&self, by: Duration) {
        let add =
            |advanced: &mut Duration| *advanced = advanced.saturating_add(by).min(MAX_ADVANCE);
        self.0.advanced.send_modify(add);
    }

    /// Waits until the clock has moved by this much.
    pub(super) async fn sleep(&self, time: Duration) {
        let mut advanced = self.0.advanced.subscribe();
        let Some(until) = self.now().checked_add(time) else {
            return std::future::pending().await;
        };
        while let Ok(remaining) = until.duration_since(self.now()) {
            if remaining.is_zero() {
                return;
            }
            tokio::select! {
                () = sleep(remaining), if self.0.running_since.is_some() => {}
                // This can't fail: `self` owns the sender.
                _ = advanced.changed() => {}
            }
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::running()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
