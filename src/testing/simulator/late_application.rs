//! Applies a request after its connection was closed.

use std::sync::Arc;
use std::time::Duration;

use super::received_request::ReceivedRequest;
use super::state::SimulatorState;
use crate::testing::faults::injected_fault::RecordedHit;
use crate::testing::faults::request_fault::{FaultEffect, FaultHit};

/// A request that is still to be applied.
pub(super) struct LateApplication {
    pub(super) by: Duration,
    pub(super) hit: RecordedHit<FaultHit>,
}

impl LateApplication {
    /// Applies the request in a task of the simulator, as if it had arrived then.
    pub(super) fn start(self, state: Arc<SimulatorState>, request: ReceivedRequest) {
        let wait = state.clock.sleep(self.by);
        let tasks = state.tasks.clone();
        tasks.spawn(async move {
            wait.await;
            let lost = request.apply(&request.route(), &state).status;
            let at = state.clock.now();
            let effect = FaultEffect::AppliedLate { at, lost };
            self.hit.change(|hit| hit.effect = effect);
        });
    }
}
