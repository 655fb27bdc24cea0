//! Every operation has a mock, which answers its method and path with its documented status.

use httpmock::MockServer;
use webhook_subscriptions::pandadoc::types::WebhookSubscriptionSharedKeyResponse;
use webhook_subscriptions::testing::mock::{Mock, MockedOperation, Reply};
use webhook_subscriptions::{pandadoc, ratepay};

use super::{pandadoc_mocks, ratepay_mocks};

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
