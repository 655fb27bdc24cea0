//! A store that fails over to a replica which lags loses records. The processes that have seen them store their keys
//! again.

use http::StatusCode;

use crate::service::until;
use crate::world::{for_both_providers, Process, Side, World, HOUR, SETTLED};

for_both_providers! {
    keys_that_the_store_lost_are_stored_again
    a_process_that_went_on_with_the_old_record_gets_the_lost_key
    a_key_that_was_dropped_does_not_come_back
}

/// Has the store lose every record but the first.
fn lose_all_but_the_first<S: Side>(world: &World<S>, process: &Process<S>) {
    let versions = usize::try_from(process.status().version).unwrap();
    world.store.lose_newest(versions - 1);
}

/// Does the same, and waits until this process has stored a record again.
async fn lose_and_store_again<S: Side>(world: &World<S>, process: &Process<S>) {
    lose_all_but_the_first(world, process);
    until(|| process.status().version == 2).await;
}

async fn keys_that_the_store_lost_are_stored_again<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let first = world.key();
    let _ = process.rotate().await;
    lose_and_store_again(&world, &process).await;
    assert!(process.is_ready(), "{:#?}", process.status());
    process.kill();

    let next = world.run().await;
    for key in [&first, &world.key()] {
        assert_eq!(next.deliver(key).await, StatusCode::OK);
    }
}

async fn a_process_that_went_on_with_the_old_record_gets_the_lost_key<S: Side>() {
    let world = World::<S>::new().await;
    let mut first = world.run().await;
    let _ = first.rotate().await;
    let lost = world.key();
    first.suspend().await;
    lose_all_but_the_first(&world, &first);
    let second = world.run().await;
    second.pass(SETTLED).await;
    let _ = second.rotate().await;

    first.go_on().await;
    for _ in 0..3 {
        first.pass(HOUR).await;
        second.settled().await;
    }
    for process in [&first, &second] {
        for key in [&lost, &world.key()] {
            assert_eq!(
                process.deliver(key).await,
                StatusCode::OK,
                "{:#?}",
                process.status()
            );
        }
    }
}

async fn a_key_that_was_dropped_does_not_come_back<S: Side>() {
    let world = World::<S>::new().await;
    let process = world.run().await;
    let _ = process.end(process.revoke(1)).await;
    process.pass(HOUR).await;
    let revoked = process.generations();
    lose_and_store_again(&world, &process).await;
    assert_eq!(process.generations(), revoked);
}
