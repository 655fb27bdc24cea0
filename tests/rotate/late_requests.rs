//! A request that is late is never sent: another process may have gone on by then.

use std::time::Duration;

use webhook_subscriptions::rotate::{Store, StoredRecord, SwapError};
use webhook_subscriptions::testing::{Clock, MemoryStore};
use webhook_subscriptions::BoxFuture;

use crate::stores::forward;
use crate::world::{for_both_providers, Side, World, READ_PAUSE, SECOND};

for_both_providers! {
    a_claim_that_took_long_to_store_is_given_up
    a_claim_that_was_stored_in_time_is_used
}

/// A store that takes this long to store a claim.
#[derive(Clone)]
struct Slow {
    store: MemoryStore,
    clock: Clock,
    delay: Duration,
}

impl Store for Slow {
    forward! { store: load }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        Box::pin(async move {
            let document = record.document.expose_secret();
            let document: serde_json::Value = serde_json::from_str(document).unwrap();
            if document["record"]["phase"].get("Calling").is_some() {
                self.clock.advance(self.delay);
            }
            self.store.swap(subscription, record).await
        })
    }
}

/// Returns how many requests are sent if it takes this long to store a claim.
async fn requests_after<S: Side>(delay: Duration) -> u64 {
    let world = World::<S>::new().await;
    let store = Slow {
        store: world.store.clone(),
        clock: world.clock.clone(),
        delay,
    };
    let process = world.run_with(world.builder().store(store)).await;
    process.pass(READ_PAUSE).await;
    let _ = process.rotate().await;
    world.changes()
}

async fn a_claim_that_took_long_to_store_is_given_up<S: Side>() {
    assert_eq!(requests_after::<S>(10 * SECOND).await, 0);
}

async fn a_claim_that_was_stored_in_time_is_used<S: Side>() {
    assert_eq!(requests_after::<S>(9 * SECOND).await, 1);
}
