//! A mock of an operation expects what the client's own method sends, and answers what its document
//! promises, or anything else.

use std::time::Duration;

use http::header::HeaderName;
use http::StatusCode;
use httpmock::MockServer;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::types::{
    ListWebhookEventRequest, WebhookEventPageResponse, WebhookSubscriptionCreateRequest,
    WebhookSubscriptionItemResponse, WebhookSubscriptionPatchRequest,
    WebhookSubscriptionSharedKeyResponse, WebhookSubscriptionTriggerEnum,
};
use webhook_subscriptions::testing::mock::{pandadoc as pandadoc_mocks, ratepay as ratepay_mocks};
use webhook_subscriptions::testing::mock::{Mock, MockedOperation, Reply};
use webhook_subscriptions::{pandadoc, ratepay, Error, Nullable, Outcome, RetryPolicy};

const ID: Uuid = Uuid::from_u128(7);
const OTHER_ID: Uuid = Uuid::from_u128(8);

fn pandadoc(server: &MockServer) -> pandadoc::Client {
    let builder = pandadoc::Client::builder()
        .api_key("key")
        .retry(RetryPolicy::none());
    builder.base_url(server.base_url()).build().unwrap()
}

fn ratepay(server: &MockServer) -> ratepay::Client {
    let builder = ratepay::Client::builder()
        .access_token("token")
        .retry(RetryPolicy::none());
    builder.base_url(server.base_url()).build().unwrap()
}

fn status_of<T>(result: Result<T, Error>) -> Option<StatusCode> {
    result.err().and_then(|error| error.status())
}

/// What the client sees where no mock fits.
const NO_MOCK: Option<StatusCode> = Some(StatusCode::NOT_FOUND);

fn item(name: &str) -> WebhookSubscriptionItemResponse {
    let mut item = WebhookSubscriptionItemResponse::default();
    item.name = Some(name.to_owned());
    item
}

/// A server that answers any request for details.
async fn answering_details() -> MockServer {
    let server = MockServer::start_async().await;
    let details = pandadoc_mocks::DetailsWebhookSubscription::mock(&server);
    details
        .reply(Reply::success(item("mine")))
        .mount_async()
        .await;
    server
}

/// A server that answers a request for the details of this id alone.
async fn expecting_details() -> MockServer {
    let server = MockServer::start_async().await;
    pandadoc_mocks::DetailsWebhookSubscription::mock(&server)
        .expect(async |client| client.details_webhook_subscription(&ID).await)
        .reply(Reply::success(item("mine")))
        .mount_async()
        .await;
    server
}

// Expectations.

#[tokio::test]
async fn a_mock_answers_any_request_of_its_operation() {
    let server = answering_details().await;
    let answer = pandadoc(&server)
        .details_webhook_subscription(&ID)
        .await
        .unwrap();
    assert_eq!(answer.name.as_deref(), Some("mine"));
}

#[tokio::test]
async fn a_mock_does_not_answer_another_operation() {
    let server = answering_details().await;
    let result = pandadoc(&server).list_webhook_subscriptions().await;
    assert_eq!(status_of(result), NO_MOCK);
}

#[tokio::test]
async fn a_mock_answers_the_path_that_it_expects() {
    let server = expecting_details().await;
    assert!(pandadoc(&server)
        .details_webhook_subscription(&ID)
        .await
        .is_ok());
}

#[tokio::test]
async fn a_mock_does_not_answer_another_path() {
    let server = expecting_details().await;
    let result = pandadoc(&server)
        .details_webhook_subscription(&OTHER_ID)
        .await;
    assert_eq!(status_of(result), NO_MOCK);
}

/// A list of events of these types, asked for where a mock expects created templates and quotes.
async fn list_where_two_types_are_expected(
    types: Vec<WebhookSubscriptionTriggerEnum>,
) -> Option<StatusCode> {
    use pandadoc::types::WebhookEventTriggerEnum::{QuoteUpdated, TemplateCreated};

    let server = MockServer::start_async().await;
    pandadoc_mocks::ListWebhookEvent::mock(&server)
        .expect(async |client| {
            let types = vec![TemplateCreated, QuoteUpdated];
            client
                .list_webhook_event(&ListWebhookEventRequest::new(10, 1).type_(types))
                .await
        })
        .reply(Reply::success(WebhookEventPageResponse::default()))
        .mount_async()
        .await;
    let types = types.iter().map(|it| it.as_str().into()).collect();
    let client = pandadoc(&server);
    status_of(
        client
            .list_webhook_event(&ListWebhookEventRequest::new(10, 1).type_(types))
            .await,
    )
}

#[tokio::test]
async fn a_mock_answers_the_list_of_parameters_that_it_expects() {
    use WebhookSubscriptionTriggerEnum::{QuoteUpdated, TemplateCreated};
    let found = list_where_two_types_are_expected(vec![TemplateCreated, QuoteUpdated]).await;
    assert_eq!(found, None);
}

#[tokio::test]
async fn a_mock_does_not_answer_a_shorter_list_of_parameters() {
    use WebhookSubscriptionTriggerEnum::TemplateCreated;
    let found = list_where_two_types_are_expected(vec![TemplateCreated]).await;
    assert_eq!(found, NO_MOCK);
}

#[tokio::test]
async fn a_mock_does_not_answer_a_longer_list_of_parameters() {
    use WebhookSubscriptionTriggerEnum::{DocumentDeleted, QuoteUpdated, TemplateCreated};
    let found =
        list_where_two_types_are_expected(vec![TemplateCreated, QuoteUpdated, DocumentDeleted])
            .await;
    assert_eq!(found, NO_MOCK);
}

/// An update to this name, sent where a mock expects one to `mine`.
async fn update_where_a_name_is_expected(name: &str) -> Option<StatusCode> {
    let patch = |name: &str| WebhookSubscriptionPatchRequest::new().name(name);
    let server = MockServer::start_async().await;
    pandadoc_mocks::UpdateWebhookSubscription::mock(&server)
        .expect(async |client| {
            client
                .update_webhook_subscription(&ID, &patch("mine"))
                .await
        })
        .reply(Reply::success(item("mine")))
        .mount_async()
        .await;
    let client = pandadoc(&server);
    status_of(client.update_webhook_subscription(&ID, &patch(name)).await)
}

#[tokio::test]
async fn a_mock_answers_the_body_that_it_expects() {
    assert_eq!(update_where_a_name_is_expected("mine").await, None);
}

#[tokio::test]
async fn a_mock_does_not_answer_another_body() {
    assert_eq!(update_where_a_name_is_expected("another").await, NO_MOCK);
}

/// A refresh with this token, sent where a mock expects `mine`.
async fn refresh_where_a_token_is_expected(token: &str) -> Option<StatusCode> {
    use pandadoc::oauth::{types, Client};
    use pandadoc_mocks::oauth as mocks;

    let request = |token: &str| types::RefreshRequest {
        client_id: "id".into(),
        client_secret: "secret".into(),
        grant_type: "refresh_token".into(),
        refresh_token: token.into(),
    };
    let server = MockServer::start_async().await;
    mocks::AccessToken::mock(&server)
        .expect(async |client| client.access_token(&request("mine")).await)
        .reply(Reply::success(types::TokenResponse::new("token".into())))
        .mount_async()
        .await;
    let client = Client::builder()
        .base_url(server.base_url())
        .build()
        .unwrap();
    status_of(client.access_token(&request(token)).await)
}

#[tokio::test]
async fn a_mock_answers_the_form_that_it_expects() {
    assert_eq!(refresh_where_a_token_is_expected("mine").await, None);
}

#[tokio::test]
async fn a_mock_does_not_answer_another_form() {
    assert_eq!(refresh_where_a_token_is_expected("another").await, NO_MOCK);
}

#[tokio::test]
#[should_panic = "a mock of update_webhook_subscription can't expect a call of details_webhook_subscription; use the mock of that operation"]
async fn a_mock_does_not_expect_another_operation() {
    let server = MockServer::start_async().await;
    let _ = pandadoc_mocks::UpdateWebhookSubscription::mock(&server)
        .expect(async |client| client.details_webhook_subscription(&ID).await);
}

#[tokio::test]
async fn a_mock_does_not_answer_another_method() {
    let server = answering_details().await;
    let result = pandadoc(&server).delete_webhook_subscription(&ID).await;
    assert_eq!(status_of(result), NO_MOCK);
}

#[tokio::test]
async fn a_mock_does_not_answer_another_path_of_the_same_length() {
    let server = answering_details().await;
    let result = pandadoc(&server).details_webhook_event(&ID).await;
    assert_eq!(status_of(result), NO_MOCK);
}

#[tokio::test]
async fn a_mock_that_expects_no_body_does_not_answer_one() {
    let server = expecting_details().await;
    let url = server.url(format!("/public/v1/webhook-subscriptions/{ID}"));
    let response = reqwest::Client::new().get(url).body("more").send().await;
    assert_eq!(Some(response.unwrap().status()), NO_MOCK);
}

/// What a list is answered with where a mock asks for a header of this value.
async fn list_where_a_token_is_expected(token: &'static str) -> Option<StatusCode> {
    let server = MockServer::start_async().await;
    ratepay_mocks::ListSubscriptions::mock(&server)
        .when(move |when| when.header("authorization", format!("Bearer {token}")))
        .reply(Reply::success(ratepay::types::SubscriptionList(Vec::new())))
        .mount_async()
        .await;
    status_of(ratepay(&server).list_subscriptions().await)
}

#[tokio::test]
async fn a_mock_answers_the_credential_that_it_asks_for() {
    assert_eq!(list_where_a_token_is_expected("token").await, None);
}

#[tokio::test]
async fn a_mock_does_not_answer_another_credential() {
    assert_eq!(list_where_a_token_is_expected("another").await, NO_MOCK);
}

#[tokio::test]
#[should_panic = "a mock of list_webhook_subscriptions already expects a call; use a second mock for another call"]
async fn a_mock_does_not_expect_twice() {
    let server = MockServer::start_async().await;
    let _ = pandadoc_mocks::ListWebhookSubscriptions::mock(&server)
        .expect(async |client| client.list_webhook_subscriptions().await)
        .expect(async |client| client.list_webhook_subscriptions().await);
}

#[tokio::test]
#[should_panic = "a mock of list_webhook_subscriptions expects exactly one call; use one mock for each call"]
async fn a_mock_does_not_expect_two_calls_in_one() {
    let server = MockServer::start_async().await;
    let _ = pandadoc_mocks::ListWebhookSubscriptions::mock(&server).expect(async |client| {
        let _ = client.list_webhook_subscriptions().await;
        client.list_webhook_subscriptions().await
    });
}

#[test]
fn a_mock_is_mounted_where_nothing_is_asynchronous() {
    let server = MockServer::start();
    let list = pandadoc_mocks::ListWebhookSubscriptions::mock(&server);
    let mock = list.reply(Reply::success(Default::default())).mount();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _ = runtime.block_on(pandadoc(&server).list_webhook_subscriptions());
    assert_eq!(mock.calls(), 1);
}

// Replies.

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

/// What a regeneration ends in where a mock answers so.
async fn regenerate(reply: Reply<pandadoc_mocks::UpdateWebhookSubscriptionSharedKey>) -> Error {
    let server = MockServer::start_async().await;
    let regenerate = pandadoc_mocks::UpdateWebhookSubscriptionSharedKey::mock(&server);
    regenerate.reply(reply).mount_async().await;
    let result = pandadoc(&server)
        .update_webhook_subscription_shared_key(&ID)
        .await;
    result.unwrap_err()
}

use pandadoc_mocks::UpdateWebhookSubscriptionSharedKeyError::{Forbidden, TooManyRequests};

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

// Every operation.

/// The status of the answer to a request in the form of this operation, where it has a mock.
async fn answered<O: MockedOperation>(success: O::Answer) -> u16 {
    let server = MockServer::start_async().await;
    Mock::<O>::on(&server)
        .reply(Reply::success(success))
        .mount_async()
        .await;
    let url = server.url(O::TEMPLATE.replace("{id}", "7"));
    let method = O::METHOD.parse().unwrap();
    let client = reqwest::Client::new();
    let response = client.request(method, url).send().await.unwrap();
    response.status().as_u16()
}

macro_rules! every_operation {
    ($($test:ident: $operation:path, $success:expr, $status:literal;)*) => {$(
        #[tokio::test]
        async fn $test() {
            assert_eq!(answered::<$operation>($success).await, $status);
        }
    )*};
}

fn subscription() -> ratepay::types::Subscription {
    ratepay::types::Subscription::new("secret".into())
}

every_operation! {
    list_webhook_subscriptions: pandadoc_mocks::ListWebhookSubscriptions, Default::default(), 200;
    create_webhook_subscription: pandadoc_mocks::CreateWebhookSubscription, Default::default(), 201;
    details_webhook_subscription: pandadoc_mocks::DetailsWebhookSubscription, Default::default(), 200;
    update_webhook_subscription: pandadoc_mocks::UpdateWebhookSubscription, Default::default(), 200;
    delete_webhook_subscription: pandadoc_mocks::DeleteWebhookSubscription, (), 204;
    update_webhook_subscription_shared_key: pandadoc_mocks::UpdateWebhookSubscriptionSharedKey,
        WebhookSubscriptionSharedKeyResponse::new("key".into()), 200;
    list_webhook_event: pandadoc_mocks::ListWebhookEvent, Default::default(), 200;
    details_webhook_event: pandadoc_mocks::DetailsWebhookEvent, Default::default(), 200;
    access_token: pandadoc_mocks::oauth::AccessToken,
        pandadoc::oauth::types::TokenResponse::new("token".into()), 200;
    list_subscriptions: ratepay_mocks::ListSubscriptions, ratepay::types::SubscriptionList(Vec::new()), 200;
    create_subscription: ratepay_mocks::CreateSubscription, subscription(), 201;
    update_subscription: ratepay_mocks::UpdateSubscription, subscription(), 200;
    delete_subscription: ratepay_mocks::DeleteSubscription, (), 204;
    create_o_auth_token: ratepay_mocks::oauth::CreateOAuthToken,
        ratepay::oauth::types::TokenResponse::new("token".into()), 200;
}
