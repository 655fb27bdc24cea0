//! Strangers take a limited number of places, bytes and seconds, and none of those of known keys.

use std::time::Duration;

use webhook_subscriptions::testing::StoreFault;
use webhook_subscriptions::verify::PandaDoc;

use super::Shop;
use crate::service::{until, Answer, Delivery, Way};
use crate::world::{for_both_providers, Side, BODY, MILLISECOND, SECOND};

const MIB: usize = 1 << 20;

/// Begins a read that never ends, so that every unknown signature is held. One is held already.
async fn holding(way: Way) -> Shop<PandaDoc> {
    let shop = Shop::<PandaDoc>::open().await;
    shop.begin_read(way, Duration::MAX).await;
    shop
}

#[tokio::test]
async fn at_most_64_deliveries_are_held() {
    for way in Way::ALL {
        let shop = holding(way).await;
        let _held: Vec<_> = (1..64)
            .map(|_| shop.send(way, Delivery::forged::<PandaDoc>()))
            .collect();
        shop.until_held(64).await;
        let answer = shop.answer(way, &Delivery::forged::<PandaDoc>()).await;
        assert_eq!(answer, Answer::not_decided(10), "{way:?}");
        let known = Delivery::signed::<PandaDoc>(&shop.key);
        assert_eq!(shop.answer(way, &known).await, Answer::ACCEPTED, "{way:?}");
        assert_eq!(shop.counts().held, 64, "{way:?}");
    }
}

/// In one way only, because of the time that the hashes take.
#[tokio::test]
async fn at_most_16_mib_are_held() {
    let way = Way::VerifyRequest;
    let shop = holding(way).await;
    let forged = Delivery::forged_with::<PandaDoc>;
    // Together with the one that is held already, one byte less than 16 MiB.
    let sizes = [2 * MIB; 7].into_iter().chain([2 * MIB - BODY.len() - 1]);
    let _held: Vec<_> = sizes.map(|bytes| shop.send(way, forged(bytes))).collect();
    shop.until_held(9).await;
    let two_bytes = shop.answer(way, &forged(2)).await;
    assert_eq!(two_bytes, Answer::not_decided(10));
    let _one_byte = shop.send(way, forged(1));
    shop.until_held(10).await;
}

#[tokio::test]
async fn a_delivery_is_held_for_10_seconds() {
    for way in Way::ALL {
        let shop = holding(way).await;
        shop.pass(5 * SECOND);
        let held = shop.send(way, Delivery::forged::<PandaDoc>());
        shop.until_held(2).await;
        shop.pass(10 * SECOND - MILLISECOND);
        shop.until_held(1).await;
        assert!(!held.is_finished(), "{way:?}");
        shop.pass(MILLISECOND);
        assert_eq!(held.await.unwrap(), Answer::not_decided(10), "{way:?}");
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_frees_its_place() {
    for way in Way::ALL {
        let shop = holding(way).await;
        let forged = Delivery::forged::<PandaDoc>();
        let connection = shop.service.send(way, &forged).await.unwrap();
        shop.until_held(2).await;
        drop(connection);
        shop.until_held(1).await;
    }
}

#[tokio::test]
async fn a_service_whose_schedule_does_not_run_holds_a_delivery_no_longer() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        shop.process.abort_handle().abort();
        until(|| !shop.process.status().running).await;
        let held = shop.send(way, Delivery::forged::<PandaDoc>());
        shop.until_held(1).await;
        shop.pass(10 * SECOND);
        assert_eq!(held.await.unwrap(), Answer::not_decided(10), "{way:?}");
    }
}

async fn an_unusable_signature_costs_no_look<S: Side>() {
    for way in Way::ALL {
        let shop = Shop::<S>::open().await;
        let before = (shop.world.requests(), shop.world.store.loads());
        for delivery in [Delivery::unsigned(), Delivery::malformed()] {
            assert_eq!(
                shop.answer(way, &delivery).await,
                Answer::of(400),
                "{way:?}"
            );
        }
        let after = (shop.world.requests(), shop.world.store.loads());
        assert_eq!(after, before, "{way:?}");
        let counts = shop.counts();
        assert_eq!(counts.rejected + counts.not_decided, 0, "{way:?}");
    }
}

for_both_providers! { an_unusable_signature_costs_no_look }

#[tokio::test]
async fn a_known_key_costs_no_look_and_waits_for_nothing() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        shop.process.abort_handle().abort();
        until(|| !shop.process.status().running).await;
        let _refusing = shop.simulator().refuse_connections().await.unwrap();
        shop.world.store.inject(StoreFault::unavailable());
        let loads = shop.world.store.loads();
        let answer = shop
            .answer(way, &Delivery::signed::<PandaDoc>(&shop.key))
            .await;
        assert_eq!(
            (answer, shop.world.store.loads()),
            (Answer::ACCEPTED, loads),
            "{way:?}"
        );
    }
}

#[tokio::test]
async fn unknown_signatures_are_counted_by_what_became_of_them() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        let forged = Delivery::forged::<PandaDoc>();
        let known = Delivery::signed::<PandaDoc>(&shop.key);
        let new = Delivery::signed::<PandaDoc>(&shop.change_key());
        let deliveries = [known, new, forged.clone(), forged];
        let mut statuses = vec![];
        for (delivery, wait) in deliveries.iter().zip([0, 0, 10, 0]) {
            shop.pass(wait * SECOND);
            statuses.push(shop.answer(way, delivery).await.status);
        }
        assert_eq!(statuses, [200, 200, 403, 503], "{way:?}");
        shop.pass(10 * SECOND);
        shop.begin_read(way, Duration::MAX).await;
        let counts = shop.counts();
        let counts = [
            counts.accepted,
            counts.rejected,
            counts.not_decided,
            counts.held,
        ];
        assert_eq!(counts, [1, 1, 1, 1], "{way:?}");
    }
}
