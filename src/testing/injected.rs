//! A fault that is in place, and what it did.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use super::lock;

/// Stands for "every time".
const EVERY_TIME: u32 = u32::MAX;

/// A fault that was put into a simulator: what it did so far, and the end of it.
///
/// Dropping this leaves the fault in place.
pub struct Injected<H>(Arc<Record<H>>);

struct Record<H> {
    /// How often it may still act.
    left: AtomicU32,
    hits: Mutex<Vec<H>>,
}

impl<H: Clone> Injected<H> {
    pub(super) fn new(times: Option<u32>) -> Self {
        Self(Arc::new(Record {
            left: AtomicU32::new(times.unwrap_or(EVERY_TIME)),
            hits: Mutex::default(),
        }))
    }

    /// What it did, in order. Empty: it has done nothing, so the test did not reach it.
    #[must_use]
    pub fn hits(&self) -> Vec<H> {
        lock(&self.0.hits).clone()
    }

    /// Ends it. What it did can still be asked.
    pub fn remove(&self) {
        self.0.left.store(0, Ordering::SeqCst);
    }

    /// Whether it is to act now; if so, that is one time fewer.
    pub(super) fn take(&self) -> bool {
        let fewer = |left| match left {
            0 => None,
            EVERY_TIME => Some(EVERY_TIME),
            left => Some(left - 1),
        };
        let taken = self
            .0
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer);
        taken.is_ok()
    }

    pub(super) fn record(&self, hit: H) {
        lock(&self.0.hits).push(hit);
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.left.load(Ordering::SeqCst) == 0
    }
}

impl<H> Clone for Injected<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<H: fmt::Debug> fmt::Debug for Injected<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Injected").field(&self.0.hits).finish()
    }
}

/// The faults of one kind that are in place.
pub(super) struct Faults<F, H>(Mutex<Vec<(F, Injected<H>)>>);

impl<F: Clone, H: Clone> Faults<F, H> {
    pub(super) fn add(&self, fault: F, times: Option<u32>) -> Injected<H> {
        let injected = Injected::new(times);
        let mut faults = lock(&self.0);
        faults.retain(|(_, injected)| !injected.is_over());
        faults.push((fault, injected.clone()));
        injected
    }

    /// The first that concerns this case and is to act on it.
    pub(super) fn take(&self, concerns: impl Fn(&F) -> bool) -> Option<(F, Injected<H>)> {
        self.take_unless(|_| false, concerns)
    }

    /// The same; but one that may find nothing to act on is left for the caller to take.
    pub(super) fn take_unless(
        &self,
        is_uncertain: impl Fn(&F) -> bool,
        concerns: impl Fn(&F) -> bool,
    ) -> Option<(F, Injected<H>)> {
        let faults = lock(&self.0);
        let mut of_this_case = faults.iter().filter(|(fault, _)| concerns(fault));
        let acts = |(fault, injected): &&(F, Injected<H>)| match is_uncertain(fault) {
            true => !injected.is_over(),
            false => injected.take(),
        };
        of_this_case.find(acts).cloned()
    }
}

impl<F, H> Default for Faults<F, H> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}
