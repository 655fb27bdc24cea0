//! The time that a simulator goes by.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::{sleep, Instant};

/// How far a clock can be turned forward: 10,000 years, which leaves room for whatever is added to it.
const FURTHEST: Duration = Duration::from_secs(10_000 * 365 * 24 * 60 * 60);

/// The time that a [`Simulator`](super::Simulator) goes by, which a test can turn forward.
///
/// Tokens expire, rate limits forget and delays end by it. Clones are the same clock.
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
    began: SystemTime,
    /// Since when it runs by itself, if it does.
    runs_since: Option<Instant>,
    turned: watch::Sender<Duration>,
}

impl Clock {
    /// A clock that runs as tokio's does: with the real one, or with a paused one
    /// (`tokio::time::pause`).
    ///
    /// A paused one jumps to the next timer whenever no task of its runtime can run. So a receiver on
    /// another thread or in another process, which takes real time, may be out of its 20 seconds at
    /// once.
    #[must_use]
    pub fn running() -> Self {
        Self::new(Some(Instant::now()))
    }

    /// A clock that stands still but for [`advance`](Self::advance), for tests of exact edges.
    ///
    /// No time runs out by itself under it: a delivery to a receiver that never answers waits until the
    /// clock is turned.
    #[must_use]
    pub fn stopped() -> Self {
        Self::new(None)
    }

    fn new(runs_since: Option<Instant>) -> Self {
        Self(Arc::new(Inner {
            began: SystemTime::now(),
            runs_since,
            turned: watch::Sender::new(Duration::ZERO),
        }))
    }

    /// The time on it.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        let ran = self.0.runs_since.map_or(Duration::ZERO, |it| it.elapsed());
        self.0.began + ran + *self.0.turned.borrow()
    }

    /// Turns it forward, and wakes what waits for a time that has come. It goes no further than 10,000
    /// years.
    pub fn advance(&self, by: Duration) {
        let turn = |turned: &mut Duration| *turned = turned.saturating_add(by).min(FURTHEST);
        self.0.turned.send_modify(turn);
    }

    /// Waits until so much time has gone by on it.
    pub(super) async fn sleep(&self, time: Duration) {
        let mut turned = self.0.turned.subscribe();
        let Some(until) = self.now().checked_add(time) else {
            return std::future::pending().await;
        };
        while let Ok(left) = until.duration_since(self.now()) {
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = sleep(left), if self.0.runs_since.is_some() => {}
                // Its sender is in `self`.
                _ = turned.changed() => {}
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
