//! A callback sees every attempt of a delivery.

use std::sync::{Arc, Mutex};

use crate::receiver::{deliver, receiver, url};
use webhook_subscriptions::testing::{RecordedDelivery, Simulator};

/// Delivers to a receiver that fails at first, and returns what the callback saw.
async fn seen<T: Send + 'static>(
    see: impl Fn(&RecordedDelivery) -> T + Send + Sync + 'static,
) -> Vec<T> {
    let receiver = receiver(&[503, 200]).await;
    let seen = Arc::<Mutex<Vec<T>>>::default();
    let keep = seen.clone();
    let simulator = Simulator::builder()
        .on_delivery(move |delivery| keep.lock().unwrap().push(see(delivery)))
        .start()
        .await
        .unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    deliver(&pandadoc, &id).await;
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    seen
}

#[tokio::test]
async fn a_callback_sees_every_attempt_with_its_result() {
    let statuses = seen(|delivery| delivery.attempt.status().unwrap().as_u16()).await;
    assert_eq!(statuses, [503, 200]);
}

#[tokio::test]
async fn an_attempt_is_one_line_without_url_and_key() {
    let lines = seen(ToString::to_string).await;
    assert_eq!(
        lines,
        [
            "delivery of document_state_changed with key 1 -> 503 Service Unavailable (PandaDoc)",
            "delivery of document_state_changed with key 1 -> 200 OK (PandaDoc)",
        ]
    );
}
