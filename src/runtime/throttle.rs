//! The pace of one client: how many requests at a time, and the wait that the server asks for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{sleep_until, timeout_at, Instant};

/// How many requests of one client are under way at a time, at the most.
///
/// What is under way when a server begins to say "too many" is refused too, so this bounds what a
/// rate limit costs. At 100 ms a call it allows some 9,600 calls a minute; PandaDoc allows 2,000 at
/// the most (<https://developers.pandadoc.com/reference/limits>).
const AT_A_TIME: usize = 16;

/// After how many answers without "too many", for each request at a time, there may be one more.
const CALM: usize = 16;

/// The longest wait that calls share. A server that asks for more is believed by the call it answers
/// and not by all others: one absurd header must not silence a client for years.
const LONGEST: Duration = Duration::from_secs(60 * 60);

pub(super) struct Throttle {
    permits: Semaphore,
    state: Mutex<State>,
}

struct State {
    /// How many requests at a time: halved when the server says "too many", and slowly given back.
    limit: usize,
    /// How many permits are still out that the limit no longer allows.
    surplus: usize,
    /// Answers since the limit last changed.
    calm: usize,
    closed_until: Option<Instant>,
    /// How often the limit was halved.
    halvings: u64,
}

impl State {
    fn left(&self) -> Option<Duration> {
        let left = self.closed_until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

/// Leave to send one request, until it is dropped.
pub(super) struct Turn<'a> {
    throttle: &'a Throttle,
    permit: Option<SemaphorePermit<'a>>,
    /// Whether it came without a wait.
    pub(super) at_once: bool,
    /// How often the limit had been halved when this was given.
    halvings: u64,
}

impl Turn<'_> {
    /// Lets no request through until so much time has passed, and fewer at a time from then on.
    pub(super) fn close_for(&self, wait: Duration) {
        let throttle = self.throttle;
        let mut state = throttle.state();
        // A request that began under the former limit says nothing about the present one. All of a burst
        // are rejected together, and count once.
        if state.halvings == self.halvings {
            let fewer = state.limit - (state.limit / 2).max(1);
            state.halvings += 1;
            state.limit -= fewer;
            state.surplus += fewer - throttle.permits.forget_permits(fewer);
            state.calm = 0;
        }
        let until = Instant::now() + wait.min(LONGEST);
        state.closed_until = state.closed_until.max(Some(until));
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.throttle.state();
        if state.surplus > 0 {
            if let Some(permit) = self.permit.take() {
                permit.forget();
                state.surplus -= 1;
            }
        }
    }
}

impl Throttle {
    pub(super) fn new() -> Self {
        Self {
            permits: Semaphore::new(AT_A_TIME),
            state: Mutex::new(State {
                limit: AT_A_TIME,
                surplus: 0,
                calm: 0,
                closed_until: None,
                halvings: 0,
            }),
        }
    }

    /// Waits until a request may be sent. Gives up where that is not before the deadline, with what
    /// is left of the server's wait.
    pub(super) async fn turn(&self, deadline: Instant) -> Result<Turn<'_>, Option<Duration>> {
        let mut at_once = true;
        loop {
            let permit = match self.permits.try_acquire() {
                Ok(permit) => permit,
                Err(_) => {
                    at_once = false;
                    match timeout_at(deadline, self.permits.acquire()).await {
                        Ok(Ok(permit)) => permit,
                        // Nothing closes the semaphore, so this is the deadline.
                        Ok(Err(_)) | Err(_) => return Err(self.left()),
                    }
                }
            };
            let turn = Turn {
                throttle: self,
                permit: Some(permit),
                at_once,
                halvings: self.state().halvings,
            };
            match self.left() {
                None => return Ok(turn),
                Some(left) if Instant::now() + left >= deadline => return Err(Some(left)),
                Some(left) => {
                    drop(turn);
                    at_once = false;
                    sleep_until(Instant::now() + left).await;
                }
            }
        }
    }

    /// What is left of the server's wait.
    pub(super) fn left(&self) -> Option<Duration> {
        self.state().left()
    }

    /// The server answered, and did not say "too many".
    pub(super) fn calm(&self) {
        let mut state = self.state();
        if state.limit == AT_A_TIME {
            return;
        }
        state.calm += 1;
        if state.calm >= state.limit * CALM {
            state.calm = 0;
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
