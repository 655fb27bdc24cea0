//! The state of a simulator, which its server and its handles share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::recorded_request::RecordedRequest;
use crate::testing::clock::Clock;
use crate::testing::deliveries::sender::DeliverySender;
use crate::testing::faults::injected_fault::ActiveFaults;
use crate::testing::faults::request_fault::{Fault, FaultHit};
use crate::testing::operation::Operation;
use crate::testing::providers::{pandadoc, ratepay};

/// A callback for every request before it is answered.
pub(in crate::testing) type Observer = Box<dyn Fn(&RecordedRequest) + Send + Sync>;

pub(in crate::testing) struct SimulatorState {
    pub(in crate::testing) clock: Clock,
    pub(in crate::testing) faults: ActiveFaults<Fault, FaultHit>,
    pub(in crate::testing) pandadoc: Arc<Mutex<pandadoc::backend::Backend>>,
    pub(in crate::testing) ratepay: Arc<Mutex<ratepay::backend::Backend>>,
    pub(in crate::testing) sender: DeliverySender,
    pub(in crate::testing) observer: Option<Observer>,
    requests: Vec<AtomicU64>,
}

impl SimulatorState {
    pub(in crate::testing) fn new(
        clock: Clock,
        pandadoc: pandadoc::backend::Backend,
        observer: Option<Observer>,
    ) -> Self {
        Self {
            faults: ActiveFaults::default(),
            pandadoc: Arc::new(Mutex::new(pandadoc)),
            ratepay: Arc::new(Mutex::new(ratepay::backend::Backend::new())),
            sender: DeliverySender::new(clock.clone()),
            clock,
            observer,
            requests: Operation::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
        }
    }

    pub(in crate::testing) fn count_request(&self, operation: Operation) {
        self.requests[operation as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(in crate::testing) fn requests(&self, operation: Operation) -> u64 {
        self.requests[operation as usize].load(Ordering::Relaxed)
    }
}
