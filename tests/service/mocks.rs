//! A mock of an operation expects what the client's own method sends, and answers what its document
//! promises, or anything else.

mod every_operation;
mod expectations;
mod replies;

use http::StatusCode;
use httpmock::MockServer;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::types::WebhookSubscriptionItemResponse;
use webhook_subscriptions::testing::mock::{pandadoc as pandadoc_mocks, ratepay as ratepay_mocks};
use webhook_subscriptions::{pandadoc, ratepay, Error, RetryPolicy};

const ID: Uuid = Uuid::from_u128(7);

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

fn item(name: &str) -> WebhookSubscriptionItemResponse {
    let mut item = WebhookSubscriptionItemResponse::default();
    item.name = Some(name.to_owned());
    item
}
