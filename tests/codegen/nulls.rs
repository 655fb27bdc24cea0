//! In a request null is told from absence, wherever the document says that there may be null.

use crate::document;

use document::{answering, fault, source, with};
use serde_json::{json, Value};

const THING: &str = "#/components/schemas/Thing";

fn an_object() -> Value {
    json!({"type": "object", "nullable": true, "properties": {"a": {"type": "string"}}})
}

fn an_enum() -> Value {
    json!({"type": "string", "nullable": true, "enum": ["one", "two"]})
}

/// A document that has a component that may be null, and a body of this schema.
fn sent(component: Value, schema: Value) -> Value {
    let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    let document = answering(json!({"type": "string"}));
    let document = with(document, "/paths/~1it/get/requestBody", body);
    with(document, "/components/schemas/Thing", component)
}

/// A body with one member, required or not, that refers to the component.
fn with_member(required: Value) -> Value {
    let properties = json!({"member": {"$ref": THING}});
    json!({"type": "object", "required": required, "properties": properties})
}

#[test]
fn an_optional_member_that_refers_to_an_object_has_three_states() {
    let source = source(sent(an_object(), with_member(json!([]))));
    let expected = "pubmember:::std::option::Option<::webhook_subscriptions::Nullable<Thing,>>";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn an_optional_member_that_refers_to_an_enum_has_three_states() {
    let source = source(sent(an_enum(), with_member(json!([]))));
    let expected = "pubmember:::std::option::Option<::webhook_subscriptions::Nullable<\
                    ::webhook_subscriptions::test::types::Thing";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn a_member_that_refers_to_its_own_object_is_in_a_box() {
    let mut tree = an_object();
    tree["properties"]["left"] = json!({"$ref": THING});
    let source = source(sent(tree, with_member(json!([]))));
    let expected = "publeft:::std::option::Option<::webhook_subscriptions::Nullable<\
                    ::std::boxed::Box<Thing,>,>>";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn an_optional_member_that_refers_to_a_reference_has_three_states() {
    let document = sent(an_object(), with_member(json!([])));
    let document = with(document, "/components/schemas/Real", an_object());
    let alias = json!({"$ref": "#/components/schemas/Real"});
    let source = source(with(document, "/components/schemas/Thing", alias));
    let expected = "pubmember:::std::option::Option<::webhook_subscriptions::Nullable<";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn an_optional_member_that_is_an_object_of_its_own_has_three_states() {
    let schema = json!({"type": "object", "properties": {"member": an_object()}});
    let source = source(sent(an_object(), schema));
    let expected =
        "pubmember:::std::option::Option<::webhook_subscriptions::Nullable<DoItBodyMember,>>";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn a_required_member_that_refers_to_an_enum_has_two_states() {
    let source = source(sent(an_enum(), with_member(json!(["member"]))));
    let expected =
        "pubmember:::webhook_subscriptions::Nullable<::webhook_subscriptions::test::types::Thing";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn an_item_that_refers_to_an_enum_may_be_null() {
    let source = source(sent(
        an_enum(),
        json!({"type": "array", "items": {"$ref": THING}}),
    ));
    assert!(source.contains("Vec<::std::option::Option<"), "{source}");
}

#[test]
fn a_body_that_refers_to_an_object_may_be_null() {
    let source = source(sent(an_object(), json!({"$ref": THING})));
    assert!(
        source.contains("body:&'a::webhook_subscriptions::Nullable<types::Thing"),
        "{source}"
    );
}

#[test]
fn a_body_that_is_described_in_place_may_be_null() {
    let source = source(sent(
        an_object(),
        json!({"type": "string", "nullable": true}),
    ));
    assert!(
        source.contains("body:&'a::webhook_subscriptions::Nullable<::std::string::String"),
        "{source}"
    );
}

#[test]
fn the_parts_of_a_member_that_may_be_null_are_those_of_a_request() {
    let dates = json!({"type": "array", "nullable": true, "items": {"type": "string", "format": "date-time"}});
    let schema = json!({"type": "object", "properties": {"member": dates}});
    let source = source(sent(an_object(), schema));
    assert!(!source.contains("chrono"), "{source}");
}

#[test]
fn null_as_one_of_several_schemas_stops_the_build() {
    let schema = json!({"oneOf": [{"$ref": THING}, {"type": "integer"}]});
    let expected = "schema `DoItBody`: `#/components/schemas/Thing` may be null, and stands here as one of \
                    several schemas; say at the place that it may be null, and not in the component";
    assert_eq!(fault(sent(an_object(), schema)), expected);
}

#[test]
fn null_in_both_directions_stops_the_build() {
    let document = sent(
        json!({"type": "string", "nullable": true}),
        with_member(json!([])),
    );
    let schema = "/paths/~1it/get/responses/200/content/application~1json/schema";
    let expected = "schema `Thing`: it may be null, and is both sent and received; \
                    give each direction a schema of its own";
    assert_eq!(
        fault(with(document, schema, json!({"$ref": THING}))),
        expected
    );
}

/// A document that answers with this schema, and has a component that may be null.
fn received(component: Value, schema: Value) -> Value {
    with(answering(schema), "/components/schemas/Thing", component)
}

#[test]
fn a_list_of_an_answer_may_hold_null_where_its_document_says_so() {
    let list = json!({"type": "array", "items": {"$ref": THING}});
    let members = json!({"all": list, "other": {"type": "string"}});
    let source = source(received(
        an_enum(),
        json!({"type": "object", "properties": members}),
    ));
    assert!(
        source.contains("Vec<::std::option::Option<::webhook_subscriptions::test::types::Thing"),
        "{source}"
    );
}

#[test]
fn a_list_of_an_answer_holds_no_null_otherwise() {
    let list = json!({"type": "array", "items": {"$ref": THING}});
    let members = json!({"all": list, "other": {"type": "string"}});
    let mut component = an_enum();
    component["nullable"] = json!(false);
    let source = source(received(
        component,
        json!({"type": "object", "properties": members}),
    ));
    assert!(
        source.contains("Vec<::webhook_subscriptions::test::types::Thing"),
        "{source}"
    );
}
