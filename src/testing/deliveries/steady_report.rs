//! The report on steady deliveries.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use uuid::Uuid;

use super::report::{DeliveryAttempt, DeliveryFailure};

/// The result of steady deliveries, from [`SteadyDeliveries::stop`](super::steady::SteadyDeliveries::stop).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SteadyReport {
    /// The deliveries that were sent, in the order in which they were due.
    pub deliveries: Vec<SteadyDelivery>,
    /// The number of deliveries that were due and weren't sent, because all connections stayed busy.
    pub overruns: u64,
    /// The number of deliveries that began and whose end is unknown, because the simulator ended first.
    pub unfinished: u64,
}

impl SteadyReport {
    /// Returns how many deliveries the receiver accepted at the first attempt.
    #[must_use]
    pub fn accepted_at_first_attempt(&self) -> usize {
        self.count(|it| it.accepted_attempt() == Some(0))
    }

    /// Returns how many deliveries the receiver accepted at a later attempt.
    #[must_use]
    pub fn accepted_on_retry(&self) -> usize {
        self.count(|it| it.accepted_attempt() > Some(0))
    }

    /// Returns how many deliveries the receiver didn't accept.
    #[must_use]
    pub fn never_accepted(&self) -> usize {
        self.count(|it| !it.is_accepted())
    }

    /// Returns the median time that the receiver took to answer an attempt, with any status.
    #[must_use]
    pub fn median_answer_time(&self) -> Option<Duration> {
        let mut times: Vec<_> = self.answer_times().collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied()
    }

    /// Returns the longest time that the receiver took to answer an attempt, with any status.
    #[must_use]
    pub fn worst_answer_time(&self) -> Option<Duration> {
        self.answer_times().max()
    }

    fn count(&self, is_counted: impl Fn(&SteadyDelivery) -> bool) -> usize {
        self.deliveries.iter().filter(|it| is_counted(it)).count()
    }

    fn answer_times(&self) -> impl Iterator<Item = Duration> + '_ {
        let attempts = self.deliveries.iter().flat_map(|it| &it.attempts);
        let answered = attempts.filter(|attempt| attempt.result.is_ok());
        answered.map(|attempt| attempt.answer_time)
    }
}

/// One of the steady deliveries.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SteadyDelivery {
    /// The id of the delivery, as in [`DeliveryReport::id`](super::report::DeliveryReport::id).
    pub id: Uuid,
    /// When the delivery was due, by the simulator's clock.
    pub due: SystemTime,
    /// All attempts, in order. The list is empty if the subscription accepted no deliveries.
    pub attempts: Vec<SteadyAttempt>,
}

impl SteadyDelivery {
    /// Returns whether the receiver accepted any attempt.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.accepted_attempt().is_some()
    }

    /// Returns the time from when the delivery was due to the response that accepted it.
    ///
    /// The time includes failed attempts and the pauses between them.
    #[must_use]
    pub fn accepted_after(&self) -> Option<Duration> {
        let accepted = self.attempts.get(self.accepted_attempt()?)?;
        let end = accepted.at + accepted.answer_time;
        end.duration_since(self.due).ok()
    }

    fn accepted_attempt(&self) -> Option<usize> {
        self.attempts.iter().position(SteadyAttempt::is_accepted)
    }
}

/// An attempt of a [`SteadyDelivery`]: a [`DeliveryAttempt`] without the response's headers and body.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SteadyAttempt {
    /// The generation of the key that made the signature, or 0 if it is forged.
    pub key_generation: u64,
    /// When the attempt began, by the simulator's clock.
    pub at: SystemTime,
    /// The time from the beginning of the attempt to its result, by the simulator's clock.
    pub answer_time: Duration,
    /// The status of the response, or why there was none.
    pub result: Result<StatusCode, DeliveryFailure>,
}

impl SteadyAttempt {
    /// Returns whether the receiver responded with a 2xx status.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.result.as_ref().is_ok_and(StatusCode::is_success)
    }
}

impl From<DeliveryAttempt> for SteadyAttempt {
    fn from(attempt: DeliveryAttempt) -> Self {
        Self {
            key_generation: attempt.key_generation,
            at: attempt.at,
            answer_time: attempt.answer_time,
            result: attempt.result.map(|response| response.status),
        }
    }
}
