//! Thousands of forged deliveries during a rotation are all rejected, and cost a limited number of reads and
//! places. No genuine delivery is rejected because of them.

use std::time::Duration;

use tokio::task::JoinSet;
use webhook_subscriptions::rotate::Phase;
use webhook_subscriptions::testing::{Fault, FaultHit, Operation};
use webhook_subscriptions::Secret;

use crate::receiver::Shop;
use crate::service::{until, Answer, Delivery, Way};
use crate::world::{for_both_providers, Side, MILLISECOND, SECOND};

const BATCHES: u32 = 100;
const FORGED_PER_BATCH: u32 = 100;

/// The sender of a delivery.
#[derive(Clone, Copy, PartialEq)]
enum Sender {
    Stranger,
    /// With the key from before the rotation.
    OldKey,
    /// With the key whose answer was lost.
    NewKey,
}

/// Sends the deliveries of a batch in the background.
fn send_batch<S: Side>(
    shop: &Shop<S>,
    new_key: &Secret,
    answers: &mut JoinSet<(Sender, Answer)>,
    batch: u32,
) {
    let strangers = (0..FORGED_PER_BATCH).map(|_| (Sender::Stranger, Delivery::forged::<S>()));
    let genuine = [
        (Sender::OldKey, Delivery::signed::<S>(&shop.key)),
        (Sender::NewKey, Delivery::signed::<S>(new_key)),
    ];
    let way = Way::ALL[batch as usize % 2];
    for (sender, delivery) in strangers.chain(genuine) {
        let service = shop.service;
        answers.spawn(async move { (sender, service.answer(way, &delivery).await) });
    }
}

/// Floods the service while it settles a rotation whose answer was lost. Returns all answers.
async fn flood<S: Side>(shop: &Shop<S>) -> Vec<(Sender, Answer)> {
    let new_key = shop.world.key();
    let mut answers = JoinSet::new();
    let mut answered = Vec::new();
    for batch in 0..BATCHES {
        send_batch(shop, &new_key, &mut answers, batch);
        let sent = (batch + 1) * (FORGED_PER_BATCH + 2);
        // All but those that are held have an answer.
        while answered.len() as u64 + shop.counts().held < u64::from(sent) {
            tokio::task::yield_now().await;
            answered.extend(std::iter::from_fn(|| answers.try_join_next()).map(Result::unwrap));
        }
        assert!(shop.counts().held <= 64, "{:?}", shop.counts());
        shop.pass(1_400 * MILLISECOND);
    }
    shop.pass(10 * SECOND);
    answered.extend(answers.join_all().await);
    answered
}

async fn forged_deliveries_change_nothing<S: Side>() {
    let shop = Shop::<S>::open().await;
    let lost = Fault::cut_after_applying().on(S::CHANGE).once();
    shop.simulator().inject(lost);
    // A fault that does nothing, and records when it did.
    let nothing = Fault::delay(Duration::ZERO).on(Operation::DetailsWebhookSubscription);
    let reads = shop.simulator().inject(nothing);
    let rotation = (*shop.process).clone();
    tokio::spawn(async move { rotation.rotate_now().await });
    until(|| shop.world.generation() == 2).await;

    let answers = flood(&shop).await;
    let of = |sender| {
        let answers = answers.iter().filter(move |(it, _)| *it == sender);
        answers.map(|(_, answer)| answer.status)
    };
    assert_eq!(of(Sender::Stranger).count(), 10_000);
    assert!(of(Sender::Stranger).all(|status| status == 403 || status == 503));
    assert!(of(Sender::OldKey).all(|status| status == 200));
    assert!(of(Sender::NewKey).all(|status| status == 200 || status == 503));
    assert_eq!(of(Sender::NewKey).next_back(), Some(200));
    let hits = reads.hits();
    let apart = |hits: &[FaultHit]| hits[1].at.duration_since(hits[0].at).unwrap();
    assert!(hits.windows(2).map(apart).all(|apart| apart >= 10 * SECOND));

    shop.process.pass_until_phase(Phase::Overlap).await;
    assert_eq!(shop.world.generation(), 2);
}

for_both_providers! { forged_deliveries_change_nothing }
