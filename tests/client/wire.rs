//! Requests are what the providers document, byte for byte.

use crate::support::{self, pandadoc, response, Operation, Server};
use webhook_subscriptions::pandadoc;

/// The request that `operation` makes, as a server that sees the raw bytes gets it.
async fn request(operation: Operation) -> String {
    let mut server = Server::answering(response(200, &[], operation.success())).await;
    operation.call(&server.base_url()).await.unwrap();
    server.request().await
}

#[tokio::test]
async fn regenerating_a_shared_key_is_a_patch_without_a_body() {
    let expected = concat!(
        "PATCH /public/v1/webhook-subscriptions/d173751d-0057-4d5c-ab75-49a670a4ca68/shared-key HTTP/1.1\r\n",
        "accept: application/json\r\n",
        "content-length: 0\r\n",
        "user-agent: webhook-subscriptions/",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "authorization: API-Key canary-api-key-2f1c\r\n",
        "host: HOST\r\n",
        "\r\n",
    );
    assert_eq!(request(Operation::SharedKey).await, expected);
}

#[tokio::test]
async fn updating_a_subscription_is_a_put_of_three_members() {
    let expected = concat!(
        "PUT /webhook/management/v1/d8znR1k1_0Kw305BsoPT HTTP/1.1\r\n",
        "accept: application/json\r\n",
        "content-type: application/json\r\n",
        "user-agent: webhook-subscriptions/",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "authorization: Bearer eyJhbGciOiJub25lIn0.canary-jwt-77.e30\r\n",
        "host: HOST\r\n",
        "content-length: 151\r\n",
        "\r\n",
        r#"{"event_type":"INVOICE_INVOICE","#,
        r#""secret":"6GHbLH4d1Nx3eIs5CyLHCW4HuFi1qttpNSDawHKHlW7kurTpaddarwEKDWUI59IU","#,
        r#""url":"https://shop.example/hooks/invoice"}"#,
    );
    assert_eq!(request(Operation::Subscription).await, expected);
}

#[tokio::test]
async fn an_access_token_goes_to_pandadoc_as_a_bearer_token() {
    let mut server = Server::answering(response(200, &[], Operation::SharedKey.success())).await;
    let client = pandadoc::Client::builder()
        .base_url(server.base_url())
        .access_token("an-access-token")
        .build()
        .unwrap();
    let id = support::UUID.parse().unwrap();
    client
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap();
    let request = server.request().await;
    assert!(
        request.contains("\r\nauthorization: Bearer an-access-token\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn a_path_in_the_base_url_stands_before_that_of_the_operation() {
    let mut server = Server::answering(response(200, &[], Operation::SharedKey.success())).await;
    let client = pandadoc(
        &format!("{}/gateway/", server.base_url()),
        support::PATIENCE,
    );
    let id = support::UUID.parse().unwrap();
    client
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap();
    let request = server.request().await;
    assert!(
        request.starts_with("PATCH /gateway/public/v1/webhook-subscriptions/"),
        "{request}"
    );
}

#[tokio::test]
async fn the_result_comes_with_its_status_and_headers() {
    let answer = response(
        200,
        &[("x-request-id", "7")],
        Operation::SharedKey.success(),
    );
    let server = Server::answering(answer).await;
    let id = support::UUID.parse().unwrap();
    let client = pandadoc(&server.base_url(), support::PATIENCE);
    let value = client
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap();
    let seen = (
        value.status().as_u16(),
        value.headers()["x-request-id"].as_bytes(),
    );
    assert_eq!(seen, (200, b"7".as_slice()));
}

#[tokio::test]
async fn what_the_server_returned_is_what_the_caller_gets() {
    for (operation, key) in [
        (Operation::SharedKey, support::SHARED_KEY),
        (Operation::Subscription, support::SIGNING_SECRET),
    ] {
        let server = Server::answering(response(200, &[], operation.success())).await;
        let secret = operation.call(&server.base_url()).await.unwrap();
        assert_eq!(secret.expose_secret(), key, "{operation:?}");
    }
}
