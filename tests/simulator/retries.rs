//! The simulator retries PandaDoc's deliveries as often as a test sets, and pauses in between.

use std::time::Duration;

use crate::receiver::{
    deliver, deliver_while_the_key_changes, header, receiver, simulator, simulator_with_a_pause,
    url,
};
use webhook_subscriptions::testing::{Clock, Simulator};

#[tokio::test]
async fn pandadoc_tries_again_until_the_delivery_is_accepted() {
    let receiver = receiver(&[500, 200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let report = deliver(&pandadoc, &pandadoc.add_subscription(&url(&receiver))).await;
    let statuses: Vec<_> = report
        .attempts
        .iter()
        .map(|it| it.status().unwrap().as_u16())
        .collect();
    assert_eq!((statuses, report.is_accepted()), (vec![500, 200], true));
}

#[tokio::test]
async fn pandadoc_gives_up_after_as_many_attempts_as_are_set() {
    let receiver = receiver(&[500]).await;
    let simulator = Simulator::builder()
        .delivery_attempts(5)
        .start()
        .await
        .unwrap();
    let pandadoc = simulator.pandadoc();
    let report = deliver(&pandadoc, &pandadoc.add_subscription(&url(&receiver))).await;
    assert_eq!((report.attempts.len(), report.is_accepted()), (5, false));
}

#[tokio::test]
async fn every_attempt_of_a_delivery_has_the_same_event_id() {
    let mut receiver = receiver(&[500, 200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    deliver(&pandadoc, &pandadoc.add_subscription(&url(&receiver))).await;
    let name = "x-pandadoc-webhook-event-id";
    let first = receiver.request().await;
    let second = receiver.request().await;
    assert_eq!(header(&first, name), header(&second, name));
}

/// The time between the attempts of a delivery that is accepted at the second, with this pause set.
async fn time_between_attempts(pause: Duration) -> Duration {
    let receiver = receiver(&[503, 200]).await;
    let simulator = Simulator::builder()
        .clock(Clock::stopped())
        .delivery_retry_pause(pause);
    let simulator = simulator.start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let mut delivery = std::pin::pin!(deliver(&pandadoc, &id));
    let report = loop {
        tokio::select! {
            report = &mut delivery => break report,
            () = tokio::task::yield_now() => simulator.clock().advance(Duration::from_millis(1)),
        }
    };
    let [first, second] = &report.attempts[..] else {
        panic!("{report:?}");
    };
    let end_of_first = first.at + first.answer_time;
    second.at.duration_since(end_of_first).unwrap()
}

#[tokio::test]
async fn pandadoc_pauses_between_attempts_by_the_simulators_clock() {
    for pause in [Duration::ZERO, Duration::from_millis(100)] {
        assert_eq!(time_between_attempts(pause).await, pause);
    }
}

#[tokio::test]
async fn an_attempt_after_a_pause_is_signed_with_the_key_that_is_current_then() {
    let simulator = simulator_with_a_pause().await;
    let report = deliver_while_the_key_changes(&simulator).await;
    let attempts = report.attempts.iter();
    let generations: Vec<_> = attempts.map(|it| it.key_generation).collect();
    assert_eq!(generations, [1, 2]);
}
