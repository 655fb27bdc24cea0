//! An unknown signature is answered with 503 while nothing can tell whether a new key made it. The answer says when
//! to try again. Known keys pass all the same.

use webhook_subscriptions::rotate::Phase;
use webhook_subscriptions::testing::{Fault, Operation, StoreFault};
use webhook_subscriptions::verify::PandaDoc;

use super::{Shop, READ};
use crate::service::{until, Answer, Delivery, Way};
use crate::world::{for_both_providers, Side, MILLISECOND, SECOND};

#[tokio::test]
async fn no_read_is_possible_yet() {
    // The time since the latest read, and what is left of the 10 seconds.
    let times = [(0, 10), (1, 10), (3_500, 7), (9_000, 1), (9_999, 1)];
    for (way, (since, left)) in Way::ALL
        .into_iter()
        .flat_map(|way| times.map(|it| (way, it)))
    {
        let shop = Shop::<PandaDoc>::open().await;
        let read = shop.answer(way, &Delivery::forged::<PandaDoc>()).await;
        shop.pass(since * MILLISECOND);
        let answer = shop.answer(way, &Delivery::forged::<PandaDoc>()).await;
        let expected = (Answer::REJECTED, Answer::not_decided(left));
        assert_eq!((read, answer), expected, "{way:?}, after {since} ms");
    }
}

async fn the_store_is_unavailable<S: Side>() {
    for way in Way::ALL {
        let shop = Shop::<S>::open().await;
        let requests = shop.world.requests();
        let fault = shop.world.store.inject(StoreFault::unavailable());
        let unknown = shop.answer(way, &Delivery::forged::<S>()).await;
        let known = shop.answer(way, &Delivery::signed::<S>(&shop.key)).await;
        assert_eq!(unknown, Answer::not_decided(10), "{way:?}");
        assert_eq!(known, Answer::ACCEPTED, "{way:?}");
        assert!(!shop.process.is_ready(), "{way:?}");
        assert_eq!(shop.world.requests(), requests, "{way:?}");

        fault.remove();
        let unknown = shop.answer(way, &Delivery::forged::<S>()).await;
        assert_eq!(unknown, Answer::REJECTED, "{way:?}");
        assert!(shop.process.is_ready(), "{way:?}");
    }
}

for_both_providers! { the_store_is_unavailable }

/// Opens a shop that asked for another key and got no answer. The request may arrive for 130 seconds.
async fn shop_with_a_lost_answer() -> Shop<PandaDoc> {
    let shop = Shop::<PandaDoc>::open().await;
    let change = Operation::UpdateWebhookSubscriptionSharedKey;
    let cut = Fault::cut_before_applying().on(change).once();
    shop.simulator().inject(cut);
    let rotation = (*shop.process).clone();
    tokio::spawn(async move { rotation.rotate_now().await });
    until(|| shop.process.status().phase == Phase::Settling).await;
    shop
}

#[tokio::test]
async fn a_request_of_ours_may_be_under_way() {
    for way in Way::ALL {
        let shop = shop_with_a_lost_answer().await;
        let reads = shop.reads();
        shop.pass(5 * SECOND);
        let held = shop.send(way, Delivery::forged::<PandaDoc>());
        shop.until_held(1).await;
        shop.pass(5 * SECOND);
        assert_eq!(held.await.unwrap(), Answer::not_decided(10), "{way:?}");
        assert_eq!(shop.reads() - reads, 1, "{way:?}");

        // By now the request has arrived or never will.
        shop.pass(120 * SECOND);
        until(|| shop.process.status().phase == Phase::Steady).await;
        shop.pass(10 * SECOND);
        let answer = shop.answer(way, &Delivery::forged::<PandaDoc>()).await;
        assert_eq!(answer, Answer::REJECTED, "{way:?}");
    }
}

#[tokio::test]
async fn the_read_began_while_a_request_of_ours_may_have_been_under_way() {
    for way in Way::ALL {
        let shop = shop_with_a_lost_answer().await;
        let reads = shop.reads();
        shop.pass(100 * SECOND);
        until(|| shop.reads() > reads).await;
        shop.pass(24 * SECOND);
        let late = Fault::delay(8 * SECOND).on(READ).times(2);
        let late = shop.simulator().inject(late);
        let held = shop.send(way, Delivery::forged::<PandaDoc>());
        until(|| !late.hits().is_empty()).await;
        shop.pass(8 * SECOND);
        assert_eq!(held.await.unwrap(), Answer::not_decided(10), "{way:?}");
    }
}
