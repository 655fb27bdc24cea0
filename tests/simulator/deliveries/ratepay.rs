//! Ratepay's deliveries are posted and signed as Ratepay does it, with the secret in force.

use serde_json::json;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::DeliveryReport;

use crate::receiver::{header, receiver, simulator, url};
use crate::support::{self, response, Server, SIGNING_SECRET};

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
