//! An answer is lost, or a request arrives late. PandaDoc isn't asked for another key, and Ratepay gets the same one.

use std::time::Duration;

use http::StatusCode;
use webhook_subscriptions::rotate::{Ended, Phase};
use webhook_subscriptions::testing::{Fault, Operation};
use webhook_subscriptions::verify::{PandaDoc, Ratepay};
use webhook_subscriptions::Secret;

use crate::world::{Process, Side, World, HOUR, MINUTE, SECOND, SETTLED};

const READ: Operation = Operation::DetailsWebhookSubscription;

/// Requests that the provider applies, and whose answer never comes.
fn lost_after_applying() -> Vec<Fault> {
    let late = [5, 30, 60, 119].map(|seconds| Fault::apply_late(seconds * SECOND));
    let lost = [
        Fault::cut_after_applying(),
        Fault::cut_inside_answer(),
        Fault::answer_after_applying(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::answer_after_applying(StatusCode::SERVICE_UNAVAILABLE),
    ];
    lost.into_iter().chain(late).collect()
}

/// The statuses with which deliveries signed with each of these keys are answered.
async fn answers<S: Side>(process: &Process<S>, keys: &[&Secret]) -> Vec<u16> {
    let mut answers = Vec::new();
    for key in keys {
        answers.push(process.deliver(key).await.as_u16());
    }
    answers
}

/// However many of the reads fail that look for the new key.
#[tokio::test]
async fn pandadoc_makes_one_key_and_reads_find_it() {
    for fault in lost_after_applying() {
        for failed_reads in 0..4 {
            let world = World::<PandaDoc>::new().await;
            let process = world.run().await;
            let old = world.key();
            world
                .simulator
                .inject(fault.clone().on(PandaDoc::CHANGE).once());
            let before = Fault::delay(Duration::ZERO).on(READ).once();
            world.simulator.inject(before);
            let unavailable = Fault::service_unavailable(None).on(READ);
            world.simulator.inject(unavailable.times(failed_reads));
            let ended = process.rotate().await;
            let rotated = Ended::Rotated { generation: 2 };
            assert_eq!(ended, rotated, "{fault:?}, {failed_reads}");
            let seen = (world.generation(), world.changes(), process.generations());
            assert_eq!(seen, (2, 1, vec![1, 2]), "{fault:?}, {failed_reads}");
            let accepted = answers(&process, &[&old, &world.key()]).await;
            assert_eq!(accepted, [200, 200], "{fault:?}, {failed_reads}");
        }
    }
}

#[tokio::test]
async fn a_request_that_never_arrived_is_tried_again_after_an_hour() {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    world
        .simulator
        .inject(Fault::cut_before_applying().on(PandaDoc::CHANGE).once());
    let _ = process.rotate().await;
    process.pass(HOUR - MINUTE).await;
    let within_the_hour = world.changes();
    process.pass(MINUTE).await;
    assert_eq!(
        (within_the_hour, world.changes(), world.generation()),
        (1, 2, 2)
    );
}

/// The request arrives after the rotation has given up on it.
async fn changed_after_the_end() -> (World<PandaDoc>, Process<PandaDoc>) {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    let late = Fault::apply_late(30 * MINUTE);
    world.simulator.inject(late.on(PandaDoc::CHANGE).once());
    let ended = process.rotate().await;
    assert!(matches!(ended, Ended::NotChanged { .. }), "{ended:?}");
    process.pass(30 * MINUTE).await;
    assert_eq!((world.generation(), process.generations()), (2, vec![1]));
    (world, process)
}

#[tokio::test]
async fn a_key_that_came_too_late_is_found_by_its_first_delivery() {
    let (world, process) = changed_after_the_end().await;
    let accepted = process.deliver(&world.key()).await;
    assert_eq!(
        (accepted, process.generations()),
        (StatusCode::OK, vec![1, 2])
    );
}

#[tokio::test]
async fn a_key_that_came_too_late_is_found_by_the_next_attempt_which_makes_no_other() {
    let (world, process) = changed_after_the_end().await;
    process.pass(HOUR).await;
    let seen = (world.generation(), world.changes(), process.generations());
    assert_eq!(seen, (2, 1, vec![1, 2]));
}

#[tokio::test]
async fn a_key_that_was_changed_at_the_dashboard_is_found_by_its_first_delivery() {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    let old = world.key();
    process.pass(SETTLED).await;
    let pandadoc = world.simulator.pandadoc();
    let new = pandadoc
        .change_key_at_dashboard(&world.subscription)
        .unwrap();
    let accepted = answers(&process, &[&new, &old]).await;
    assert_eq!(
        (accepted, process.phase()),
        (vec![200, 200], Phase::Overlap)
    );
}

/// The key is new already, so no other one is made.
#[tokio::test]
async fn a_key_that_was_changed_at_the_dashboard_is_found_by_a_rotation() {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    let pandadoc = world.simulator.pandadoc();
    let new = pandadoc
        .change_key_at_dashboard(&world.subscription)
        .unwrap();
    let ended = process.rotate().await;
    let seen = (process.deliver(&new).await, world.changes());
    assert_eq!(seen, (StatusCode::OK, 0), "{ended:?}");
}

/// Somebody changes the key while a request of the rotation is on its way.
#[tokio::test]
async fn a_key_of_the_dashboard_and_a_late_one_are_both_found() {
    // The request arrives after so many seconds, and the dashboard is used after 20.
    for seconds in [60, 119] {
        let world = World::<PandaDoc>::new().await;
        let process = world.run().await;
        let first = world.key();
        let late = Fault::apply_late(seconds * SECOND);
        let late = world.simulator.inject(late.on(PandaDoc::CHANGE).once());
        process.pass(MINUTE).await;
        let rotation = process.rotation();
        let rotating = tokio::spawn(async move { rotation.rotate_now().await });
        process.settled().await;
        process.pass(20 * SECOND).await;
        assert_eq!((late.hits().len(), world.generation()), (1, 1), "{seconds}");
        let pandadoc = world.simulator.pandadoc();
        let by_hand = pandadoc
            .change_key_at_dashboard(&world.subscription)
            .unwrap();
        for _ in 0..180 {
            process.pass(SECOND).await;
        }
        process.pass(HOUR).await;
        let ended = rotating.await.unwrap();
        let accepted = answers(&process, &[&first, &by_hand, &world.key()]).await;
        let seen = (world.generation(), world.changes(), accepted);
        assert_eq!(seen, (3, 1, vec![200, 200, 200]), "{seconds}: {ended:?}");
    }
}

/// Ratepay's answer is lost several times in a row.
#[tokio::test]
async fn ratepay_gets_the_same_secret_until_it_answers() {
    for fault in lost_after_applying() {
        for times in 1..=4 {
            let world = World::<Ratepay>::new().await;
            let process = world.run().await;
            let old = world.key();
            world
                .simulator
                .inject(fault.clone().on(Ratepay::CHANGE).times(times));
            let _ = process.rotate().await;
            process.pass_until_phase(Phase::Overlap).await;
            // A request that arrives late is the last one.
            process.pass(HOUR).await;
            let seen = (world.generation(), world.changes(), process.generations());
            let requests = u64::from(times) + 1;
            assert_eq!(seen, (2, requests, vec![1, 2]), "{fault:?}, {times}");
            let accepted = answers(&process, &[&old, &world.key()]).await;
            assert_eq!(accepted, [200, 200], "{fault:?}, {times}");
        }
    }
}

/// The provider may have taken it, so its deliveries may be signed with it.
#[tokio::test]
async fn ratepay_s_secret_is_accepted_before_it_is_confirmed() {
    for fault in [Fault::cut_before_applying(), Fault::cut_after_applying()] {
        let world = World::<Ratepay>::new().await;
        let process = world.run().await;
        let old = world.key();
        world
            .simulator
            .inject(fault.clone().on(Ratepay::CHANGE).once());
        let _ = process.rotate().await;
        let accepted = answers(&process, &[&old, &world.key()]).await;
        assert_eq!(
            (process.phase(), accepted),
            (Phase::Prepared, vec![200, 200]),
            "{fault:?}"
        );
    }
}
