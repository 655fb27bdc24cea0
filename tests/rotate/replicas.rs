//! Processes that share a store: a new secret is accepted by all of them before Ratepay gets it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use webhook_subscriptions::rotate::{Phase, Store, StoreError};
use webhook_subscriptions::testing::MemoryStore;
use webhook_subscriptions::verify::Ratepay;
use webhook_subscriptions::BoxFuture;

use crate::service::until;
use crate::stores::forward;
use crate::world::{for_both_providers, Side, World, MINUTE, READ_PAUSE, SECOND};

for_both_providers! { a_process_is_ready_once_the_others_wait_for_it }

/// A store in which nothing can be acknowledged at first.
#[derive(Clone, Default)]
struct Closed {
    store: MemoryStore,
    is_open: Arc<AtomicBool>,
}

impl Store for Closed {
    forward! { store: load swap }

    fn acknowledge<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            match self.is_open.load(Ordering::SeqCst) {
                true => self.store.acknowledge(subscription, version).await,
                false => Err(StoreError::new("nothing can be acknowledged")),
            }
        })
    }
}

async fn a_process_is_ready_once_the_others_wait_for_it<S: Side>() {
    let world = World::<S>::new().await;
    let store = Closed::default();
    let process = world.run_with(world.builder().store(store.clone())).await;
    // The latest use of the store succeeds, and still nobody waits for this process.
    process.pass(MINUTE).await;
    assert!(!process.is_ready());
    store.is_open.store(true, Ordering::SeqCst);
    process.pass(MINUTE).await;
    until(|| process.is_ready()).await;
}

#[tokio::test]
async fn ratepay_gets_a_secret_once_every_process_has_it_or_is_gone() {
    let world = World::<Ratepay>::new().await;
    let process = world.run().await;
    let record = Ratepay::record(&world.subscription);
    let other = world.store.clone();
    let version = process.status().version;
    other.acknowledge(&record, version).await.unwrap();

    let rotation = process.rotation();
    tokio::spawn(async move { rotation.rotate_now().await });
    process.pass(READ_PAUSE).await;
    until(|| process.phase() == Phase::Prepared).await;
    process.live(MINUTE).await;
    assert_eq!((process.phase(), world.changes()), (Phase::Prepared, 0));

    drop(other);
    process.live(10 * SECOND).await;
    until(|| process.phase() == Phase::Overlap).await;
    assert_eq!(world.changes(), 1);
}
