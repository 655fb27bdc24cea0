//! The simulator delivers in the background at a steady rate, and reports on every delivery.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::receiver::{receiver, signature, url};
use crate::support::{response, Script, Server, PATIENCE};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::Barrier;
use tokio::task::yield_now;
use tokio::time::timeout;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::types::ListWebhookEventRequest;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{
    Clock, DeliveryFailure, DeliveryFault, Simulator, SteadyDeliveries, SteadyReport,
};
use webhook_subscriptions::Secret;

const SECOND: Duration = Duration::from_secs(1);

/// A simulator whose clock is stopped, with a subscription of a receiver at PandaDoc.
struct Case {
    simulator: Simulator,
    receiver: Server,
    id: Uuid,
}

impl Case {
    /// With a receiver that answers with these statuses in turn, and with the last from then on.
    async fn answering(statuses: &'static [u16]) -> Self {
        Self::with(receiver(statuses).await).await
    }

    async fn with(receiver: Server) -> Self {
        let simulator = Simulator::builder().clock(Clock::stopped());
        let simulator = simulator.start().await.unwrap();
        let id = simulator.pandadoc().add_subscription(&url(&receiver));
        Self {
            simulator,
            receiver,
            id,
        }
    }

    /// Starts deliveries, one each second.
    fn deliver(&self) -> SteadyDeliveries {
        let pandadoc = self.simulator.pandadoc();
        let deliveries =
            pandadoc.deliver_steadily(&self.id, ("document_updated", json!({})), SECOND);
        deliveries.unwrap()
    }

    /// Starts forged deliveries, one each second.
    fn forge(&self) -> SteadyDeliveries {
        let pandadoc = self.simulator.pandadoc();
        let forged = pandadoc.forge_steadily(&self.id, ("document_updated", json!({})), SECOND);
        forged.unwrap()
    }

    async fn receive(&mut self, requests: usize) -> Vec<String> {
        let mut received = Vec::new();
        while received.len() < requests {
            let request = timeout(PATIENCE, self.receiver.request()).await;
            received.push(request.expect("one more request"));
        }
        received
    }

    fn advance(&self, by: Duration) {
        self.simulator.clock().advance(by);
    }
}

/// Waits until a receiver has read so many requests.
async fn until(counter: &AtomicUsize, requests: usize) {
    let received = async {
        while counter.load(Ordering::SeqCst) < requests {
            yield_now().await;
        }
    };
    timeout(PATIENCE, received).await.expect("more requests");
}

/// Returns the accepted deliveries of a report: at the first attempt, on a retry, never.
fn counts(report: &SteadyReport) -> [usize; 3] {
    [
        report.accepted_at_first_attempt(),
        report.accepted_on_retry(),
        report.never_accepted(),
    ]
}

#[tokio::test]
async fn a_delivery_is_due_at_once_and_then_each_period() {
    let mut case = Case::answering(&[200]).await;
    let start = case.simulator.clock().now();
    let deliveries = case.deliver();
    for _ in 0..2 {
        case.receive(1).await;
        case.advance(SECOND);
    }
    case.receive(1).await;
    let report = deliveries.stop().await;
    let due: Vec<_> = report.deliveries.iter().map(|it| it.due).collect();
    assert_eq!(due, [start, start + SECOND, start + SECOND * 2]);
}

#[tokio::test]
async fn one_advance_makes_up_for_all_periods_in_it() {
    let mut case = Case::answering(&[200]).await;
    let deliveries = case.deliver();
    case.advance(SECOND * 9);
    case.receive(10).await;
    assert_eq!(counts(&deliveries.stop().await), [10, 0, 0]);
}

#[tokio::test]
async fn every_delivery_has_an_event_id_of_its_own() {
    let mut case = Case::answering(&[200]).await;
    let deliveries = case.deliver();
    case.advance(SECOND);
    let received = case.receive(2).await;
    let report = deliveries.stop().await;
    let mut requests = report.deliveries.iter().map(|delivery| {
        let id = delivery.id.to_string();
        received.iter().filter(|it| it.contains(&id)).count()
    });
    assert!(requests.all(|requests| requests == 1));
}

#[tokio::test]
async fn a_report_tells_at_which_attempt_a_delivery_was_accepted() {
    let mut case = Case::answering(&[200, 503, 200, 503]).await;
    let deliveries = case.deliver();
    for attempts in [1, 2] {
        case.receive(attempts).await;
        case.advance(SECOND);
    }
    case.receive(3).await;
    assert_eq!(counts(&deliveries.stop().await), [1, 1, 1]);
}

#[tokio::test]
async fn a_report_has_every_attempt_with_its_status() {
    let mut case = Case::answering(&[503, 401, 200]).await;
    let deliveries = case.deliver();
    case.receive(3).await;
    let report = deliveries.stop().await;
    let attempts = report.deliveries[0].attempts.iter();
    let statuses: Vec<_> = attempts
        .map(|it| it.result.as_ref().unwrap().as_u16())
        .collect();
    assert_eq!(statuses, [503, 401, 200]);
}

/// The generations of the keys that signed two deliveries. The key changes between them.
async fn generations(case: &mut Case) -> Vec<u64> {
    let deliveries = case.deliver();
    case.receive(1).await;
    let pandadoc = case.simulator.pandadoc();
    pandadoc.change_key_at_dashboard(&case.id).unwrap();
    case.advance(SECOND);
    case.receive(1).await;
    let report = deliveries.stop().await;
    let attempts = report.deliveries.iter().flat_map(|it| &it.attempts);
    attempts.map(|it| it.key_generation).collect()
}

#[tokio::test]
async fn a_report_tells_which_key_signed_an_attempt() {
    let mut case = Case::answering(&[200]).await;
    assert_eq!(generations(&mut case).await, [1, 2]);
}

#[tokio::test]
async fn a_delivery_after_a_change_of_the_key_was_never_queued_before_it() {
    let mut case = Case::answering(&[200]).await;
    let fault = DeliveryFault::old_key_for_queued();
    case.simulator.inject_into_deliveries(fault);
    assert_eq!(generations(&mut case).await, [1, 2]);
}

/// A report on three deliveries, one each second. The receiver answers all of them when it has the last.
async fn with_slow_answers() -> SteadyReport {
    let (counter, barrier) = (Arc::<AtomicUsize>::default(), Arc::new(Barrier::new(3)));
    let accept = Script::answer(response(200, &[], ""));
    let receiver = Server::start(accept.applying(&counter).meeting(&barrier));
    let case = Case::with(receiver.await).await;
    let deliveries = case.deliver();
    for received in [1, 2] {
        until(&counter, received).await;
        case.advance(SECOND);
    }
    until(&counter, 3).await;
    deliveries.stop().await
}

#[tokio::test]
async fn a_report_has_the_median_and_the_worst_answer_time() {
    let report = with_slow_answers().await;
    assert_eq!(
        (report.median_answer_time(), report.worst_answer_time()),
        (Some(SECOND), Some(SECOND * 2))
    );
}

#[tokio::test]
async fn a_report_tells_how_long_a_delivery_waited_to_be_accepted() {
    let report = with_slow_answers().await;
    let waits = report.deliveries.iter().map(|it| it.accepted_after());
    let waits: Vec<_> = waits.map(Option::unwrap).collect();
    assert_eq!(waits, [SECOND * 2, SECOND, Duration::ZERO]);
}

/// A report on deliveries to a receiver that never answers, with 400 due at once.
async fn with_a_receiver_that_never_answers() -> SteadyReport {
    let counter = Arc::<AtomicUsize>::default();
    let receiver = Server::start(Script::stall().applying(&counter)).await;
    let simulator = Simulator::builder()
        .clock(Clock::stopped())
        .delivery_attempts(1);
    let simulator = simulator.start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let period = Duration::from_millis(1);
    let deliveries = pandadoc
        .deliver_steadily(&id, ("document_updated", json!({})), period)
        .unwrap();
    simulator.clock().advance(period * 399);
    until(&counter, 256).await;
    simulator.clock().advance(period);
    // The task that starts deliveries needs no more than a turn to see that the period is over.
    for _ in 0..10 {
        yield_now().await;
    }
    let time_out = async { simulator.clock().advance(Duration::from_secs(20)) };
    tokio::join!(deliveries.stop(), time_out).0
}

#[tokio::test]
async fn a_receiver_that_never_answers_does_not_slow_the_rate() {
    let report = with_a_receiver_that_never_answers().await;
    let first = report.deliveries[0].due;
    let last = report.deliveries.last().unwrap().due;
    // All 256 connections were open before one of them had an answer.
    assert_eq!(last - Duration::from_millis(255), first);
}

#[tokio::test]
async fn deliveries_that_found_no_connection_are_counted() {
    let report = with_a_receiver_that_never_answers().await;
    assert_eq!((report.deliveries.len(), report.overruns), (256, 144));
}

#[tokio::test]
async fn a_report_tells_why_an_attempt_had_no_answer() {
    let report = with_a_receiver_that_never_answers().await;
    let result = &report.deliveries[0].attempts[0].result;
    assert_eq!(*result, Err(DeliveryFailure::TimedOut));
}

#[tokio::test]
async fn deliveries_end_with_their_handle() {
    let mut case = Case::with(Server::start(Script::stall()).await).await;
    let before = Handle::current().metrics().num_alive_tasks();
    let deliveries = case.deliver();
    case.receive(1).await;
    drop(deliveries);
    let ended = async {
        while Handle::current().metrics().num_alive_tasks() > before {
            yield_now().await;
        }
    };
    let ended = timeout(PATIENCE, ended).await;
    assert!(ended.is_ok());
}

#[tokio::test]
async fn deliveries_that_end_with_the_simulator_are_counted_as_unfinished() {
    let mut case = Case::with(Server::start(Script::stall()).await).await;
    let deliveries = case.deliver();
    case.receive(1).await;
    case.simulator.stop().await;
    let report = deliveries.stop().await;
    assert_eq!((report.deliveries.len(), report.unfinished), (0, 1));
}

#[tokio::test]
#[should_panic(expected = "`period` is 0")]
async fn a_period_of_no_time_is_refused() {
    let case = Case::answering(&[200]).await;
    let pandadoc = case.simulator.pandadoc();
    let _ = pandadoc.deliver_steadily(&case.id, ("document_updated", json!({})), Duration::ZERO);
}

#[tokio::test]
async fn ratepay_delivers_steadily_too() {
    let mut case = Case::answering(&[200]).await;
    let ratepay = case.simulator.ratepay();
    let id = ratepay.add_subscription(&url(&case.receiver), "A", SigningSecret::generate());
    let deliveries = ratepay.deliver_steadily(&id, &json!({"id": 7}), SECOND);
    let deliveries = deliveries.unwrap();
    case.advance(SECOND);
    let received = case.receive(2).await;
    let report = deliveries.stop().await;
    assert_eq!(
        (counts(&report), received[1].ends_with(r#"{"id":7}"#)),
        ([2, 0, 0], true)
    );
}

// Forged deliveries.

/// A receiver that accepts the deliveries that are signed with the key, and forbids the others.
async fn verifying_receiver(key: Arc<OnceLock<Secret>>) -> Server {
    let script = Script::reply(move |request| {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let is_genuine = request.contains(&signature(key.get().unwrap(), body));
        response(if is_genuine { 200 } else { 403 }, &[], "")
    });
    Server::start(script).await
}

#[tokio::test]
async fn a_receiver_that_verifies_accepts_no_forged_delivery() {
    let key = Arc::<OnceLock<Secret>>::default();
    let mut case = Case::with(verifying_receiver(key.clone()).await).await;
    let current = case.simulator.pandadoc().shared_key(&case.id);
    key.set(current.unwrap()).unwrap();
    let (genuine, forged) = (case.deliver(), case.forge());
    case.advance(SECOND);
    case.receive(4).await;
    assert_eq!(
        [counts(&genuine.stop().await), counts(&forged.stop().await)],
        [[2, 0, 0], [0, 0, 2]]
    );
}

#[tokio::test]
async fn every_forged_delivery_is_signed_with_another_key() {
    let mut case = Case::answering(&[200]).await;
    let forged = case.forge();
    case.advance(SECOND);
    let received = case.receive(2).await;
    forged.stop().await;
    let targets: Vec<_> = received.iter().map(|it| it.lines().next()).collect();
    assert_ne!(targets[0], targets[1]);
}

#[tokio::test]
async fn a_forged_delivery_has_no_key_generation() {
    let mut case = Case::answering(&[200]).await;
    let forged = case.forge();
    case.receive(1).await;
    let report = forged.stop().await;
    assert_eq!(report.deliveries[0].attempts[0].key_generation, 0);
}

#[tokio::test]
async fn a_forged_delivery_is_posted_once_and_has_no_history() {
    let mut case = Case::answering(&[410]).await;
    let client = case.simulator.pandadoc().client_builder().build().unwrap();
    let forged = case.forge();
    case.receive(1).await;
    let attempts = forged.stop().await.deliveries[0].attempts.len();
    let request = ListWebhookEventRequest::new(10, 1);
    let events = client.list_webhook_event(&request).await.unwrap();
    let events = events.into_inner().items.unwrap().len();
    let is_active = case.simulator.pandadoc().subscription(&case.id);
    let is_active = is_active.unwrap().active;
    assert_eq!((attempts, events, is_active), (1, 0, Some(true)));
}

#[tokio::test]
async fn ratepays_receiver_can_be_sent_forged_deliveries_too() {
    let mut case = Case::answering(&[403]).await;
    let ratepay = case.simulator.ratepay();
    let id = ratepay.add_subscription(&url(&case.receiver), "A", SigningSecret::generate());
    let genuine = ratepay.deliver(&id, &json!({})).await.unwrap();
    case.receiver.request().await;
    let forged = ratepay.forge_steadily(&id, &json!({}), SECOND).unwrap();
    let received = case.receiver.request().await;
    forged.stop().await;
    let signature = &genuine.attempts[0].signature;
    assert!(received.contains("x-signature: ") && !received.contains(signature));
}
