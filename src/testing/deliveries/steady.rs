//! Deliveries at a steady rate.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::sync::{mpsc, OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use uuid::Uuid;

use super::delivery::{Delivery, DeliverySource};
use super::sender::DeliverySender;
use super::steady_report::{SteadyDelivery, SteadyReport};
use crate::testing::lock::lock;

/// The most connections to the receiver at a time.
const MAX_CONNECTIONS: usize = 256;

/// Deliveries that a simulator sends in the background at a steady rate.
///
/// The deliveries end when this handle is stopped or dropped, and with the simulator.
///
/// - A slow receiver doesn't slow the rate. There are at most 256 connections at a time. A delivery that
///   gets none within a period isn't sent, and is counted in [`SteadyReport::overruns`].
/// - Time is the simulator's clock. An attempt that is under way when a test advances the clock by
///   20 seconds times out.
#[must_use = "the deliveries end when this is dropped"]
pub struct SteadyDeliveries {
    counters: Arc<Counters>,
    finished: mpsc::UnboundedReceiver<SteadyDelivery>,
    /// The deliveries that were received from `finished`.
    deliveries: Vec<SteadyDelivery>,
    /// The task that starts deliveries, or `None` if the simulator is gone.
    task: Option<AbortHandle>,
}

#[derive(Debug, Default)]
struct Counters {
    started: AtomicU64,
    overruns: AtomicU64,
}

impl SteadyDeliveries {
    /// Delivers the same payload in each period, every time with another id. The first delivery is due at
    /// once.
    #[track_caller]
    pub(crate) fn start(
        sender: &Arc<DeliverySender>,
        source: Arc<Mutex<dyn DeliverySource>>,
        payload: Delivery,
        new_id: fn() -> Uuid,
        period: Duration,
    ) -> Self {
        assert!(
            period > Duration::ZERO,
            "`period` is 0; deliveries need some time between them"
        );
        let (finish, finished) = mpsc::unbounded_channel();
        let counters = Arc::<Counters>::default();
        let schedule = Schedule {
            sender: sender.clone(),
            source,
            period,
            connections: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            counters: counters.clone(),
            finish,
        };
        let first_due = sender.clock().now();
        let task = schedule.run(first_due, payload, new_id);
        let task = sender.tasks().spawn(task);
        Self {
            counters,
            finished,
            deliveries: Vec::new(),
            task,
        }
    }

    /// Starts no more deliveries, waits until those that are under way have ended, and reports on all.
    ///
    /// Retries and their pauses are waited for, by the simulator's clock.
    pub async fn stop(mut self) -> SteadyReport {
        if let Some(task) = &self.task {
            task.abort();
        }
        while let Some(delivery) = self.finished.recv().await {
            self.deliveries.push(delivery);
        }
        self.report()
    }

    /// Reports on the deliveries that have ended so far. The others are unfinished.
    pub(crate) fn report(&mut self) -> SteadyReport {
        while let Ok(delivery) = self.finished.try_recv() {
            self.deliveries.push(delivery);
        }
        let mut deliveries = self.deliveries.clone();
        deliveries.sort_by_key(|delivery| delivery.due);
        let started = self.counters.started.load(Ordering::SeqCst);
        SteadyReport {
            overruns: self.counters.overruns.load(Ordering::SeqCst),
            unfinished: started - deliveries.len() as u64,
            deliveries,
        }
    }
}

impl fmt::Debug for SteadyDeliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SteadyDeliveries")
            .field(&self.counters)
            .finish()
    }
}

/// Starts deliveries when they are due.
#[derive(Clone)]
struct Schedule {
    sender: Arc<DeliverySender>,
    source: Arc<Mutex<dyn DeliverySource>>,
    period: Duration,
    connections: Arc<Semaphore>,
    counters: Arc<Counters>,
    finish: mpsc::UnboundedSender<SteadyDelivery>,
}

impl Schedule {
    async fn run(self, mut due: SystemTime, mut payload: Delivery, new_id: fn() -> Uuid) {
        let clock = self.sender.clock();
        loop {
            let wait = due.duration_since(clock.now()).unwrap_or_default();
            tokio::select! {
                () = clock.sleep(wait) => {}
                // The handle was dropped.
                () = self.finish.closed() => return,
            }
            let now = clock.now();
            while due <= now {
                let waited = clock.now().duration_since(now).unwrap_or_default();
                let connection = tokio::select! {
                    biased;
                    connection = self.connections.clone().acquire_owned() => connection.ok(),
                    () = clock.sleep(self.period.saturating_sub(waited)) => None,
                };
                match connection {
                    Some(connection) => {
                        payload.id = new_id();
                        payload.created = clock.now();
                        self.update_key(&mut payload);
                        self.start(payload.clone(), due, connection);
                    }
                    None => {
                        self.counters.overruns.fetch_add(1, Ordering::SeqCst);
                    }
                }
                match due.checked_add(self.period) {
                    Some(next) => due = next,
                    // The next delivery is never due.
                    None => return,
                }
            }
        }
    }

    /// Updates the key that was current when a delivery was created.
    fn update_key(&self, delivery: &mut Delivery) {
        let source = lock(&self.source);
        if let Some((_, keys)) = source.destination(&delivery.subscription) {
            delivery.key = keys.current().clone();
        }
    }

    /// Starts a delivery in a task of its own.
    fn start(&self, delivery: Delivery, due: SystemTime, connection: OwnedSemaphorePermit) {
        self.counters.started.fetch_add(1, Ordering::SeqCst);
        let schedule = self.clone();
        self.sender.tasks().spawn(async move {
            let finish = schedule.finish.clone();
            tokio::select! {
                delivered = schedule.deliver(delivery, due, connection) => {
                    // The handle may have been dropped by now.
                    finish.send(delivered).ok();
                }
                () = finish.closed() => {}
            }
        });
    }

    /// Posts a delivery until it is accepted or no attempt remains. Each attempt takes a connection.
    async fn deliver(
        self,
        delivery: Delivery,
        due: SystemTime,
        connection: OwnedSemaphorePermit,
    ) -> SteadyDelivery {
        let mut connection = Some(connection);
        let mut ongoing = self.sender.begin(&*self.source, &delivery);
        while let Some(pause) = ongoing.attempt().await {
            drop(connection.take());
            self.sender.clock().sleep(pause).await;
            connection = self.connections.clone().acquire_owned().await.ok();
        }
        SteadyDelivery {
            id: delivery.id,
            due,
            attempts: ongoing.attempts.into_iter().map(Into::into).collect(),
        }
    }
}
