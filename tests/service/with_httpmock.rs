//! A service that tests with httpmock points a client at it, and needs no more than that.

use httpmock::prelude::*;
use serde_json::json;
use webhook_subscriptions::{pandadoc, ratepay};

#[tokio::test]
async fn a_shared_key_is_regenerated_at_a_mock() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method("PATCH")
                .path("/public/v1/webhook-subscriptions/d173751d-0057-4d5c-ab75-49a670a4ca68/shared-key")
                .header("authorization", "API-Key key");
            then.status(200).json_body(json!({"shared_key": "new"}));
        })
        .await;
    let client = pandadoc::Client::builder()
        .base_url(server.base_url())
        .api_key("key")
        .build()
        .unwrap();
    let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse().unwrap();
    client
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap();
    mock.assert_async().await;
}

#[tokio::test]
async fn a_subscription_is_updated_at_a_mock() {
    let server = MockServer::start_async().await;
    let secret = ratepay::SigningSecret::generate();
    let body = json!({
        "url": "https://shop.example/hooks",
        "event_type": "INVOICE_INVOICE",
        "secret": secret.expose_secret(),
    });
    let mock = server
        .mock_async(|when, then| {
            when.method(PUT)
                .path("/webhook/management/v1/d8znR1k1_0Kw305BsoPT")
                .json_body(body.clone());
            then.status(200).json_body(body);
        })
        .await;
    let client = ratepay::Client::builder()
        .base_url(server.base_url())
        .access_token("jwt")
        .build()
        .unwrap();
    let subscription = ratepay::types::SubscriptionRequest {
        url: "https://shop.example/hooks".parse().unwrap(),
        event_type: "INVOICE_INVOICE".into(),
        secret,
    };
    let id = "d8znR1k1_0Kw305BsoPT".parse().unwrap();
    client
        .update_subscription(&id, &subscription)
        .await
        .unwrap();
    mock.assert_async().await;
}
