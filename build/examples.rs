//! An example of every operation, which becomes a part of its documentation and is compiled by `cargo test`.

/// Returns the example of the method of this name.
pub fn example(module: &str, method: &str) -> Option<&'static str> {
    let mut examples = EXAMPLES.into_iter();
    let found = examples.find(|(of, name, _)| (*of, *name) == (module, method));
    found.map(|(_, _, example)| example)
}

/// The module, the method, and the code.
const EXAMPLES: [(&str, &str, &str); 14] = [
    ("pandadoc", "list_webhook_subscriptions", "\
# async fn example(client: webhook_subscriptions::pandadoc::Client) -> Result<(), webhook_subscriptions::Error> {
let answer = client.list_webhook_subscriptions().await?;
for subscription in answer.into_inner().items.unwrap_or_default() {
    println!(\"{:?} delivers to {:?}\", subscription.name, subscription.url);
}
# Ok(())
# }
"),
    ("pandadoc", "create_webhook_subscription", "\
use webhook_subscriptions::pandadoc::types::{WebhookSubscriptionCreateRequest, WebhookSubscriptionTriggerEnum};

# async fn example(client: webhook_subscriptions::pandadoc::Client) -> Result<(), Box<dyn std::error::Error>> {
let request = WebhookSubscriptionCreateRequest::new(
    \"Invoices\",
    vec![WebhookSubscriptionTriggerEnum::DocumentStateChanged],
    \"https://shop.example/hooks\".parse()?,
);
let subscription = client.create_webhook_subscription(&request).await?.into_inner();
println!(\"its id is {:?}\", subscription.uuid);
# Ok(())
# }
"),
    ("pandadoc", "details_webhook_subscription", "\
# async fn example(client: webhook_subscriptions::pandadoc::Client) -> Result<(), Box<dyn std::error::Error>> {
let id = \"d173751d-0057-4d5c-ab75-49a670a4ca68\".parse()?;
let subscription = client.details_webhook_subscription(&id).await?.into_inner();
println!(\"its status is {:?}\", subscription.status);
# Ok(())
# }
"),
    ("pandadoc", "update_webhook_subscription", "\
use webhook_subscriptions::pandadoc::types::WebhookSubscriptionPatchRequest;

# async fn example(client: webhook_subscriptions::pandadoc::Client) -> Result<(), Box<dyn std::error::Error>> {
let id = \"d173751d-0057-4d5c-ab75-49a670a4ca68\".parse()?;
let request = WebhookSubscriptionPatchRequest::new().active(false);
client.update_webhook_subscription(&id, &request).await?;
# Ok(())
# }
"),
    ("pandadoc", "delete_webhook_subscription", "\
# async fn example(client: webhook_subscriptions::pandadoc::Client) -> Result<(), Box<dyn std::error::Error>> {
let id = \"d173751d-0057-4d5c-ab75-49a670a4ca68\".parse()?;
client.delete_webhook_subscription(&id).await?;
# Ok(())
# }
"),
    ("pandadoc", "update_webhook_subscription_shared_key", "\
# async fn example(client: webhook_subscriptions::pandadoc::Client) -> Result<(), Box<dyn std::error::Error>> {
let id = \"d173751d-0057-4d5c-ab75-49a670a4ca68\".parse()?;
let answer = client.update_webhook_subscription_shared_key(&id).await?;
let key = answer.into_inner().shared_key;
assert_eq!(format!(\"{key:?}\"), \"[REDACTED]\");
# Ok(())
# }
"),
    ("pandadoc", "list_webhook_event", "\
use webhook_subscriptions::pandadoc::types::{ListWebhookEventRequest, WebhookEventErrorEnum};

# async fn example(client: webhook_subscriptions::pandadoc::Client) -> Result<(), webhook_subscriptions::Error> {
// The first ten deliveries that timed out.
let request = ListWebhookEventRequest::new(10, 1).error(vec![WebhookEventErrorEnum::TimeoutError]);
let page = client.list_webhook_event(&request).await?.into_inner();
for event in page.items.unwrap_or_default() {
    println!(\"{:?} at {:?}\", event.type_, event.delivery_time);
}
# Ok(())
# }
"),
    ("pandadoc", "details_webhook_event", "\
# async fn example(client: webhook_subscriptions::pandadoc::Client) -> Result<(), Box<dyn std::error::Error>> {
let id = \"d173751d-0057-4d5c-ab75-49a670a4ca68\".parse()?;
let event = client.details_webhook_event(&id).await?.into_inner();
println!(\"the receiver answered {:?}\", event.http_status_code);
# Ok(())
# }
"),
    ("pandadoc::oauth", "access_token", "\
use webhook_subscriptions::pandadoc::oauth::types::RefreshRequest;

# async fn example(client: webhook_subscriptions::pandadoc::oauth::Client) -> Result<(), webhook_subscriptions::Error> {
let request = RefreshRequest {
    grant_type: \"refresh_token\".into(),
    client_id: \"the id of the application\".into(),
    client_secret: \"its secret\".into(),
    refresh_token: \"the last refresh token\".into(),
};
let token = client.access_token(&request).await?.into_inner();
println!(\"valid for {:?} seconds\", token.expires_in);
# Ok(())
# }
"),
    ("ratepay", "list_subscriptions", "\
# async fn example(client: webhook_subscriptions::ratepay::Client) -> Result<(), webhook_subscriptions::Error> {
for subscription in client.list_subscriptions().await?.into_inner().0 {
    println!(\"{:?} delivers to {:?}\", subscription.id, subscription.url);
}
# Ok(())
# }
"),
    ("ratepay", "create_subscription", "\
use webhook_subscriptions::ratepay::{types::SubscriptionRequest, SigningSecret};

# async fn example(client: webhook_subscriptions::ratepay::Client) -> Result<(), Box<dyn std::error::Error>> {
let request = SubscriptionRequest {
    url: \"https://shop.example/hooks/invoice\".parse()?,
    event_type: \"INVOICE_INVOICE\".into(),
    secret: SigningSecret::generate(),
};
let subscription = client.create_subscription(&request).await?.into_inner();
println!(\"its id is {:?}\", subscription.id);
# Ok(())
# }
"),
    ("ratepay", "update_subscription", "\
use webhook_subscriptions::ratepay::{types::SubscriptionRequest, SigningSecret};

# async fn example(client: webhook_subscriptions::ratepay::Client) -> Result<(), Box<dyn std::error::Error>> {
let id = \"d8znR1k1_0Kw305BsoPT\".parse()?;
let request = SubscriptionRequest {
    url: \"https://shop.example/hooks/invoice\".parse()?,
    event_type: \"INVOICE_INVOICE\".into(),
    secret: SigningSecret::generate(),
};
client.update_subscription(&id, &request).await?;
# Ok(())
# }
"),
    ("ratepay", "delete_subscription", "\
# async fn example(client: webhook_subscriptions::ratepay::Client) -> Result<(), Box<dyn std::error::Error>> {
let id = \"d8znR1k1_0Kw305BsoPT\".parse()?;
client.delete_subscription(&id).await?;
# Ok(())
# }
"),
    ("ratepay::oauth", "create_o_auth_token", "\
use webhook_subscriptions::ratepay::oauth::types::TokenRequest;

# async fn example(client: webhook_subscriptions::ratepay::oauth::Client) -> Result<(), webhook_subscriptions::Error> {
let request = TokenRequest {
    grant_type: \"client_credentials\".into(),
    client_id: \"the id that Ratepay gave\".into(),
    client_secret: \"its secret\".into(),
    audience: \"https://api-integration.ratepay.com/webhook/management\".into(),
};
let token = client.create_o_auth_token(&request).await?.into_inner();
println!(\"valid for {:?} seconds\", token.expires_in);
# Ok(())
# }
"),
];
