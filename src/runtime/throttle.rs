//! The pace of one client: how many requests at a time, and the wait that the server asks for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{sleep_until, timeout_at, Instant};

/// How many requests of one client are under way at a time.
///
/// What is under way when a server begins to say "too many" is refused too, so this bounds what a
/// rate limit costs. At 100 ms a call it allows some 9,600 calls a minute; PandaDoc allows 2,000 at
/// the most (https://developers.pandadoc.com/reference/limits).
const AT_A_TIME: usize = 16;

/// The longest wait that calls share. A server that asks for more is believed by the call it answers
/// and not by all others: one absurd header must not silence a client for years.
const LONGEST: Duration = Duration::from_secs(60 * 60);

pub(super) struct Throttle {
    turns: Semaphore,
    closed_until: Mutex<Option<Instant>>,
}

/// Leave to send one request, until it is dropped.
pub(super) struct Turn<'a> {
    /// Whether it came without a wait.
    pub(super) at_once: bool,
    _permit: SemaphorePermit<'a>,
}

impl Throttle {
    pub(super) fn new() -> Self {
        Self {
            turns: Semaphore::new(AT_A_TIME),
            closed_until: Mutex::new(None),
        }
    }

    /// Waits until a request may be sent. Gives up where that is not before the deadline, with what
    /// is left of the server's wait.
    pub(super) async fn turn(&self, deadline: Instant) -> Result<Turn<'_>, Option<Duration>> {
        let mut at_once = true;
        loop {
            let permit = match self.turns.try_acquire() {
                Ok(permit) => permit,
                Err(_) => {
                    at_once = false;
                    match timeout_at(deadline, self.turns.acquire()).await {
                        Ok(Ok(permit)) => permit,
                        // Nothing closes the semaphore, so this is the deadline.
                        Ok(Err(_)) | Err(_) => return Err(self.left()),
                    }
                }
            };
            match self.left() {
                None => {
                    return Ok(Turn {
                        at_once,
                        _permit: permit,
                    })
                }
                Some(left) if Instant::now() + left >= deadline => return Err(Some(left)),
                Some(left) => {
                    drop(permit);
                    at_once = false;
                    sleep_until(Instant::now() + left).await;
                }
            }
        }
    }

    /// Lets nothing more through until so much time has passed.
    pub(super) fn close_for(&self, wait: Duration) {
        let until = Instant::now() + wait.min(LONGEST);
        let mut closed = self
            .closed_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *closed = closed.max(Some(until));
    }

    fn left(&self) -> Option<Duration> {
        let closed = *self
            .closed_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let left = closed?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}
