//! Answers that the services may well send are read: unknown values, nulls, missing members and others.

use serde_json::json;
use webhook_subscriptions::pandadoc::types::{
    WebhookEventDetailsResponse, WebhookEventPageResponse, WebhookSubscriptionItemResponse,
    WebhookSubscriptionListResponse, WebhookSubscriptionStatusEnum, WebhookSubscriptionTriggerEnum,
};
use webhook_subscriptions::ratepay::types::Subscription;

#[test]
fn a_known_value_of_an_enum_is_a_variant() {
    let item: WebhookSubscriptionItemResponse =
        serde_json::from_value(json!({"status": "DEACTIVATED"})).unwrap();
    assert_eq!(
        item.status,
        Some(WebhookSubscriptionStatusEnum::Deactivated)
    );
}

#[test]
fn an_unknown_value_of_an_enum_is_its_text() {
    let item: WebhookSubscriptionItemResponse =
        serde_json::from_value(json!({"triggers": ["quote_updated", "form_filled"]})).unwrap();
    let expected = [
        WebhookSubscriptionTriggerEnum::QuoteUpdated,
        WebhookSubscriptionTriggerEnum::Other("form_filled".to_owned()),
    ];
    assert_eq!(item.triggers.unwrap(), expected);
}

#[test]
fn an_unknown_value_is_sent_back_as_it_came() {
    let trigger = WebhookSubscriptionTriggerEnum::from("form_filled");
    assert_eq!(serde_json::to_value(trigger).unwrap(), json!("form_filled"));
}

#[test]
fn every_member_of_a_subscription_may_be_null() {
    let all_null = json!({
        "uuid": null, "name": null, "url": null, "active": null, "payload": null, "triggers": null,
        "workspace_id": null, "shared_key": null, "status": null,
    });
    assert!(serde_json::from_value::<WebhookSubscriptionItemResponse>(all_null).is_ok());
}

#[test]
fn every_member_of_an_event_may_be_null() {
    let all_null = json!({
        "uuid": null, "name": null, "type": null, "http_status_code": null, "error": null,
        "delivery_time": null, "url": null, "signature": null, "request_body": null,
        "response_body": null, "response_headers": null, "event_time": null,
    });
    assert!(serde_json::from_value::<WebhookEventDetailsResponse>(all_null).is_ok());
}

#[test]
fn every_member_may_be_missing() {
    assert!(serde_json::from_str::<WebhookSubscriptionListResponse>("{}").is_ok());
    assert!(serde_json::from_str::<WebhookSubscriptionItemResponse>("{}").is_ok());
    assert!(serde_json::from_str::<WebhookEventPageResponse>("{}").is_ok());
    assert!(serde_json::from_str::<WebhookEventDetailsResponse>("{}").is_ok());
}

#[test]
fn ratepay_may_leave_out_all_but_the_secret() {
    assert!(serde_json::from_str::<Subscription>(r#"{"secret":"x"}"#).is_ok());
}

#[test]
fn a_status_larger_than_documented_is_read() {
    let event = json!({"http_status_code": 4_294_967_296_u64});
    let event: WebhookEventDetailsResponse = serde_json::from_value(event).unwrap();
    assert_eq!(event.http_status_code, Some(4_294_967_296));
}

#[test]
fn a_url_that_is_none_is_read() {
    let item: WebhookSubscriptionItemResponse =
        serde_json::from_value(json!({"url": "not a url"})).unwrap();
    assert_eq!(item.url.as_deref(), Some("not a url"));
}

#[test]
fn other_members_do_no_harm() {
    let item = json!({"name": "Invoices", "created_by": {"id": 7}});
    let item: WebhookSubscriptionItemResponse = serde_json::from_value(item).unwrap();
    assert_eq!(item.name.as_deref(), Some("Invoices"));
}

#[test]
fn a_shared_key_of_a_subscription_is_redacted() {
    let item: WebhookSubscriptionItemResponse =
        serde_json::from_value(json!({"shared_key": "canary"})).unwrap();
    assert!(!format!("{item:?}").contains("canary"));
}
