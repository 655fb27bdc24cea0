//! A delivery can be made whenever it is awaited, and its report has what the receiver did.

use http::StatusCode;
use serde_json::json;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{DeliveryFailure, DeliveryReport};

use crate::receiver::{deliver, deliver_in_vain, receiver, simulator, url};

#[tokio::test]
async fn a_delivery_can_be_kept_and_made_later_without_its_provider_being_kept() {
    let receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let id = simulator.pandadoc().add_subscription(&url(&receiver));
    let to_ratepay = simulator.ratepay().add_subscription(
        &url(&receiver),
        "INVOICE_INVOICE",
        SigningSecret::generate(),
    );
    // The views and all arguments are temporaries of these statements.
    let one = simulator
        .pandadoc()
        .deliver(&{ id }, "document_updated", json!({}));
    let batch = vec![("document_updated".into(), json!({}))];
    let batch = simulator.pandadoc().deliver_batch(&{ id }, batch);
    let other = simulator
        .ratepay()
        .deliver(&to_ratepay.clone(), &json!({"id": 92}));
    let reports = [
        one.await.unwrap(),
        batch.await.unwrap(),
        other.await.unwrap(),
    ];
    let again = simulator.pandadoc().redeliver(&reports[0].id.clone());
    assert_eq!(
        reports
            .iter()
            .chain([&again.await.unwrap()])
            .map(DeliveryReport::is_accepted)
            .collect::<Vec<_>>(),
        [true; 4]
    );
}

#[tokio::test]
async fn a_report_has_what_the_receiver_answered() {
    let receiver = receiver(&[202]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let report = deliver(&pandadoc, &pandadoc.add_subscription(&url(&receiver))).await;
    let received = report.attempts[0].result.as_ref().unwrap();
    assert_eq!(
        (
            received.status,
            &received.body[..],
            received.headers["x-receiver"].as_bytes()
        ),
        (StatusCode::ACCEPTED, &b"thanks"[..], &b"ours"[..])
    );
}

#[tokio::test]
async fn a_report_prints_no_token_of_the_url() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let url = "http://user-token@127.0.0.1:1/hooks?tenant=query-token";
    let id = pandadoc.add_subscription(&url.parse().unwrap());
    let report = deliver(&pandadoc, &id).await;
    let printed = format!("{report:?}");
    assert_eq!(
        (
            printed.contains("token"),
            printed.contains("http://127.0.0.1:1/hooks")
        ),
        (false, true)
    );
}

#[tokio::test]
async fn a_receiver_that_does_not_listen_is_reported() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&"http://127.0.0.1:1/".parse().unwrap());
    let report = deliver(&pandadoc, &id).await;
    let failure = report.attempts[0].result.as_ref().unwrap_err();
    assert!(
        matches!(failure, DeliveryFailure::NotConnected(_)),
        "{failure}"
    );
}

#[tokio::test]
async fn a_receiver_has_20_seconds_to_answer() {
    let (_simulator, report) = deliver_in_vain().await;
    let failure = report.attempts[0].result.as_ref().unwrap_err();
    assert_eq!(*failure, DeliveryFailure::TimedOut);
}
