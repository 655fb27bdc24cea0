//! Schemas that become types of this crate.

use crate::document;

use document::{answering, fault, object, reference, source, with};
use serde_json::{json, Value};

/// A document whose answer refers to this component.
fn with_component(name: &str, schema: Value) -> Value {
    let answer = object(json!({"it": reference(name), "other": reference(name)}));
    with(
        answering(answer),
        &format!("/components/schemas/{name}"),
        schema,
    )
}

#[test]
fn an_enum_of_texts_is_open() {
    let kind = json!({"type": "string", "enum": ["one", "two words"]});
    let source = source(with_component("Kind", kind));
    assert!(
        source.contains("Option<::webhook_subscriptions::test::types::Kind>"),
        "{source}"
    );
}

#[test]
fn an_id_of_ratepays_is_the_type_that_checks_it() {
    let id = json!({"type": "string", "pattern": "^[A-Za-z0-9_-]{20}$"});
    let source = source(with_component("SubscriptionId", id));
    let expected = "Option<::webhook_subscriptions::ratepay::types::SubscriptionId>";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn an_id_of_another_pattern_than_its_type_checks_stops_the_build() {
    let expected = "schema `SubscriptionId`: it becomes ratepay::types::SubscriptionId, which checks the pattern \
                    ^[A-Za-z0-9_-]{20}$ and no other; give it that pattern, or change that type and \
                    build/transform/own_types.rs";
    let id = json!({"type": "string", "pattern": "^[a-z]{21}$"});
    assert_eq!(fault(with_component("SubscriptionId", id)), expected);
}
