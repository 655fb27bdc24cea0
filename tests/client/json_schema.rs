//! With the feature `schemars`, a service can show the generated types in its own API description.

use schemars::schema_for;
use serde_json::{json, to_value, Value};
use webhook_subscriptions::pandadoc::types::WebhookSubscriptionSharedKeyResponse;
use webhook_subscriptions::ratepay::types::{Subscription, SubscriptionRequest};

fn request() -> Value {
    to_value(schema_for!(SubscriptionRequest)).unwrap()
}

/// The schema of a member, which stands there or is referred to.
fn member(name: &str) -> Value {
    let schema = request();
    let member = &schema["properties"][name];
    match member.pointer("/allOf/0/$ref").and_then(Value::as_str) {
        Some(reference) => schema.pointer(&reference[1..]).unwrap().clone(),
        None => member.clone(),
    }
}

#[test]
fn a_request_says_what_it_requires() {
    assert_eq!(
        request()["required"],
        json!(["event_type", "secret", "url"])
    );
}

#[test]
fn a_signing_secret_is_a_password_of_64_characters_or_more() {
    let expected = json!({"type": "string", "format": "password", "minLength": 64});
    assert_eq!(member("secret"), expected);
}

#[test]
fn a_webhook_url_is_a_uri() {
    assert_eq!(member("url"), json!({"type": "string", "format": "uri"}));
}

#[test]
fn a_shared_key_is_a_password() {
    let schema = to_value(schema_for!(WebhookSubscriptionSharedKeyResponse)).unwrap();
    let expected = json!({"type": "string", "format": "password"});
    assert_eq!(schema["definitions"]["Secret"], expected);
}

#[test]
fn a_response_says_what_it_requires() {
    assert_eq!(
        to_value(schema_for!(Subscription)).unwrap()["required"],
        json!(["secret"])
    );
}
