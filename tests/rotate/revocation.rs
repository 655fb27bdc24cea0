//! A key that leaked is replaced at once, and refused as soon as a newer one is known.

use http::StatusCode;
use webhook_subscriptions::rotate::{Ended, Phase};
use webhook_subscriptions::testing::Fault;
use webhook_subscriptions::verify::{PandaDoc, Ratepay};

use crate::world::{for_both_providers, Side, World, HOUR, READ_PAUSE, SETTLED};

for_both_providers! {
    the_current_key_is_replaced_at_once
    the_key_that_leaked_is_refused
    the_key_that_leaked_is_accepted_until_a_newer_one_is_known
    a_revocation_that_failed_is_tried_again
    a_revocation_outlives_the_process
    the_old_of_two_keys_goes_without_a_request
    the_end_says_that_the_old_of_two_keys_is_revoked
    a_second_revocation_of_a_key_ends_as_the_first
    the_new_of_two_keys_is_replaced_at_once
    a_key_can_be_revoked_while_somebody_must_look
    an_unknown_generation_is_a_clear_end
    a_revoked_key_is_shown_as_one_until_it_is_dropped
}

async fn the_current_key_is_replaced_at_once<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run_schedule().await;
    let ended = process.end(process.revoke(1)).await;
    let seen = (ended, world.generation(), world.changes());
    assert_eq!(seen, (Ended::Rotated { generation: 2 }, 2, 1));
}

/// Until a request can't arrive any more, nobody can tell whether an unknown key is a newer one.
async fn the_key_that_leaked_is_refused<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let leaked = world.key();
    let _ = process.end(process.revoke(1)).await;
    let at_once = process.deliver_for(READ_PAUSE, &leaked).await;
    process.pass(SETTLED).await;
    let later = process.deliver(&leaked).await;
    assert!(
        at_once.is_client_error() || at_once.is_server_error(),
        "{at_once}"
    );
    assert_eq!(
        (later, process.deliver(&world.key()).await),
        (StatusCode::FORBIDDEN, StatusCode::OK)
    );
}

/// Genuine deliveries are still signed with it.
async fn the_key_that_leaked_is_accepted_until_a_newer_one_is_known<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let forbidden = Fault::answer(StatusCode::FORBIDDEN);
    world.simulator.inject(forbidden.on(S::CHANGE));
    let ended = process.end(process.revoke(1)).await;
    assert!(matches!(ended, Ended::NotChanged { .. }), "{ended:?}");
    assert_eq!(process.deliver(&world.key()).await, StatusCode::OK);
}

async fn a_revocation_that_failed_is_tried_again<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let leaked = world.key();
    let forbidden = Fault::answer(StatusCode::FORBIDDEN);
    world.simulator.inject(forbidden.on(S::CHANGE).once());
    let _ = process.end(process.revoke(1)).await;
    process.pass(HOUR).await;
    process.pass(SETTLED).await;
    let seen = (world.generation(), process.deliver(&leaked).await);
    assert_eq!(seen, (2, StatusCode::FORBIDDEN));
}

async fn a_revocation_outlives_the_process<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let leaked = world.key();
    let forbidden = Fault::answer(StatusCode::FORBIDDEN);
    world.simulator.inject(forbidden.on(S::CHANGE).once());
    let _ = process.end(process.revoke(1)).await;
    process.kill();
    world.clock.advance(HOUR);
    let process = world.run().await;
    process.pass(SETTLED).await;
    let seen = (world.generation(), process.deliver(&leaked).await);
    assert_eq!(seen, (2, StatusCode::FORBIDDEN));
}

async fn the_old_of_two_keys_goes_without_a_request<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let old = world.key();
    let _ = process.rotate().await;
    process.pass(SETTLED).await;
    let _ = process.end(process.revoke(1)).await;
    let seen = (process.deliver(&old).await, world.changes());
    assert_eq!(seen, (StatusCode::FORBIDDEN, 1));
}

const REVOKED: Ended = Ended::Revoked { generation: 1 };

async fn the_end_says_that_the_old_of_two_keys_is_revoked<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let _ = process.rotate().await;
    process.pass(SETTLED).await;
    assert_eq!(process.end(process.revoke(1)).await, REVOKED);
}

async fn a_second_revocation_of_a_key_ends_as_the_first<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let _ = process.rotate().await;
    process.pass(SETTLED).await;
    let _ = process.end(process.revoke(1)).await;
    assert_eq!(process.end(process.revoke(1)).await, REVOKED);
}

/// The key before it is accepted still: deliveries that were queued may have it.
async fn the_new_of_two_keys_is_replaced_at_once<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let first = world.key();
    let _ = process.rotate().await;
    let leaked = world.key();
    let ended = process.end(process.revoke(2)).await;
    assert_eq!(ended, Ended::Rotated { generation: 3 });
    process.pass(SETTLED).await;
    let keys = [&first, &leaked, &world.key()];
    let mut answers = Vec::new();
    for key in keys {
        answers.push(process.deliver(key).await.as_u16());
    }
    assert_eq!((world.generation(), answers), (3, vec![200, 403, 200]));
}

async fn a_key_can_be_revoked_while_somebody_must_look<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let fault = Fault::answer(StatusCode::FORBIDDEN).on(S::CHANGE);
    let fault = fault.times(u32::try_from(S::MOST_FAILURES).unwrap());
    let fault = world.simulator.inject(fault);
    process.fail_all_but_one().await;
    process.pass(24 * HOUR).await;
    let seen = (process.phase(), fault.hits().len());
    assert_eq!(seen, (Phase::Attention, S::MOST_FAILURES));
    let ended = process.end(process.revoke(1)).await;
    assert_eq!(
        (process.phase(), world.generation()),
        (Phase::Overlap, 2),
        "{ended:?}"
    );
}

async fn an_unknown_generation_is_a_clear_end<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let ended = process.end(process.revoke(7)).await;
    let Ended::NotChanged { reason } = &ended else {
        panic!("{ended:?}");
    };
    assert!(reason.contains("no key of generation 7"), "{reason}");
}

async fn a_revoked_key_is_shown_as_one_until_it_is_dropped<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let _ = process.end(process.revoke(1)).await;
    let generations = process.status().generations;
    let revoked: Vec<_> = generations
        .iter()
        .map(|it| (it.number, it.revoked))
        .collect();
    assert_eq!(revoked, [(1, true), (2, false)]);
}

/// The read before the request shows a key that nobody told this service of.
#[tokio::test]
async fn at_pandadoc_a_key_that_somebody_else_replaced_ends_as_revoked() {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    let pandadoc = world.simulator.pandadoc();
    pandadoc
        .change_key_at_dashboard(&world.subscription)
        .unwrap();
    let ended = process.end(process.revoke(1)).await;
    assert_eq!((ended, world.changes()), (REVOKED, 0));
}

#[tokio::test]
async fn at_pandadoc_the_end_says_that_a_revoked_key_is_still_accepted() {
    let world = World::<PandaDoc>::new().await;
    let process = world.run().await;
    let _ = process.rotate().await;
    // The read of the next hour shows the key from before the rotation.
    world.simulator.inject(Fault::stale_read(2 * HOUR).times(1));
    process.pass(HOUR).await;
    let ended = process.end(process.revoke(2)).await;
    let Ended::NotChanged { reason } = &ended else {
        panic!("{ended:?}");
    };
    let says_so = reason.contains("the revoked key is accepted");
    let accepted = process.deliver(&world.key()).await == StatusCode::OK;
    assert!(says_so && accepted, "{accepted}, {reason}");
}

/// A secret that leaked before Ratepay took it is never sent again.
#[tokio::test]
async fn at_ratepay_a_secret_that_is_not_in_use_yet_is_replaced() {
    let world = World::<Ratepay>::new().await;
    let process = world.run().await;
    let first = world.key();
    let forbidden = Fault::answer(StatusCode::FORBIDDEN);
    world.simulator.inject(forbidden.on(Ratepay::CHANGE).once());
    let _ = process.rotate().await;
    assert_eq!(
        (process.phase(), process.generations()),
        (Phase::Prepared, vec![1, 2])
    );
    let ended = process.end(process.revoke(2)).await;
    assert_eq!(ended, Ended::Rotated { generation: 3 });
    let accepted = (
        process.deliver(&first).await,
        process.deliver(&world.key()).await,
    );
    assert_eq!(accepted, (StatusCode::OK, StatusCode::OK));
}
