//! PandaDoc's deliveries are posted and signed as PandaDoc does it, with the key in force.

use std::time::SystemTime;

use serde_json::{json, Value};
use webhook_subscriptions::testing::DeliveryError;
use webhook_subscriptions::verify::{
    Key, KeyRing, RingKey, Signature, VerifyError, VerifyErrorKind,
};

use crate::receiver::{deliver, header, receiver, signature, simulator, url};

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

/// Verifies a delivery to this URL with the right key.
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
async fn a_person_at_the_dashboard_can_have_it_delivered_once_more_with_the_same_event_id() {
    let receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let first = deliver(&pandadoc, &pandadoc.add_subscription(&url(&receiver))).await;
    let second = pandadoc.redeliver(&first.id).await.unwrap();
    assert_eq!((second.id, second.is_accepted()), (first.id, true));
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
