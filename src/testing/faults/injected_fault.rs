//! Faults that are in place, and the record of what each one did.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use crate::testing::lock::lock;

/// Stands for "every time".
const UNLIMITED: u32 = u32::MAX;

/// A handle to a fault that was injected into a simulator or a store.
///
/// The handle tells what the fault did so far, and can remove it. Dropping it leaves the fault in place.
///
/// ```
/// use http::StatusCode;
/// use webhook_subscriptions::testing::{Fault, FaultEffect, Simulator};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let simulator = Simulator::start().await?;
/// let client = simulator.pandadoc().client_builder().build()?;
/// let fault = simulator.inject(Fault::answer(StatusCode::FORBIDDEN));
///
/// assert!(client.list_webhook_subscriptions().await.is_err());
/// let effect = fault.hits()[0].effect;
/// assert_eq!(effect, FaultEffect::Answered { status: StatusCode::FORBIDDEN });
///
/// fault.remove();
/// assert!(client.list_webhook_subscriptions().await.is_ok());
/// # Ok(()) }
/// ```
pub struct InjectedFault<H>(Arc<Record<H>>);

struct Record<H> {
    /// How often the fault may still happen.
    remaining: AtomicU32,
    hits: Mutex<Vec<H>>,
}

impl<H: Clone> InjectedFault<H> {
    fn new(times: Option<u32>) -> Self {
        Self(Arc::new(Record {
            remaining: AtomicU32::new(times.unwrap_or(UNLIMITED)),
            hits: Mutex::default(),
        }))
    }

    /// Returns what the fault did, in order. An empty list means that the test never reached it.
    #[must_use]
    pub fn hits(&self) -> Vec<H> {
        lock(&self.0.hits).clone()
    }

    /// Removes the fault. Its hits stay available.
    pub fn remove(&self) {
        self.0.remaining.store(0, Ordering::SeqCst);
    }

    /// Returns whether the fault happens now, and if so, uses up one of its times.
    pub(crate) fn trigger(&self) -> bool {
        let decrement = |remaining| match remaining {
            0 => None,
            UNLIMITED => Some(UNLIMITED),
            remaining => Some(remaining - 1),
        };
        let remaining = &self.0.remaining;
        remaining
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, decrement)
            .is_ok()
    }

    /// Records a hit. The returned value can change it later.
    pub(crate) fn record(&self, hit: H) -> RecordedHit<H> {
        let mut hits = lock(&self.0.hits);
        hits.push(hit);
        RecordedHit {
            injected: self.clone(),
            index: hits.len() - 1,
        }
    }

    fn is_used_up(&self) -> bool {
        self.0.remaining.load(Ordering::SeqCst) == 0
    }
}

impl<H> Clone for InjectedFault<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<H: fmt::Debug> fmt::Debug for InjectedFault<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InjectedFault").field(&self.0.hits).finish()
    }
}

/// A hit in the record of its fault, for an effect that isn't complete yet.
pub(crate) struct RecordedHit<H> {
    injected: InjectedFault<H>,
    index: usize,
}

impl<H> RecordedHit<H> {
    pub(crate) fn change(&self, change: impl FnOnce(&mut H)) {
        // No hit is ever removed from a record.
        if let Some(hit) = lock(&self.injected.0.hits).get_mut(self.index) {
            change(hit);
        }
    }
}

/// The faults of one kind that are in place, in the order of their injection.
pub(crate) struct ActiveFaults<F, H>(Mutex<Vec<(F, InjectedFault<H>)>>);

impl<F: Clone, H: Clone> ActiveFaults<F, H> {
    pub(crate) fn inject(&self, fault: F, times: Option<u32>) -> InjectedFault<H> {
        let injected = InjectedFault::new(times);
        let mut faults = lock(&self.0);
        faults.retain(|(_, injected)| !injected.is_used_up());
        faults.push((fault, injected.clone()));
        injected
    }

    pub(crate) fn remove_all(&self) {
        for (_, injected) in lock(&self.0).drain(..) {
            injected.remove();
        }
    }

    /// Returns the first fault that matches, and uses up one of its times.
    pub(crate) fn trigger(&self, matches: impl Fn(&F) -> bool) -> Option<(F, InjectedFault<H>)> {
        self.trigger_unless(|_| false, matches)
    }

    /// Does the same, but leaves it to the caller to trigger a fault that `needs_response`.
    pub(crate) fn trigger_unless(
        &self,
        needs_response: impl Fn(&F) -> bool,
        matches: impl Fn(&F) -> bool,
    ) -> Option<(F, InjectedFault<H>)> {
        let faults = lock(&self.0);
        let mut matching = faults.iter().filter(|(fault, _)| matches(fault));
        let happens = |(fault, injected): &&(F, InjectedFault<H>)| match needs_response(fault) {
            true => !injected.is_used_up(),
            false => injected.trigger(),
        };
        matching.find(happens).cloned()
    }
}

impl<F, H> Default for ActiveFaults<F, H> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}
