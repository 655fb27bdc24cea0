//! The clock of the database, as this process measures it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::auth::BoxFuture;
use crate::rotate::time::TimeSource;

/// A measurement that took longer than this is worse than a recent one that didn't.
const LONG: Duration = Duration::from_secs(1);

/// How long a measurement counts as recent.
const RECENT: Duration = Duration::from_secs(10 * 60);

/// The database's clock. Between measurements it runs as fast as this machine's monotonic clock.
///
/// A measurement that is a little behind the one before it doesn't set the clock back.
#[derive(Clone)]
pub(super) struct DatabaseClock(Arc<Mutex<Latest>>);

struct Latest {
    sample: Sample,
    /// The latest time that was told.
    told: SystemTime,
}

/// One measurement.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    /// When the database's clock had this time, as far as known: in the middle of the round trip.
    at: Instant,
    time: SystemTime,
    round_trip: Duration,
}

impl Sample {
    /// Takes in that the database's clock had this time, in microseconds since the Unix epoch, between two times.
    pub(super) fn new(sent: Instant, received: Instant, micros: i64) -> Self {
        let round_trip = received.saturating_duration_since(sent);
        let micros = u64::try_from(micros).unwrap_or_default();
        Self {
            at: sent + round_trip / 2,
            time: UNIX_EPOCH + Duration::from_micros(micros),
            round_trip,
        }
    }
}

impl DatabaseClock {
    pub(super) fn new(sample: Sample) -> Self {
        let told = sample.time;
        Self(Arc::new(Mutex::new(Latest { sample, told })))
    }

    /// Goes by this measurement from now on, unless a recent one is much better.
    pub(super) fn take_in(&self, sample: Sample) {
        let mut latest = self.latest();
        let is_good = sample.round_trip <= LONG.max(latest.sample.round_trip);
        let is_recent = sample.at.saturating_duration_since(latest.sample.at) < RECENT;
        if is_good || !is_recent {
            latest.sample = sample;
        }
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TimeSource for DatabaseClock {
    fn now(&self) -> SystemTime {
        let mut latest = self.latest();
        let now = latest.sample.time + latest.sample.at.elapsed();
        // Somebody may have set the database's clock back. Then time can't stand still until it has caught up.
        let behind = latest.told.duration_since(now).unwrap_or_default();
        if behind == Duration::ZERO || behind > LONG {
            latest.told = now;
        }
        latest.told
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Returns the time that the clock tells for the start, after measurements of these round trips.
    ///
    /// Each measurement says that the database's clock had one second more than the one before it.
    fn told(round_trips: &[u64]) -> u64 {
        let start = Instant::now();
        let sample = |(second, round_trip): (usize, &u64)| {
            let received = start + Duration::from_millis(*round_trip);
            Sample::new(start, received, second as i64 * 1_000_000)
        };
        let mut samples = round_trips.iter().enumerate().map(sample);
        let clock = DatabaseClock::new(samples.next().unwrap());
        samples.for_each(|sample| clock.take_in(sample));
        let latest = clock.latest().sample;
        latest.time.duration_since(UNIX_EPOCH).unwrap().as_secs()
    }

    #[test]
    fn a_measurement_that_took_long_is_not_used_after_a_better_one() {
        assert_eq!(told(&[10, 2000]), 0);
    }

    #[test]
    fn the_latest_good_measurement_counts() {
        assert_eq!(told(&[10, 400]), 1);
    }

    #[test]
    fn a_measurement_that_took_long_is_replaced_by_a_better_one() {
        assert_eq!(told(&[4000, 2000]), 1);
    }

    /// Tells the time, and tells it again after a measurement that is so far behind. Returns whether time went on.
    fn goes_on_after(behind: Duration) -> bool {
        let start = Instant::now();
        let sample = |behind| Sample::new(start, start, 1_000_000_000_000 - behind as i64);
        let clock = DatabaseClock::new(sample(0));
        let before = clock.now();
        clock.take_in(sample(behind.as_micros()));
        clock.now() >= before
    }

    #[test]
    fn a_measurement_that_is_a_little_behind_does_not_set_the_clock_back() {
        assert!(goes_on_after(Duration::from_millis(900)));
    }

    #[test]
    fn a_clock_that_was_set_back_is_followed() {
        assert!(!goes_on_after(Duration::from_secs(3600)));
    }
}
