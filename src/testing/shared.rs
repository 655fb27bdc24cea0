//! What the tasks of a simulator, and those who hold it, have in common.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;

use super::clock::Clock;
use super::delivery::Delivery;
use super::delivery_fault::{DeliveryFaultHit, DeliveryFaultKind};
use super::exchange::Exchange;
use super::fault::{Fault, FaultHit};
use super::injected::Faults;
use super::operation::Operation;
use super::{pandadoc, ratepay};

/// Is told of every request before it is answered.
pub(super) type Observer = Box<dyn Fn(&Exchange) + Send + Sync>;

pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) faults: Faults<Fault, FaultHit>,
    pub(super) delivery_faults: Faults<DeliveryFaultKind, DeliveryFaultHit>,
    pub(super) pandadoc: Mutex<pandadoc::State>,
    pub(super) ratepay: Mutex<ratepay::State>,
    pub(super) queue: Mutex<Vec<Delivery>>,
    pub(super) delivery_attempts: u32,
    pub(super) observer: Option<Observer>,
    requests: Vec<AtomicU64>,
}

impl Shared {
    pub(super) fn new(
        clock: Clock,
        requests_per_minute: Option<u32>,
        delivery_attempts: u32,
        observer: Option<Observer>,
    ) -> Self {
        Self {
            pandadoc: Mutex::new(pandadoc::State::new(requests_per_minute)),
            ratepay: Mutex::new(ratepay::State::new()),
            clock,
            faults: Faults::default(),
            delivery_faults: Faults::default(),
            queue: Mutex::default(),
            delivery_attempts,
            observer,
            requests: Operation::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
        }
    }

    pub(super) fn count(&self, operation: Operation) {
        self.requests[operation as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn requests(&self, operation: Operation) -> u64 {
        self.requests[operation as usize].load(Ordering::Relaxed)
    }
}
