//! The state of a simulator, which its server and its handles share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::recorded_request::RecordedRequest;
use crate::testing::admin::activity::Activity;
use crate::testing::admin::controls::Controls;
use crate::testing::admin::server::Admin;
use crate::testing::clock::Clock;
use crate::testing::deliveries::sender::DeliverySender;
use crate::testing::faults::injected_fault::ActiveFaults;
use crate::testing::faults::request_fault::{Fault, FaultHit};
use crate::testing::operation::Operation;
use crate::testing::providers::{pandadoc, ratepay};
use crate::testing::tasks::TaskSpawner;

/// A callback for every request before it is answered.
pub(crate) type Observer = Box<dyn Fn(&RecordedRequest) + Send + Sync>;

pub(crate) struct SimulatorState {
    pub(crate) clock: Clock,
    pub(crate) faults: Arc<ActiveFaults<Fault, FaultHit>>,
    pub(crate) pandadoc: Arc<Mutex<pandadoc::backend::Backend>>,
    pub(crate) ratepay: Arc<Mutex<ratepay::backend::Backend>>,
    pub(crate) sender: Arc<DeliverySender>,
    pub(crate) observer: Option<Observer>,
    pub(crate) tasks: TaskSpawner,
    pub(crate) admin: Option<Admin>,
    requests: Vec<AtomicU64>,
}

impl SimulatorState {
    pub(crate) fn new(
        clock: Clock,
        pandadoc: pandadoc::backend::Backend,
        sender: DeliverySender,
        observer: Option<Observer>,
        tasks: TaskSpawner,
    ) -> Self {
        Self {
            faults: Arc::default(),
            pandadoc: Arc::new(Mutex::new(pandadoc)),
            ratepay: Arc::new(Mutex::new(ratepay::backend::Backend::new())),
            sender: Arc::new(sender),
            clock,
            observer,
            tasks,
            admin: None,
            requests: Operation::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Adds the control API, which `names` can be called by besides `localhost`.
    pub(crate) fn add_admin(&mut self, activity: Arc<Activity>, names: Vec<String>) {
        let controls = Controls {
            clock: self.clock.clone(),
            faults: self.faults.clone(),
            pandadoc: self.pandadoc.clone(),
            ratepay: self.ratepay.clone(),
            sender: self.sender.clone(),
            tasks: self.tasks.clone(),
        };
        self.admin = Some(Admin::new(controls, activity, names));
    }

    pub(crate) fn count_request(&self, operation: Operation) {
        self.requests[operation as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn requests(&self, operation: Operation) -> u64 {
        self.requests[operation as usize].load(Ordering::Relaxed)
    }
}
