//! A genuine delivery that is signed with a key which the service doesn't know yet is held, and accepted.

use tokio::task::JoinHandle;
use webhook_subscriptions::rotate::{Ended, NotRunning, Store};
use webhook_subscriptions::testing::{Fault, MemoryStore, Operation, StoreFault};
use webhook_subscriptions::verify::{PandaDoc, Ratepay};
use webhook_subscriptions::Secret;

use super::Shop;
use crate::service::{until, Answer, Delivery, Service, Way};
use crate::stores::forward;
use crate::world::{Process, Side, SECOND};

/// A store that tells nobody when its records change.
struct Quiet(MemoryStore);

impl Store for Quiet {
    forward! { 0: load swap }
}

impl<S: Side> Shop<S> {
    /// Starts another process, which learns of changes of the store only when it loads the record.
    async fn quiet_process(&self) -> (Process<S>, Service) {
        let store = Quiet(self.world.store.clone());
        let builder = self.world.builder().store(store);
        let process = self.world.run_with(builder).await;
        let service = Service::start(&process).await;
        (process, service)
    }
}

#[tokio::test]
async fn a_key_that_was_changed_at_the_dashboard() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        let key = shop.change_key();
        let answer = shop.answer(way, &Delivery::signed::<PandaDoc>(&key)).await;
        assert_eq!(answer, Answer::ACCEPTED, "{way:?}");
    }
}

#[tokio::test]
async fn a_key_that_another_process_stored_before() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        let (_other, service) = shop.quiet_process().await;
        let delivery = Delivery::signed::<PandaDoc>(&shop.change_key());
        assert_eq!(
            shop.answer(way, &delivery).await,
            Answer::ACCEPTED,
            "{way:?}"
        );
        let reads = shop.reads();
        let answer = service.answer(way, &delivery).await;
        assert_eq!((answer, shop.reads()), (Answer::ACCEPTED, reads), "{way:?}");
    }
}

#[tokio::test]
async fn a_key_that_another_process_stores_meanwhile() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        let other = shop.world.run().await;
        let service = Service::start(&other).await;
        shop.begin_read(way, 60 * SECOND).await;
        let delivery = Delivery::signed::<PandaDoc>(&shop.change_key());
        shop.pass(5 * SECOND);
        let held = shop.send(way, delivery.clone());
        shop.until_held(2).await;
        // The other process may read by now.
        shop.pass(5 * SECOND);
        assert_eq!(service.answer(way, &delivery).await, Answer::ACCEPTED);
        assert_eq!(held.await.unwrap(), Answer::ACCEPTED, "{way:?}");
    }
}

impl Shop<PandaDoc> {
    /// Begins a rotation whose answer comes after 5 seconds. Returns the new key.
    async fn begin_rotation(&self) -> (Secret, JoinHandle<Result<Ended, NotRunning>>) {
        let change = Operation::UpdateWebhookSubscriptionSharedKey;
        let late = Fault::delay(5 * SECOND).on(change).once();
        let late = self.simulator().inject(late);
        let rotation = (*self.process).clone();
        let ended = tokio::spawn(async move { rotation.rotate_now().await });
        until(|| !late.hits().is_empty()).await;
        (self.world.key(), ended)
    }
}

#[tokio::test]
async fn a_key_that_comes_with_an_answer_meanwhile() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        let (key, ended) = shop.begin_rotation().await;
        let held = shop.send(way, Delivery::signed::<PandaDoc>(&key));
        shop.until_held(1).await;
        shop.pass(5 * SECOND);
        assert_eq!(held.await.unwrap(), Answer::ACCEPTED, "{way:?}");
        let ended = ended.await.unwrap().unwrap();
        assert_eq!(ended, Ended::Rotated { generation: 2 }, "{way:?}");
    }
}

#[tokio::test]
async fn a_key_that_comes_with_an_answer_and_cannot_be_stored() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        let (key, _) = shop.begin_rotation().await;
        shop.world.store.inject(StoreFault::unavailable());
        shop.pass(5 * SECOND);
        until(|| shop.process.status().store_error.is_some()).await;
        let answer = shop.answer(way, &Delivery::signed::<PandaDoc>(&key)).await;
        assert_eq!(answer, Answer::ACCEPTED, "{way:?}");
    }
}

#[tokio::test]
async fn a_secret_that_another_process_stored_before() {
    for way in Way::ALL {
        let shop = Shop::<Ratepay>::open().await;
        let (_other, service) = shop.quiet_process().await;
        let ended = shop.process.rotate_now().await.unwrap();
        assert_eq!(ended, Ended::Rotated { generation: 2 }, "{way:?}");
        let secret = shop.world.key();
        let answer = service
            .answer(way, &Delivery::signed::<Ratepay>(&secret))
            .await;
        assert_eq!(answer, Answer::ACCEPTED, "{way:?}");
    }
}
