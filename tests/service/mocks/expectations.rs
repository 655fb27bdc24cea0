//! A mock answers the request that the client's own method sends, and no other.

use http::StatusCode;
use httpmock::MockServer;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::types::{
    ListWebhookEventRequest, WebhookEventPageResponse, WebhookSubscriptionPatchRequest,
    WebhookSubscriptionTriggerEnum,
};
use webhook_subscriptions::testing::mock::Reply;

use super::{item, pandadoc, pandadoc_mocks, ratepay, ratepay_mocks, status_of, ID};

const OTHER_ID: Uuid = Uuid::from_u128(8);

/// The status that the client sees if no mock fits.
const NO_MOCK: Option<StatusCode> = Some(StatusCode::NOT_FOUND);

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

/// Returns the status of a list's error, for a mock that expects a header of this value.
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
