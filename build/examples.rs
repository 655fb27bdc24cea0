//! An example of every operation, which becomes a part of its documentation and is compiled by `cargo test`.

/// Returns the example of the method of this name, as documentation.
pub fn example(module: &str, method: &str) -> Option<String> {
    let examples = EXAMPLES.into_iter().filter_map(|it| it.split_once('\n'));
    let mut examples = examples.filter(|(path, _)| *path == format!("{module}::{method}"));
    let (_, code) = examples.next()?;
    Some(format!(
        "
# Example

```no_run
# async fn example(client: webhook_subscriptions::{module}::Client) -> Result<(), Box<dyn std::error::Error>> {{
{code}# Ok(())
# }}
```"
    ))
}

/// The path of the method, and the code.
const EXAMPLES: [&str; 14] = [
    r#"pandadoc::list_webhook_subscriptions
let answer = client.list_webhook_subscriptions().await?;
for subscription in answer.into_inner().items.unwrap_or_default() {
    println!("{:?} delivers to {:?}", subscription.name, subscription.url);
}
"#,
    r#"pandadoc::create_webhook_subscription
use webhook_subscriptions::pandadoc::types::{WebhookSubscriptionCreateRequest, WebhookSubscriptionTriggerEnum};

let request = WebhookSubscriptionCreateRequest::new(
    "Invoices",
    vec![WebhookSubscriptionTriggerEnum::DocumentStateChanged],
    "https://shop.example/hooks".parse()?,
);
let subscription = client.create_webhook_subscription(&request).await?.into_inner();
println!("its id is {:?}", subscription.uuid);
"#,
    r#"pandadoc::details_webhook_subscription
let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
let subscription = client.details_webhook_subscription(&id).await?.into_inner();
println!("its status is {:?}", subscription.status);
"#,
    r#"pandadoc::update_webhook_subscription
use webhook_subscriptions::pandadoc::types::WebhookSubscriptionPatchRequest;

let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
let request = WebhookSubscriptionPatchRequest::new().active(false);
client.update_webhook_subscription(&id, &request).await?;
"#,
    r#"pandadoc::delete_webhook_subscription
let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
client.delete_webhook_subscription(&id).await?;
"#,
    r#"pandadoc::update_webhook_subscription_shared_key
let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
let answer = client.update_webhook_subscription_shared_key(&id).await?;
let key = answer.into_inner().shared_key;
assert_eq!(format!("{key:?}"), "[REDACTED]");
"#,
    r#"pandadoc::list_webhook_event
use webhook_subscriptions::pandadoc::types::{ListWebhookEventRequest, WebhookEventErrorEnum};

// The first ten deliveries that timed out.
let request = ListWebhookEventRequest::new(10, 1).error(vec![WebhookEventErrorEnum::TimeoutError]);
let page = client.list_webhook_event(&request).await?.into_inner();
for event in page.items.unwrap_or_default() {
    println!("{:?} at {:?}", event.type_, event.delivery_time);
}
"#,
    r#"pandadoc::details_webhook_event
let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
let event = client.details_webhook_event(&id).await?.into_inner();
println!("the receiver answered {:?}", event.http_status_code);
"#,
    r#"pandadoc::oauth::access_token
use webhook_subscriptions::pandadoc::oauth::types::RefreshRequest;

let request = RefreshRequest {
    grant_type: "refresh_token".into(),
    client_id: "the id of the application".into(),
    client_secret: "its secret".into(),
    refresh_token: "the last refresh token".into(),
};
let token = client.access_token(&request).await?.into_inner();
println!("valid for {:?} seconds", token.expires_in);
"#,
    r#"ratepay::list_subscriptions
for subscription in client.list_subscriptions().await?.into_inner().0 {
    println!("{:?} delivers to {:?}", subscription.id, subscription.url);
}
"#,
    r#"ratepay::create_subscription
use webhook_subscriptions::ratepay::{types::SubscriptionRequest, SigningSecret};

let request = SubscriptionRequest {
    url: "https://shop.example/hooks/invoice".parse()?,
    event_type: "INVOICE_INVOICE".into(),
    secret: SigningSecret::generate(),
};
let subscription = client.create_subscription(&request).await?.into_inner();
println!("its id is {:?}", subscription.id);
"#,
    r#"ratepay::update_subscription
use webhook_subscriptions::ratepay::{types::SubscriptionRequest, SigningSecret};

let id = "d8znR1k1_0Kw305BsoPT".parse()?;
let request = SubscriptionRequest {
    url: "https://shop.example/hooks/invoice".parse()?,
    event_type: "INVOICE_INVOICE".into(),
    secret: SigningSecret::generate(),
};
client.update_subscription(&id, &request).await?;
"#,
    r#"ratepay::delete_subscription
let id = "d8znR1k1_0Kw305BsoPT".parse()?;
client.delete_subscription(&id).await?;
"#,
    r#"ratepay::oauth::create_o_auth_token
use webhook_subscriptions::ratepay::oauth::types::TokenRequest;

let request = TokenRequest {
    grant_type: "client_credentials".into(),
    client_id: "the id that Ratepay gave".into(),
    client_secret: "its secret".into(),
    audience: "https://api-integration.ratepay.com/webhook/management".into(),
};
let token = client.create_o_auth_token(&request).await?.into_inner();
println!("valid for {:?} seconds", token.expires_in);
"#,
];
