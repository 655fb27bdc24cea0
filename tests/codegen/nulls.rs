//! In a request null is told from absence, where the document says at the place that there may be null.

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

#[test]
fn an_optional_member_that_is_an_object_of_its_own_has_three_states() {
    let schema = json!({"type": "object", "properties": {"member": an_object()}});
    let source = source(sent(an_object(), schema));
    let expected =
        "pubmember:::std::option::Option<::webhook_subscriptions::Nullable<DoItBodyMember,>>";
    assert!(source.contains(expected), "{source}");
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
fn a_reference_in_a_request_to_what_may_be_null_stops_the_build() {
    let reference = json!({"$ref": THING});
    let list = json!({"type": "array", "items": reference});
    let member = json!({"type": "object", "properties": {"member": reference}});
    let either = json!({"oneOf": [reference, {"type": "integer"}]});
    for (component, schema, place) in [
        (an_object(), reference.clone(), "operation `doIt`"),
        (an_enum(), list, "operation `doIt`"),
        (an_object(), member.clone(), "schema `DoItBody`"),
        (an_enum(), member, "schema `DoItBody`"),
        (an_object(), either, "schema `DoItBody`"),
    ] {
        let expected = format!(
            "{place}: `{THING}` may be null, and a request can say that only where it refers to it; write \
             `nullable: true` beside an `allOf` of the reference, and not in the component"
        );
        assert_eq!(fault(sent(component, schema)), expected);
    }
}

#[test]
fn an_object_of_a_request_that_holds_itself_or_null_stops_the_build() {
    let beside = json!({"allOf": [{"$ref": THING}], "nullable": true});
    let tree = json!({"type": "object", "properties": {"left": beside}});
    let expected = format!(
        "schema `Thing`: it holds itself by a reference to `{THING}` that may be null; leave out `nullable` beside \
         the reference"
    );
    assert_eq!(fault(sent(tree, json!({"$ref": THING}))), expected);
}

#[test]
fn a_reference_to_a_reference_to_what_may_be_null_stops_the_build() {
    let document = sent(an_object(), json!({"$ref": "#/components/schemas/Alias"}));
    let document = with(
        document,
        "/components/schemas/Alias",
        json!({"$ref": THING}),
    );
    assert!(fault(document).contains("`#/components/schemas/Alias` may be null"));
}

#[test]
fn null_in_a_parameter_and_an_answer_stops_the_build() {
    let parameter = json!([{"name": "q", "in": "query", "schema": {"$ref": THING}}]);
    let document = received(
        json!({"type": "string", "nullable": true}),
        json!({"$ref": THING}),
    );
    let expected = "schema `Thing`: it may be null, and is both sent and received; \
                    give each direction a schema of its own";
    let document = with(document, "/paths/~1it/get/parameters", parameter);
    assert_eq!(fault(document), expected);
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
