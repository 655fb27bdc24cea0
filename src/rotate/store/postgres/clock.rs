//! The clock of the database, as this process measures it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::auth::BoxFuture;
use crate::rotate::time::TimeSource;

/// A measurement that took longer than this is worse than a recent one that didn't.
const LONG: Duration = Duration::from_secs(1);

/// How long a measurement counts as recent.
const RECENT: Duration = Duration::from_secs(10 * 60);

/// The database's clock. Between measurements it runs as fast as this machine's monotonic clock.
#[derive(Clone)]
pub(super) struct DatabaseClock(Arc<Mutex<Sample>>);

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
        Self(Arc::new(Mutex::new(sample)))
    }

    /// Goes by this measurement from now on, unless a recent one is much better.
    pub(super) fn take_in(&self, sample: Sample) {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_good = sample.round_trip <= LONG.max(latest.round_trip);
        let is_recent = sample.at.saturating_duration_since(latest.at) < RECENT;
        if is_good || !is_recent {
            *latest = sample;
        }
    }
}

impl TimeSource for DatabaseClock {
    fn now(&self) -> SystemTime {
        let latest = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.time + latest.at.elapsed()
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
        let latest = clock.0.lock().unwrap();
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
}
