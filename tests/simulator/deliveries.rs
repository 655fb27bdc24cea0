//! The simulator delivers as the providers do: signed with the key in force, tried again, with
//! consequences for a receiver that fails.

use std::time::{Duration, SystemTime};

use crate::receiver::{deliver, deliver_in_vain, header, receiver, signature, simulator, url};
use crate::support::{self, response, Server, SIGNING_SECRET};
use http::StatusCode;
use serde_json::{json, Value};
use uuid::Uuid;
use webhook_subscriptions::pandadoc::types::{
    WebhookSubscriptionPatchRequest, WebhookSubscriptionStatusEnum,
};
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{
    Clock, DeliveryError, DeliveryFailure, DeliveryReport, SimulatedPandaDoc, Simulator,
};
use webhook_subscriptions::verify::{
    Key, KeyRing, RingKey, Signature, VerifyError, VerifyErrorKind,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

// PandaDoc.

#[tokio::test]
async fn pandadoc_posts_an_array_of_events() {
    let mut receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    deliver(&pandadoc, &pandadoc.add_subscription(&url(&receiver))).await;
    let request = receiver.request().await;
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(body).unwrap(),
        json!([{"event": "document_state_changed", "data": {"id": "d-1"}}])
    );
}

#[tokio::test]
async fn pandadoc_puts_the_signature_into_the_query_behind_what_is_there() {
    let mut receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    deliver(&pandadoc, &id).await;
    let request = receiver.request().await;
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let signature = signature(&pandadoc.shared_key(&id).unwrap(), body);
    assert_eq!(
        request.lines().next().unwrap(),
        format!("POST /hooks?tenant=7&signature={signature} HTTP/1.1")
    );
}

/// What a verifier with the right key says of a delivery to this URL.
async fn verdict(query: &str) -> Result<(), VerifyError> {
    let mut receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let url = format!("{}/hooks?{query}", receiver.base_url());
    let id = pandadoc.add_subscription(&url.parse().unwrap());
    deliver(&pandadoc, &id).await;
    let request = receiver.request().await;
    let target = request.split(' ').nth(1).unwrap();
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let key = Key::new(pandadoc.shared_key(&id).unwrap()).unwrap();
    let ring = KeyRing::new([RingKey::new("the key", key)]).unwrap();
    let signature = Signature::from_target(target)?;
    ring.verify(body.as_bytes(), &signature, SystemTime::now())?;
    Ok(())
}

#[tokio::test]
async fn a_delivery_to_a_url_with_the_old_placeholder_verifies() {
    for query in [
        "signature={signature}",
        "tenant=7&signature=%7Bsignature%7D",
    ] {
        assert_eq!(verdict(query).await, Ok(()), "{query}");
    }
}

#[tokio::test]
async fn a_delivery_to_a_url_with_a_signature_of_its_own_has_two_and_is_refused() {
    assert_eq!(
        verdict("signature=mine").await.unwrap_err().kind(),
        VerifyErrorKind::Duplicate
    );
}

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
async fn pandadoc_sends_its_documented_headers() {
    let mut receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let report = deliver(&pandadoc, &pandadoc.add_subscription(&url(&receiver))).await;
    let request = receiver.request().await;
    let id = report.id.to_string();
    assert_eq!(
        [
            header(&request, "content-type"),
            header(&request, "user-agent"),
            header(&request, "x-pandadoc-webhook-event-id"),
            header(&request, "host"),
        ],
        [
            Some("application/json"),
            Some("PandaDoc Webhooks"),
            Some(&*id),
            Some("HOST")
        ]
    );
}

#[tokio::test]
async fn pandadoc_may_send_several_events_in_one_request() {
    let mut receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let events = ["document_updated", "document_deleted"].map(|event| (event.into(), json!({})));
    pandadoc.deliver_batch(&id, events.into()).await.unwrap();
    let request = receiver.request().await;
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(serde_json::from_str::<Vec<Value>>(body).unwrap().len(), 2);
}

#[tokio::test]
async fn a_delivery_after_a_regeneration_is_signed_with_the_new_key() {
    let mut receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let client = pandadoc.client_builder().build().unwrap();
    let answer = client
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap();
    deliver(&pandadoc, &id).await;
    let request = receiver.request().await;
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(request.contains(&signature(&answer.shared_key, body)));
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
async fn a_person_at_the_dashboard_can_have_it_delivered_once_more_with_the_same_event_id() {
    let receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let first = deliver(&pandadoc, &pandadoc.add_subscription(&url(&receiver))).await;
    let second = pandadoc.redeliver(&first.id).await.unwrap();
    assert_eq!((second.id, second.is_accepted()), (first.id, true));
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

fn status(pandadoc: &SimulatedPandaDoc<'_>, id: &Uuid) -> Option<WebhookSubscriptionStatusEnum> {
    pandadoc.subscription(id)?.status
}

#[tokio::test]
async fn an_answer_410_switches_the_subscription_off_at_once() {
    let receiver = receiver(&[410]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let report = deliver(&pandadoc, &id).await;
    assert_eq!(
        (report.attempts.len(), status(&pandadoc, &id)),
        (1, Some(WebhookSubscriptionStatusEnum::Deactivated))
    );
}

#[tokio::test]
async fn seven_days_of_failures_switch_the_subscription_off() {
    let receiver = receiver(&[401]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    deliver(&pandadoc, &id).await;
    simulator.clock().advance(DAY * 7 - Duration::from_secs(1));
    deliver(&pandadoc, &id).await;
    let before = status(&pandadoc, &id);
    simulator.clock().advance(Duration::from_secs(1));
    deliver(&pandadoc, &id).await;
    assert_eq!(
        (before, status(&pandadoc, &id)),
        (
            Some(WebhookSubscriptionStatusEnum::Active),
            Some(WebhookSubscriptionStatusEnum::Deactivated)
        )
    );
}

#[tokio::test]
async fn one_success_in_between_starts_the_seven_days_anew() {
    let receiver = receiver(&[401, 200, 401, 401]).await;
    let simulator = Simulator::builder()
        .clock(Clock::stopped())
        .delivery_attempts(1);
    let simulator = simulator.start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    for _ in 0..4 {
        deliver(&pandadoc, &id).await;
        simulator.clock().advance(DAY * 4);
    }
    assert_eq!(
        status(&pandadoc, &id),
        Some(WebhookSubscriptionStatusEnum::Active)
    );
}

#[tokio::test]
async fn to_switch_it_on_starts_the_seven_days_anew() {
    let receiver = receiver(&[401]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    deliver(&pandadoc, &id).await;
    simulator.clock().advance(DAY * 7);
    switch_on(&pandadoc, &id).await;
    deliver(&pandadoc, &id).await;
    assert_eq!(
        status(&pandadoc, &id),
        Some(WebhookSubscriptionStatusEnum::Active)
    );
}

async fn switch_on(pandadoc: &SimulatedPandaDoc<'_>, id: &Uuid) {
    let change = WebhookSubscriptionPatchRequest::new().active(true);
    let client = pandadoc.client_builder().build().unwrap();
    client
        .update_webhook_subscription(id, &change)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_subscription_that_was_switched_off_takes_no_deliveries_until_it_is_switched_on() {
    let receiver = receiver(&[410, 200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    deliver(&pandadoc, &id).await;
    let refused = pandadoc.deliver(&id, "document_updated", json!({})).await;
    switch_on(&pandadoc, &id).await;
    assert_eq!(
        (
            refused.unwrap_err(),
            deliver(&pandadoc, &id).await.is_accepted()
        ),
        (DeliveryError::Inactive, true)
    );
}

#[tokio::test]
async fn a_subscription_takes_the_events_of_its_triggers_alone() {
    let receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let refused = pandadoc.deliver(&id, "document_completed", json!({})).await;
    assert_eq!(
        refused.unwrap_err(),
        DeliveryError::NotSubscribed("document_completed".into())
    );
}

// Ratepay.

/// Made by `printf '%s' '{"key":"value"}' | openssl dgst -sha512 -hmac "$SIGNING_SECRET"`.
const RATEPAY_SIGNATURE: &str = "008addd280605ac0dfd7e28dbc309cf6ae3f333e7f7c6c50ee5980da86d034ff38e7352be8d2d0a83c1877a4ce02bc56fd1266a9131e2147ee4fb7240337c0d8";

async fn deliver_at_ratepay(status: u16) -> (DeliveryReport, String) {
    let mut receiver = Server::answering(response(status, &[], "")).await;
    let simulator = simulator().await;
    let ratepay = simulator.ratepay();
    let secret = SigningSecret::new(SIGNING_SECRET).unwrap();
    let id = ratepay.add_subscription(&url(&receiver), "INVOICE_INVOICE", secret);
    let report = ratepay
        .deliver(&id, &json!({"key": "value"}))
        .await
        .unwrap();
    (report, receiver.request().await)
}

#[tokio::test]
async fn ratepay_signs_the_compact_payload_in_a_header() {
    let (_, request) = deliver_at_ratepay(200).await;
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(
        (body, header(&request, "x-signature")),
        (r#"{"key":"value"}"#, Some(RATEPAY_SIGNATURE))
    );
}

#[tokio::test]
async fn ratepay_leaves_the_url_as_it_is() {
    let (_, request) = deliver_at_ratepay(200).await;
    assert_eq!(
        request.lines().next(),
        Some("POST /hooks?tenant=7 HTTP/1.1")
    );
}

#[tokio::test]
async fn ratepay_does_not_try_again() {
    let (report, _) = deliver_at_ratepay(500).await;
    assert_eq!(report.attempts.len(), 1);
}

#[tokio::test]
async fn a_delivery_after_an_update_is_signed_with_the_new_secret() {
    let mut receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let ratepay = simulator.ratepay();
    let old = SigningSecret::generate();
    let id = ratepay.add_subscription(&url(&receiver), "INVOICE_INVOICE", old);
    let client = ratepay.client_builder().build().unwrap();
    let mut update = support::subscription();
    update.url = url(&receiver);
    client.update_subscription(&id, &update).await.unwrap();
    ratepay
        .deliver(&id, &json!({"key": "value"}))
        .await
        .unwrap();
    let request = receiver.request().await;
    assert_eq!(header(&request, "x-signature"), Some(RATEPAY_SIGNATURE));
}

#[tokio::test]
async fn a_delivery_whose_subscription_moved_beyond_this_machine_is_not_posted() {
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let url = crate::receiver::receiver(&[200])
        .await
        .base_url()
        .parse()
        .unwrap();
    let id = pandadoc.add_subscription(&url);
    pandadoc.queue(&id, "document_updated", json!({})).unwrap();
    let moved = WebhookSubscriptionPatchRequest::new().url("https://shop.example".parse().unwrap());
    let client = pandadoc.client_builder().build().unwrap();
    client
        .update_webhook_subscription(&id, &moved)
        .await
        .unwrap();
    let reports = simulator.deliver_queued().await;
    assert_eq!(reports[0].attempts.len(), 0);
}
