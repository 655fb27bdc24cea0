//! Each delivery is decided as the documentation says, whichever way the service verifies it.

mod limits;
mod reads;
mod undecided;
mod unknown_keys;

use std::time::Duration;

use tokio::task::JoinHandle;
use webhook_subscriptions::rotate::UnknownSignatures;
use webhook_subscriptions::testing::{Fault, Operation, Simulator};
use webhook_subscriptions::verify::PandaDoc;
use webhook_subscriptions::Secret;

use crate::service::{until, Answer, Delivery, Service, Way};
use crate::world::{Process, Side, World, SECOND};

/// The operation that reads PandaDoc's current key.
const READ: Operation = Operation::DetailsWebhookSubscription;

/// A service with a rotation that runs. The clock is stopped.
pub struct Shop<S: Side> {
    pub world: World<S>,
    pub process: Process<S>,
    pub service: Service,
    /// The key that the service has adopted.
    pub key: Secret,
}

impl<S: Side> Shop<S> {
    /// Starts a service. The next read, or the next rotation, is possible at once.
    pub async fn open() -> Self {
        let world = World::new().await;
        let process = world.run().await;
        process.pass(10 * SECOND).await;
        Self {
            service: Service::start(&process).await,
            key: world.key(),
            world,
            process,
        }
    }

    pub fn simulator(&self) -> &Simulator {
        &self.world.simulator
    }

    /// Moves the clock.
    pub fn pass(&self, duration: Duration) {
        self.world.clock.advance(duration);
    }

    async fn answer(&self, way: Way, delivery: &Delivery) -> Answer {
        self.service.answer(way, delivery).await
    }

    /// Sends a delivery in the background.
    fn send(&self, way: Way, delivery: Delivery) -> JoinHandle<Answer> {
        let service = self.service;
        tokio::spawn(async move { service.answer(way, &delivery).await })
    }

    pub fn counts(&self) -> UnknownSignatures {
        self.process.status().unknown_signatures
    }

    /// Waits until the service holds this many deliveries.
    async fn until_held(&self, held: u64) {
        until(|| self.counts().held == held).await;
    }
}

impl Shop<PandaDoc> {
    /// Has the key changed by somebody else.
    fn change_key(&self) -> Secret {
        let pandadoc = self.simulator().pandadoc();
        let changed = pandadoc.change_key_at_dashboard(&self.world.subscription);
        changed.unwrap()
    }

    /// Has a forged delivery make the service read the key. PandaDoc looks at it at once, and answers after this
    /// time.
    async fn begin_read(&self, way: Way, answered_after: Duration) -> JoinHandle<Answer> {
        let late = Fault::delay(answered_after).on(READ).once();
        let late = self.simulator().inject(late);
        let held = self.send(way, Delivery::forged::<PandaDoc>());
        until(|| !late.hits().is_empty()).await;
        held
    }

    fn reads(&self) -> u64 {
        self.simulator().requests(READ)
    }
}
