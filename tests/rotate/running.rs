//! Commands are taken in from the moment at which `run` is called, and end when no `run` is left. A rotation begins
//! at the instant of the start, if it is asked for.

use std::future::{poll_fn, Future};
use std::pin::{pin, Pin};
use std::task::Poll;

use webhook_subscriptions::rotate::Ended;
use webhook_subscriptions::testing::{Clock, MemoryStore, Simulator};
use webhook_subscriptions::verify::PandaDoc;
use webhook_subscriptions::Rotation;

async fn rotation() -> (Simulator, Rotation<PandaDoc>) {
    let clock = Clock::stopped();
    let simulator = Simulator::builder().clock(clock.clone()).start();
    let simulator = simulator.await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&"https://shop.example/hooks".parse().unwrap());
    let client = pandadoc.client_builder().build().unwrap();
    let rotation = Rotation::pandadoc(client, id);
    let rotation = rotation.store(MemoryStore::new()).time(clock);
    let rotation = rotation.start().await.unwrap();
    (simulator, rotation)
}

const ROTATED: Ended = Ended::Rotated { generation: 2 };

#[tokio::test]
async fn a_command_right_after_run_was_spawned_is_executed() {
    let (_simulator, rotation) = rotation().await;
    tokio::spawn(rotation.clone().run());
    assert_eq!(rotation.rotate_now().await.ok(), Some(ROTATED));
}

#[tokio::test]
async fn a_command_after_the_end_of_a_run_that_never_began_is_refused() {
    let (_simulator, rotation) = rotation().await;
    drop(rotation.clone().run());
    assert_eq!(rotation.rotate_now().await.ok(), None);
}

#[tokio::test]
async fn a_command_that_waits_ends_with_the_last_run() {
    let (_simulator, rotation) = rotation().await;
    let running = rotation.clone().run();
    let mut command = pin!(rotation.rotate_now());
    assert!(is_pending(command.as_mut()).await);
    drop(running);
    assert_eq!(command.await.ok(), None);
}

#[tokio::test]
async fn a_command_that_waits_is_executed_by_the_next_run() {
    let (_simulator, rotation) = rotation().await;
    let first = rotation.clone().run();
    let mut command = pin!(rotation.rotate_now());
    assert!(is_pending(command.as_mut()).await);
    tokio::spawn(rotation.clone().run());
    drop(first);
    assert_eq!(command.await.ok(), Some(ROTATED));
}

/// Polls a future once.
async fn is_pending(mut future: Pin<&mut impl Future>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}
