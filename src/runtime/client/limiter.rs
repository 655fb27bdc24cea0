//! The rate limit of one client: how many requests at a time, and the wait that the server asks for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{sleep_until, timeout_at, Instant};

/// The most requests of one client that are under way at a time.
///
/// When a server begins to answer 429, the requests under way are rejected too, so this bounds the cost of a
/// rate limit. At 100 ms a call it allows some 9,600 calls a minute. PandaDoc allows 2,000 at the most
/// (<https://developers.pandadoc.com/reference/limits>).
const MAX_CONCURRENT: usize = 16;

/// The number of successes per permit after which a halved limit grows by one.
const SUCCESSES_PER_PERMIT: usize = 16;

/// The longest wait that calls share. A longer wait applies only to the call that was told it. One absurd
/// header must not silence a client for years.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

pub(crate) struct Limiter {
    permits: Semaphore,
    state: Mutex<State>,
}

struct State {
    /// The number of requests at a time. It is halved when the server throttles, and slowly grows back.
    limit: usize,
    /// The number of permits still held that the limit no longer allows.
    surplus: usize,
    /// Successes since the limit last changed.
    successes: usize,
    closed_until: Option<Instant>,
    /// How often the limit was halved.
    halvings: u64,
}

impl State {
    fn remaining(&self) -> Option<Duration> {
        let remaining = self.closed_until?.saturating_duration_since(Instant::now());
        (!remaining.is_zero()).then_some(remaining)
    }
}

/// Permission to send one request, until it is dropped.
pub(crate) struct Permit<'a> {
    limiter: &'a Limiter,
    permit: Option<SemaphorePermit<'a>>,
    /// Whether it was given without a wait.
    pub(crate) immediate: bool,
    /// How often the limit had been halved when this was given.
    halvings: u64,
}

impl Permit<'_> {
    /// Lets no request through until this time has passed, and fewer at a time from then on.
    pub(crate) fn throttle_for(&self, wait: Duration) {
        let limiter = self.limiter;
        let mut state = limiter.state();
        // A request that began under the former limit says nothing about the present one. The requests of a
        // burst are rejected together, and count once.
        if state.halvings == self.halvings {
            let fewer = state.limit - (state.limit / 2).max(1);
            state.halvings += 1;
            state.limit -= fewer;
            state.surplus += fewer - limiter.permits.forget_permits(fewer);
            state.successes = 0;
        }
        let until = Instant::now() + wait.min(LONGEST_WAIT);
        state.closed_until = state.closed_until.max(Some(until));
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        if state.surplus > 0 {
            if let Some(permit) = self.permit.take() {
                permit.forget();
                state.surplus -= 1;
            }
        }
    }
}

impl Limiter {
    pub(super) fn new() -> Self {
        Self {
            permits: Semaphore::new(MAX_CONCURRENT),
            state: Mutex::new(State {
                limit: MAX_CONCURRENT,
                surplus: 0,
                successes: 0,
                closed_until: None,
                halvings: 0,
            }),
        }
    }

    /// Waits until a request may be sent. If that isn't before the deadline, returns the rest of the server's
    /// wait at once.
    pub(crate) async fn acquire(&self, deadline: Instant) -> Result<Permit<'_>, Option<Duration>> {
        let mut immediate = true;
        loop {
            let permit = match self.permits.try_acquire() {
                Ok(permit) => permit,
                Err(_) => {
                    immediate = false;
                    match timeout_at(deadline, self.permits.acquire()).await {
                        Ok(Ok(permit)) => permit,
                        // Nothing closes the semaphore, so this is the deadline.
                        Ok(Err(_)) | Err(_) => return Err(self.remaining()),
                    }
                }
            };
            let permit = Permit {
                limiter: self,
                permit: Some(permit),
                immediate,
                halvings: self.state().halvings,
            };
            match self.remaining() {
                None => return Ok(permit),
                Some(remaining) if Instant::now() + remaining >= deadline => {
                    return Err(Some(remaining));
                }
                Some(remaining) => {
                    drop(permit);
                    immediate = false;
                    sleep_until(Instant::now() + remaining).await;
                }
            }
        }
    }

    /// Returns the rest of the server's wait.
    pub(crate) fn remaining(&self) -> Option<Duration> {
        self.state().remaining()
    }

    /// Records an answer that doesn't throttle.
    pub(crate) fn record_success(&self) {
        let mut state = self.state();
        if state.limit == MAX_CONCURRENT {
            return;
        }
        state.successes += 1;
        if state.successes >= state.limit * SUCCESSES_PER_PERMIT {
            state.successes = 0;
            state.limit += 1;
            match state.surplus.checked_sub(1) {
                Some(fewer) => state.surplus = fewer,
                None => self.permits.add_permits(1),
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
