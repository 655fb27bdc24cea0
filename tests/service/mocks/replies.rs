//! A mock answers what the document of its operation promises, or anything else.

use std::time::Duration;

use http::header::HeaderName;
use http::StatusCode;
use httpmock::MockServer;
use webhook_subscriptions::pandadoc::types::{
    WebhookSubscriptionCreateRequest, WebhookSubscriptionSharedKeyResponse,
};
use webhook_subscriptions::testing::mock::Reply;
use webhook_subscriptions::{Error, Nullable, Outcome};

use super::{item, pandadoc, pandadoc_mocks, ratepay, ratepay_mocks, status_of, ID};
use pandadoc_mocks::UpdateWebhookSubscriptionSharedKeyError::{Forbidden, TooManyRequests};

#[tokio::test]
async fn a_success_has_its_documented_status() {
    let server = MockServer::start_async().await;
    let create = pandadoc_mocks::CreateWebhookSubscription::mock(&server);
    create
        .reply(Reply::success(item("mine")))
        .mount_async()
        .await;
    let url = "https://shop.example".parse().unwrap();
    let request = WebhookSubscriptionCreateRequest::new("mine", Nullable::Null, url);
    let answer = pandadoc(&server)
        .create_webhook_subscription(&request)
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_success_without_a_result_has_no_body() {
    let server = MockServer::start_async().await;
    let delete = ratepay_mocks::DeleteSubscription::mock(&server);
    delete.reply(Reply::success(())).mount_async().await;
    let id = "d8znR1k1_0Kw305BsoPT".parse().unwrap();
    let answer = ratepay(&server).delete_subscription(&id).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

/// Returns the error of a regeneration that a mock answers with this reply.
async fn regenerate(reply: Reply<pandadoc_mocks::UpdateWebhookSubscriptionSharedKey>) -> Error {
    let server = MockServer::start_async().await;
    let regenerate = pandadoc_mocks::UpdateWebhookSubscriptionSharedKey::mock(&server);
    regenerate.reply(reply).mount_async().await;
    let result = pandadoc(&server)
        .update_webhook_subscription_shared_key(&ID)
        .await;
    result.unwrap_err()
}

#[tokio::test]
async fn a_documented_error_has_its_status() {
    let error = regenerate(Reply::error(Forbidden)).await;
    assert_eq!(error.status(), Some(StatusCode::FORBIDDEN));
}

#[tokio::test]
async fn a_documented_error_has_the_providers_body() {
    let error = regenerate(Reply::error(Forbidden)).await;
    assert_eq!(error.problem().name(), Some("permissions_error"));
}

#[tokio::test]
async fn ratepays_documented_error_has_ratepays_body() {
    let server = MockServer::start_async().await;
    let list = ratepay_mocks::ListSubscriptions::mock(&server);
    let error = ratepay_mocks::ListSubscriptionsError::Forbidden;
    list.reply(Reply::error(error)).mount_async().await;
    let error = ratepay(&server).list_subscriptions().await.unwrap_err();
    let media_type = &error.headers().unwrap()["content-type"];
    assert_eq!(media_type, "application/problem+json");
}

#[tokio::test]
async fn a_wait_is_named() {
    let error =
        regenerate(Reply::error(TooManyRequests).retry_after(Duration::from_millis(1500))).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
}

#[tokio::test]
async fn another_status_of_success_is_answered() {
    let server = MockServer::start_async().await;
    let details = pandadoc_mocks::DetailsWebhookSubscription::mock(&server);
    let reply = Reply::success(item("mine")).status(StatusCode::IM_A_TEAPOT);
    details.reply(reply).mount_async().await;
    let result = pandadoc(&server).details_webhook_subscription(&ID).await;
    assert_eq!(status_of(result), Some(StatusCode::IM_A_TEAPOT));
}

#[test]
#[should_panic = "100 Continue isn't the status of a final response; use 200 or above"]
fn a_status_that_is_no_answer_is_refused() {
    let _ = Reply::<pandadoc_mocks::ListWebhookEvent>::raw(StatusCode::CONTINUE, "text/plain", "");
}

#[tokio::test]
async fn an_error_of_a_token_endpoint_is_that_of_oauth() {
    use ratepay::oauth::{types, Client};
    use ratepay_mocks::oauth as mocks;

    let server = MockServer::start_async().await;
    let error = mocks::CreateOAuthTokenError::Unauthorized;
    let token = mocks::CreateOAuthToken::mock(&server);
    token.reply(Reply::error(error)).mount_async().await;
    let client = Client::builder().base_url(server.base_url()).build();
    let request = types::TokenRequest {
        audience: "audience".into(),
        client_id: "id".into(),
        client_secret: "secret".into(),
        grant_type: "client_credentials".into(),
    };
    let error = client
        .unwrap()
        .create_o_auth_token(&request)
        .await
        .unwrap_err();
    assert_eq!(error.problem().name(), Some("access_denied"));
}

#[tokio::test]
async fn a_header_is_sent() {
    let name = HeaderName::from_static("x-request-id");
    let id = ID.to_string();
    let error = regenerate(Reply::error(Forbidden).header(name, &id)).await;
    assert_eq!(error.request_id(), Some(id.as_str()));
}

#[tokio::test]
async fn a_body_that_is_no_json_arrives_as_it_is() {
    let error = regenerate(Reply::raw(StatusCode::BAD_GATEWAY, "text/html", "<html>")).await;
    assert_eq!(error.body(), Some(&b"<html>"[..]));
}

#[tokio::test]
async fn a_success_that_is_no_json_is_applied() {
    let error = regenerate(Reply::raw(StatusCode::OK, "text/html", "<html>")).await;
    assert_eq!(error.outcome(), Outcome::Applied);
}

#[tokio::test]
async fn an_answer_is_delayed() {
    let server = MockServer::start_async().await;
    pandadoc_mocks::UpdateWebhookSubscriptionSharedKey::mock(&server)
        .delay(Duration::from_secs(600))
        .reply(Reply::error(Forbidden))
        .mount_async()
        .await;
    let client = pandadoc::Client::builder()
        .api_key("key")
        .base_url(server.base_url())
        .timeout(Duration::from_millis(200));
    let result = client
        .build()
        .unwrap()
        .update_webhook_subscription_shared_key(&ID)
        .await;
    assert!(result.unwrap_err().is_timeout());
}

#[tokio::test]
async fn answers_come_in_their_order_and_the_last_stays() {
    let server = MockServer::start_async().await;
    pandadoc_mocks::UpdateWebhookSubscriptionSharedKey::mock(&server)
        .reply(Reply::error(TooManyRequests))
        .reply(Reply::success(WebhookSubscriptionSharedKeyResponse::new(
            "new".into(),
        )))
        .mount_async()
        .await;
    let client = pandadoc(&server);
    let mut succeeded = Vec::new();
    for _ in 0..3 {
        succeeded.push(
            client
                .update_webhook_subscription_shared_key(&ID)
                .await
                .is_ok(),
        );
    }
    assert_eq!(succeeded, [false, true, true]);
}

#[tokio::test]
#[should_panic = "a mock of updateWebhookSubscriptionSharedKey has no reply; call `reply` before mounting it"]
async fn a_mock_without_an_answer_is_refused() {
    let server = MockServer::start_async().await;
    pandadoc_mocks::UpdateWebhookSubscriptionSharedKey::mock(&server)
        .mount_async()
        .await;
}
