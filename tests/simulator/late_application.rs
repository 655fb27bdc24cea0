//! A request can be applied after its connection was closed, and the fault tells when.

use std::time::Duration;

use crate::support::{self, SIGNING_SECRET};
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use uuid::Uuid;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{
    Clock, Fault, FaultEffect, FaultHit, InjectedFault, Operation, Simulator,
};
use webhook_subscriptions::{Outcome, RetryPolicy};

const REGENERATE: Operation = Operation::UpdateWebhookSubscriptionSharedKey;
const MINUTE: Duration = Duration::from_secs(60);

/// A simulator whose clock is stopped, with a subscription at PandaDoc.
async fn simulator() -> (Simulator, Uuid) {
    let simulator = Simulator::builder().clock(Clock::stopped());
    let simulator = simulator.start().await.unwrap();
    let id = simulator
        .pandadoc()
        .add_subscription(&support::URL.parse().unwrap());
    (simulator, id)
}

/// Sends a regeneration whose answer is lost, and returns what the client knows of it.
async fn regenerate_in_vain(simulator: &Simulator, id: &Uuid) -> Outcome {
    let client = simulator
        .pandadoc()
        .client_builder()
        .retry(RetryPolicy::none());
    let client = client.build().unwrap();
    let answer = client.update_webhook_subscription_shared_key(id).await;
    answer.unwrap_err().outcome()
}

/// Returns the effects of a fault once none of its requests is still to be applied.
async fn effects(injected: &InjectedFault<FaultHit>) -> Vec<FaultEffect> {
    loop {
        let hits = injected.hits();
        let effects: Vec<_> = hits.into_iter().map(|hit| hit.effect).collect();
        let is_pending = |effect: &FaultEffect| matches!(effect, FaultEffect::NotYetApplied { .. });
        if !effects.iter().any(is_pending) {
            return effects;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_connection_is_closed_at_once_and_the_key_stays() {
    let (simulator, id) = simulator().await;
    let injected = simulator.inject(Fault::apply_late(MINUTE).on(REGENERATE));
    let before = simulator.pandadoc().shared_key(&id);
    let outcome = regenerate_in_vain(&simulator, &id).await;
    assert_eq!(
        (
            outcome,
            simulator.pandadoc().shared_key(&id) == before,
            injected.hits()[0].effect
        ),
        (
            Outcome::Unknown,
            true,
            FaultEffect::NotYetApplied { by: MINUTE }
        )
    );
}

#[tokio::test]
async fn the_key_changes_when_the_clock_is_advanced_so_far() {
    let (simulator, id) = simulator().await;
    let injected = simulator.inject(Fault::apply_late(MINUTE).on(REGENERATE));
    let before = simulator.pandadoc().shared_key(&id);
    regenerate_in_vain(&simulator, &id).await;
    simulator.clock().advance(MINUTE);
    effects(&injected).await;
    assert_ne!(simulator.pandadoc().shared_key(&id), before);
}

#[tokio::test]
async fn the_fault_tells_when_the_request_was_applied_and_which_answer_was_lost() {
    let (simulator, id) = simulator().await;
    let injected = simulator.inject(Fault::apply_late(MINUTE).on(REGENERATE));
    regenerate_in_vain(&simulator, &id).await;
    simulator.clock().advance(MINUTE);
    let at = simulator.clock().now();
    let lost = StatusCode::OK;
    let expected = FaultEffect::AppliedLate { at, lost };
    assert_eq!(effects(&injected).await, [expected]);
}

#[tokio::test]
async fn an_update_at_ratepay_is_applied_late_too() {
    let (simulator, _) = simulator().await;
    let ratepay = simulator.ratepay();
    let url = support::URL.parse().unwrap();
    let id = ratepay.add_subscription(&url, "A", SigningSecret::generate());
    let fault = Fault::apply_late(MINUTE).on(Operation::UpdateSubscription);
    let injected = simulator.inject(fault);
    let client = ratepay.client_builder().retry(RetryPolicy::none());
    let client = client.build().unwrap();
    let update = support::subscription();
    client.update_subscription(&id, &update).await.unwrap_err();
    let is_new = || ratepay.secret(&id) == Some(SIGNING_SECRET.into());
    let before = is_new();
    simulator.clock().advance(MINUTE);
    effects(&injected).await;
    assert_eq!((before, is_new()), (false, true));
}

#[tokio::test]
async fn one_advance_applies_all_requests_that_are_due() {
    let (simulator, id) = simulator().await;
    let slow = simulator.inject(Fault::apply_late(MINUTE * 2).on(REGENERATE).once());
    let fast = simulator.inject(Fault::apply_late(MINUTE).on(REGENERATE).once());
    regenerate_in_vain(&simulator, &id).await;
    regenerate_in_vain(&simulator, &id).await;
    simulator.clock().advance(MINUTE * 2);
    let at = simulator.clock().now();
    let lost = StatusCode::OK;
    let expected = FaultEffect::AppliedLate { at, lost };
    assert_eq!(
        [effects(&slow).await, effects(&fast).await],
        [[expected], [expected]]
    );
}

#[tokio::test]
async fn a_late_request_is_handled_as_of_the_time_of_its_application() {
    let (simulator, id) = simulator().await;
    let injected = simulator.inject(Fault::apply_late(MINUTE).on(REGENERATE));
    regenerate_in_vain(&simulator, &id).await;
    let client = simulator.pandadoc().client_builder().build().unwrap();
    client.delete_webhook_subscription(&id).await.unwrap();
    simulator.clock().advance(MINUTE);
    let effects = effects(&injected).await;
    let FaultEffect::AppliedLate { lost, .. } = effects[0] else {
        panic!("{effects:?}");
    };
    assert_eq!(lost, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_stopped_simulator_has_no_request_left_to_apply() {
    let before = Handle::current().metrics().num_alive_tasks();
    let (simulator, id) = simulator().await;
    simulator.inject(Fault::apply_late(MINUTE));
    // Without a client, whose tasks would be counted too.
    let address = simulator.base_url().replace("http://", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("PATCH /public/v1/webhook-subscriptions/{id}/shared-key HTTP/1.1");
    let request = format!("{head}\r\nhost: here\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    simulator.stop().await;
    let after = Handle::current().metrics().num_alive_tasks();
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_dropped_simulator_applies_nothing_any_more() {
    let (simulator, id) = simulator().await;
    let injected = simulator.inject(Fault::apply_late(MINUTE));
    regenerate_in_vain(&simulator, &id).await;
    let clock = simulator.clock().clone();
    drop(simulator);
    clock.advance(MINUTE);
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let expected = FaultEffect::NotYetApplied { by: MINUTE };
    assert_eq!(injected.hits()[0].effect, expected);
}
