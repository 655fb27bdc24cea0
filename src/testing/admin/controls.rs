//! The parts of a simulator that the control API uses.

use std::sync::{Arc, Mutex};

use crate::testing::clock::Clock;
use crate::testing::deliveries::sender::DeliverySender;
use crate::testing::faults::injected_fault::ActiveFaults;
use crate::testing::faults::request_fault::{Fault, FaultHit};
use crate::testing::lock::lock;
use crate::testing::providers::pandadoc::simulated_pandadoc::SimulatedPandaDoc;
use crate::testing::providers::ratepay::simulated_ratepay::SimulatedRatepay;
use crate::testing::providers::{pandadoc, ratepay};
use crate::testing::tasks::TaskSpawner;

#[derive(Clone)]
pub(crate) struct Controls {
    pub(crate) clock: Clock,
    pub(crate) faults: Arc<ActiveFaults<Fault, FaultHit>>,
    pub(crate) pandadoc: Arc<Mutex<pandadoc::backend::Backend>>,
    pub(crate) ratepay: Arc<Mutex<ratepay::backend::Backend>>,
    pub(crate) sender: Arc<DeliverySender>,
    pub(crate) tasks: TaskSpawner,
}

impl Controls {
    // Neither handle is asked for its base URL.

    pub(super) fn pandadoc(&self) -> SimulatedPandaDoc<'_> {
        SimulatedPandaDoc::new(&self.pandadoc, &self.sender, "")
    }

    pub(super) fn ratepay(&self) -> SimulatedRatepay<'_> {
        SimulatedRatepay::new(&self.ratepay, &self.sender, "")
    }

    /// Removes everything except the credentials, and leaves the clock where it is.
    pub(super) fn reset(&self) {
        // Requests that are still to be applied and steady deliveries are tasks.
        self.tasks.abort_all();
        self.faults.remove_all();
        self.sender.reset();
        lock(&self.pandadoc).reset();
        lock(&self.ratepay).reset();
    }
}
