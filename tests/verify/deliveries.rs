//! Deliveries are read as the providers document them, and values that are newer than this crate are kept.

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use serde_json::{json, Value};
use uuid::uuid;
use webhook_subscriptions::pandadoc::delivery::{Event, EventOrOther};
use webhook_subscriptions::pandadoc::types::WebhookEventTriggerEnum as Trigger;
use webhook_subscriptions::ratepay::delivery::Payload;
use webhook_subscriptions::{pandadoc, ratepay};

fn event_id(values: &[&'static str]) -> Option<uuid::Uuid> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(
            pandadoc::delivery::EVENT_ID,
            HeaderValue::from_static(value),
        );
    }
    pandadoc::delivery::event_id(&headers)
}

/// The events of a delivery that has nothing else.
fn events(body: &[u8]) -> Vec<Event> {
    let delivered = pandadoc::delivery::parse(body).unwrap().into_iter();
    delivered
        .map(|delivered| match delivered {
            EventOrOther::Event(event) => event,
            other => panic!("no event: {other:?}"),
        })
        .collect()
}

fn ratepay(payload: &Value) -> Payload {
    ratepay::delivery::parse(payload.to_string().as_bytes()).unwrap()
}

/// The example of Ratepay's documentation.
fn invoice() -> Value {
    json!({
        "id": 92,
        "shop_transaction_id": "shop-transaction-id-1234",
        "ratepay_payment_reference": "GD1234567890",
        "ratepay_transaction_id": "32-201411251340634",
        "invoice_id": "DG0627731Z7-001",
        "eml_url": "https://api.ratepay.com/api/order/123/correspondences/invoices/456/eml",
        "pdf_url": "https://api.ratepay.com/api/order/123/correspondences/invoices/456/pdf",
    })
}

/// Ratepay's documented dispute, without its comment and items.
fn dispute() -> Value {
    json!({
        "ratepay_transaction_id": "2vqgHujqswxwqa7Ms9Q1",
        "ratepay_dispute_id": "6vqgHujqswxwqa7Ms9Q1",
        "partner_transaction_id": "partner-transaction-id-1234",
        "publication_date": "2021-02-19T15:00:00.05+00:00",
        "amount": 529.9,
        "currency": "EUR",
        "type": "REQUEST_FOR_INFORMATION",
        "reason": "FRAUD",
        "response_due_date": "2021-03-01T15:00:00.05+00:00",
        "items": [{"any": "thing"}],
    })
}

#[test]
fn pandadoc_all_events_of_a_delivery_are_read() {
    let body = br#"[
        {"event": "document_state_changed", "data": {"id": "one"}},
        {"event": "recipient_completed", "data": {"id": "two"}}
    ]"#;
    let events = events(body);
    let events: Vec<_> = events
        .iter()
        .map(|event| (&event.event, event.data["id"].as_str()))
        .collect();
    assert_eq!(
        events,
        [
            (&Trigger::DocumentStateChanged, Some("one")),
            (&Trigger::RecipientCompleted, Some("two")),
        ]
    );
}

#[test]
fn pandadoc_an_event_that_is_newer_than_this_crate_is_kept() {
    let body = br#"[{"event": "document_flew_away", "data": [1], "more": true}]"#;
    let events = events(body);
    assert_eq!(events[0].event, Trigger::Other("document_flew_away".into()));
    assert_eq!(events[0].data, json!([1]));
}

#[test]
fn pandadoc_an_event_without_data_has_null() {
    let events = events(br#"[{"event": "document_deleted"}]"#);
    assert_eq!(events[0].data, Value::Null);
}

#[test]
fn pandadoc_an_event_keeps_every_member() {
    let body = json!([{"event": "document_deleted", "data": {"id": "one"}, "sent": {"by": 1.5}}]);
    let events = events(body.to_string().as_bytes());
    assert_eq!(events[0].other["sent"], json!({"by": 1.5}));
    assert_eq!(serde_json::to_value(events).unwrap(), body);
}

#[test]
fn pandadoc_what_is_no_event_passes_as_json_beside_those_that_are() {
    for other in [
        json!({"data": {"id": "one"}}),
        json!({"event": 1, "data": {}}),
        json!(["document_deleted", {"id": "one"}]),
        json!("document_deleted"),
        json!(null),
    ] {
        let body = json!([other, {"event": "document_deleted"}]).to_string();
        let delivered = pandadoc::delivery::parse(body.as_bytes()).unwrap();
        assert_eq!(delivered[0], EventOrOther::Other(other));
        assert!(matches!(delivered[1], EventOrOther::Event(_)), "{body}");
    }
}

#[test]
fn pandadoc_a_single_object_is_no_delivery() {
    let parsed = pandadoc::delivery::parse(br#"{"event": "any", "data": {}}"#);
    assert!(parsed.is_err());
}

#[test]
fn pandadoc_a_delivery_has_an_id() {
    assert_eq!(
        event_id(&["550e8400-e29b-41d4-a716-446655440000"]),
        Some(uuid!("550e8400-e29b-41d4-a716-446655440000")),
    );
}

#[test]
fn pandadoc_what_is_no_id_is_none() {
    let id = "550e8400-e29b-41d4-a716-446655440000";
    for values in [&[][..], &[""], &["one"], &[id, id]] {
        assert_eq!(event_id(values), None, "{values:?}");
    }
}

#[test]
fn ratepay_an_invoice_is_read() {
    let Payload::Invoice(invoice) = ratepay(&invoice()) else {
        panic!("no invoice");
    };
    assert_eq!(invoice.id, Some(92.into()));
    assert_eq!(invoice.invoice_id.as_deref(), Some("DG0627731Z7-001"));
    assert!(invoice.other.is_empty());
}

#[test]
fn ratepay_a_dispute_is_read() {
    let Payload::Dispute(dispute) = ratepay(&dispute()) else {
        panic!("no dispute");
    };
    assert_eq!(
        dispute.amount.map(|amount| amount.to_string()).as_deref(),
        Some("529.9")
    );
    assert_eq!(dispute.reason.as_deref(), Some("FRAUD"));
    assert_eq!(dispute.other["items"], json!([{"any": "thing"}]));
}

#[test]
fn ratepay_a_known_payload_keeps_every_member() {
    let Payload::Invoice(read) = ratepay(&invoice()) else {
        panic!("no invoice");
    };
    assert_eq!(serde_json::to_value(*read).unwrap(), invoice());
}

#[test]
fn ratepay_a_payload_with_few_members_gets_no_others() {
    let few = json!({"invoice_id": "DG0627731Z7-001", "more": null});
    let Payload::Invoice(invoice) = ratepay(&few) else {
        panic!("no invoice");
    };
    assert_eq!(serde_json::to_value(*invoice).unwrap(), few);
    let few = json!({"ratepay_dispute_id": "6vqgHujqswxwqa7Ms9Q1", "type": "OTHER", "items": []});
    let Payload::Dispute(dispute) = ratepay(&few) else {
        panic!("no dispute");
    };
    assert_eq!(serde_json::to_value(*dispute).unwrap(), few);
}

#[test]
fn ratepay_a_payload_that_is_not_documented_passes_as_json() {
    let mut of_another_type = invoice();
    of_another_type["pdf_url"] = json!(["one", "two"]);
    for payload in [
        json!({"order": 1}),
        json!([]),
        json!("text"),
        of_another_type,
    ] {
        assert_eq!(ratepay(&payload), Payload::Other(payload));
    }
}

#[test]
fn ratepay_what_is_no_json_is_an_error_that_does_not_quote_it() {
    let error = ratepay::delivery::parse(b"canary").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn json_beyond_what_is_read_is_not_said_to_be_none() {
    let nested = "[".repeat(128) + &"]".repeat(128);
    for body in [nested.as_str(), "[1e999]"] {
        let error = ratepay::delivery::parse(body.as_bytes()).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("a number or a nesting beyond"), "{said}");
    }
}

#[test]
fn json_of_127_levels_is_read() {
    let nested = "[".repeat(127) + &"]".repeat(127);
    assert!(ratepay::delivery::parse(nested.as_bytes()).is_ok());
}

proptest! {
    #[test]
    fn any_bytes_whatever_are_read_without_a_panic(body: Vec<u8>) {
        let _ = pandadoc::delivery::parse(&body);
        let _ = ratepay::delivery::parse(&body);
    }
}
