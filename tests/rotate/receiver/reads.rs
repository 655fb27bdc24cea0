//! An unknown signature is rejected only after a read of the current key that began after the delivery arrived.
//! Callers share a read, and there is at most one in 10 seconds.

use std::time::Instant;

use http::StatusCode;
use webhook_subscriptions::testing::Fault;
use webhook_subscriptions::verify::{PandaDoc, Ratepay};

use super::{Shop, READ};
use crate::service::{Answer, Delivery, Way};
use crate::world::{MILLISECOND, SECOND};

#[tokio::test]
async fn a_forged_delivery_is_rejected_after_a_read() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        let reads = shop.reads();
        let answer = shop.answer(way, &Delivery::forged::<PandaDoc>()).await;
        let reads = shop.reads() - reads;
        assert_eq!((answer, reads), (Answer::REJECTED, 1), "{way:?}");
    }
}

#[tokio::test]
async fn ratepay_a_forged_delivery_is_rejected_after_the_store_was_loaded() {
    for way in Way::ALL {
        let shop = Shop::<Ratepay>::open().await;
        let before = (shop.world.store.loads(), shop.world.requests());
        let answer = shop.answer(way, &Delivery::forged::<Ratepay>()).await;
        assert_eq!(answer, Answer::REJECTED, "{way:?}");
        let after = (shop.world.store.loads(), shop.world.requests());
        assert_eq!(after, (before.0 + 1, before.1), "{way:?}");
    }
}

#[tokio::test]
async fn ratepay_the_store_is_loaded_at_most_once_in_50_milliseconds() {
    for way in Way::ALL {
        let shop = Shop::<Ratepay>::open().await;
        let begin = Instant::now();
        for _ in 0..4 {
            let answer = shop.answer(way, &Delivery::forged::<Ratepay>()).await;
            assert_eq!(answer, Answer::REJECTED, "{way:?}");
        }
        // Between four loads are three pauses.
        assert!(begin.elapsed() >= 150 * MILLISECOND, "{way:?}");
    }
}

#[tokio::test]
async fn a_read_that_began_before_the_delivery_arrived_proves_nothing() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        let first = shop.begin_read(way, 4 * SECOND).await;
        let second = shop.send(way, Delivery::forged::<PandaDoc>());
        shop.until_held(2).await;
        shop.pass(4 * SECOND);
        assert_eq!(first.await.unwrap(), Answer::REJECTED, "{way:?}");
        assert_eq!(second.await.unwrap(), Answer::not_decided(6), "{way:?}");
    }
}

#[tokio::test]
async fn held_deliveries_share_the_next_read() {
    for way in Way::ALL {
        let shop = Shop::<PandaDoc>::open().await;
        // Shows the key from before the change.
        shop.begin_read(way, 10 * SECOND).await;
        let delivery = Delivery::signed::<PandaDoc>(&shop.change_key());
        let reads = shop.reads();
        shop.pass(5 * SECOND);
        let held: Vec<_> = (0..50).map(|_| shop.send(way, delivery.clone())).collect();
        shop.until_held(51).await;
        shop.pass(5 * SECOND);
        for held in held {
            assert_eq!(held.await.unwrap(), Answer::ACCEPTED, "{way:?}");
        }
        assert_eq!(shop.reads() - reads, 1, "{way:?}");
    }
}

/// A fault of reads, and the answer to a forged delivery after the read.
fn outcomes() -> [(Option<Fault>, Answer); 2] {
    let failing = Fault::answer(StatusCode::INTERNAL_SERVER_ERROR).on(READ);
    [
        (None, Answer::REJECTED),
        (Some(failing), Answer::not_decided(10)),
    ]
}

#[tokio::test]
async fn there_is_at_most_one_read_in_10_seconds() {
    for (way, (fault, read)) in Way::ALL
        .into_iter()
        .flat_map(|way| outcomes().map(|it| (way, it)))
    {
        let shop = Shop::<PandaDoc>::open().await;
        let case = format!("{way:?}, {fault:?}");
        fault.map(|fault| shop.simulator().inject(fault));
        let first = shop.reads();
        let mut answers = vec![];
        for wait in [0, 0, 1, 9_998, 1] {
            shop.pass(wait * MILLISECOND);
            let answer = shop.answer(way, &Delivery::forged::<PandaDoc>()).await;
            answers.push((answer, shop.reads() - first));
        }
        let expected = [
            (read, 1),
            (Answer::not_decided(10), 1),
            (Answer::not_decided(10), 1),
            (Answer::not_decided(1), 1),
            (read, 2),
        ];
        assert_eq!(answers, expected, "{case}");
    }
}
