//! The sections that follow the document's texts on every operation: its errors, and an example that `cargo test`
//! compiles.

/// Returns these sections of the method of this name.
pub fn sections(module: &str, method: &str) -> Option<String> {
    let operation = |it: &Operation| it.path == format!("{module}::{method}");
    let Operation { again, example, .. } = OPERATIONS.into_iter().find(operation)?;
    let again = match again {
        Again::Harmless => {
            "The operation can be called again whatever the outcome is. A second call changes nothing more.".to_owned()
        }
        Again::Never(instead) => format!(
            "The operation isn't idempotent. If the outcome is [`Unknown`](crate::Outcome::Unknown) or
[`Applied`](crate::Outcome::Applied), don't call again: {instead}"
        ),
    };
    Some(format!(
        "
# Errors

Returns an error unless the server answers with a usable success. Its [`outcome`](crate::Error::outcome) says whether
the server has acted.

{again}

# Example

```no_run
# async fn example(client: webhook_subscriptions::{module}::Client) -> Result<(), Box<dyn std::error::Error>> {{
{example}# Ok(())
# }}
```"
    ))
}

struct Operation {
    path: &'static str,
    again: Again,
    example: &'static str,
}

/// Whether a second call does more than the first. `idempotent` and `reads` in `src/pandadoc/quirks.rs` and
/// `src/ratepay/quirks.rs` say the same to the runtime.
enum Again {
    Harmless,
    /// Why not to call again, and how to learn what the server holds.
    Never(&'static str),
}

const OPERATIONS: [Operation; 14] = [
    Operation {
        path: "pandadoc::list_webhook_subscriptions",
        again: Again::Harmless,
        example: r#"let answer = client.list_webhook_subscriptions().await?;
for subscription in answer.into_inner().items.unwrap_or_default() {
    println!("{:?} delivers to {:?}", subscription.name, subscription.url);
}
"#,
    },
    Operation {
        path: "pandadoc::create_webhook_subscription",
        again: Again::Never(
            "each call adds another subscription, and each
subscription delivers. Look for the new one with [`list_webhook_subscriptions`](Self::list_webhook_subscriptions).",
        ),
        example: r#"use webhook_subscriptions::pandadoc::types::{WebhookSubscriptionCreateRequest, WebhookSubscriptionTriggerEnum};

let request = WebhookSubscriptionCreateRequest::new(
    "Invoices",
    vec![WebhookSubscriptionTriggerEnum::DocumentStateChanged],
    "https://shop.example/hooks".parse()?,
);
let subscription = client.create_webhook_subscription(&request).await?.into_inner();
println!("its id is {:?}", subscription.uuid);
"#,
    },
    Operation {
        path: "pandadoc::details_webhook_subscription",
        again: Again::Harmless,
        example: r#"let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
let subscription = client.details_webhook_subscription(&id).await?.into_inner();
println!("its status is {:?}", subscription.status);
"#,
    },
    Operation {
        path: "pandadoc::update_webhook_subscription",
        again: Again::Harmless,
        example: r#"use webhook_subscriptions::pandadoc::types::WebhookSubscriptionPatchRequest;

let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
let request = WebhookSubscriptionPatchRequest::new().active(false);
client.update_webhook_subscription(&id, &request).await?;
"#,
    },
    Operation {
        path: "pandadoc::delete_webhook_subscription",
        again: Again::Harmless,
        example: r#"let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
client.delete_webhook_subscription(&id).await?;
"#,
    },
    Operation {
        path: "pandadoc::update_webhook_subscription_shared_key",
        again: Again::Never(
            "each call makes another key. Read the current one
back with [`details_webhook_subscription`](Self::details_webhook_subscription).",
        ),
        example: r#"let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
let answer = client.update_webhook_subscription_shared_key(&id).await?;
let key = answer.into_inner().shared_key;
assert_eq!(format!("{key:?}"), "[REDACTED]");
"#,
    },
    Operation {
        path: "pandadoc::list_webhook_event",
        again: Again::Harmless,
        example: r#"use webhook_subscriptions::pandadoc::types::{ListWebhookEventRequest, WebhookEventErrorEnum};

// The first ten deliveries that timed out.
let request = ListWebhookEventRequest::new(10, 1).error(vec![WebhookEventErrorEnum::TimeoutError]);
let page = client.list_webhook_event(&request).await?.into_inner();
for event in page.items.unwrap_or_default() {
    println!("{:?} at {:?}", event.type_, event.delivery_time);
}
"#,
    },
    Operation {
        path: "pandadoc::details_webhook_event",
        again: Again::Harmless,
        example: r#"let id = "d173751d-0057-4d5c-ab75-49a670a4ca68".parse()?;
let event = client.details_webhook_event(&id).await?.into_inner();
println!("the receiver answered {:?}", event.http_status_code);
"#,
    },
    Operation {
        path: "pandadoc::oauth::access_token",
        again: Again::Never(
            "the refresh token may be spent already. PandaDoc
doesn't document whether it can be used twice.",
        ),
        example: r#"use webhook_subscriptions::pandadoc::oauth::types::RefreshRequest;

let request = RefreshRequest {
    grant_type: "refresh_token".into(),
    client_id: "the id of the application".into(),
    client_secret: "its secret".into(),
    refresh_token: "the last refresh token".into(),
};
let token = client.access_token(&request).await?.into_inner();
println!("valid for {:?} seconds", token.expires_in);
"#,
    },
    Operation {
        path: "ratepay::list_subscriptions",
        again: Again::Harmless,
        example: r#"for subscription in client.list_subscriptions().await?.into_inner().0 {
    println!("{:?} delivers to {:?}", subscription.id, subscription.url);
}
"#,
    },
    Operation {
        path: "ratepay::create_subscription",
        again: Again::Never(
            "Ratepay doesn't document whether it rejects a
duplicate, so each call may add another subscription, and each delivers. Look for the new one with
[`list_subscriptions`](Self::list_subscriptions).",
        ),
        example: r#"use webhook_subscriptions::ratepay::{types::SubscriptionRequest, SigningSecret};

let request = SubscriptionRequest {
    url: "https://shop.example/hooks/invoice".parse()?,
    event_type: "INVOICE_INVOICE".into(),
    secret: SigningSecret::generate(),
};
let subscription = client.create_subscription(&request).await?.into_inner();
println!("its id is {:?}", subscription.id);
"#,
    },
    Operation {
        path: "ratepay::update_subscription",
        again: Again::Harmless,
        example: r#"use webhook_subscriptions::ratepay::{types::SubscriptionRequest, SigningSecret};

let id = "d8znR1k1_0Kw305BsoPT".parse()?;
let request = SubscriptionRequest {
    url: "https://shop.example/hooks/invoice".parse()?,
    event_type: "INVOICE_INVOICE".into(),
    secret: SigningSecret::generate(),
};
client.update_subscription(&id, &request).await?;
"#,
    },
    Operation {
        path: "ratepay::delete_subscription",
        again: Again::Harmless,
        example: r#"let id = "d8znR1k1_0Kw305BsoPT".parse()?;
client.delete_subscription(&id).await?;
"#,
    },
    Operation {
        path: "ratepay::oauth::create_o_auth_token",
        again: Again::Harmless,
        example: r#"use webhook_subscriptions::ratepay::oauth::types::TokenRequest;

let request = TokenRequest {
    grant_type: "client_credentials".into(),
    client_id: "the id that Ratepay gave".into(),
    client_secret: "its secret".into(),
    audience: "https://api-integration.ratepay.com/webhook/management".into(),
};
let token = client.create_o_auth_token(&request).await?.into_inner();
println!("valid for {:?} seconds", token.expires_in);
"#,
    },
];
