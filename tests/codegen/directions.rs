//! What is sent is strict, what is received is not, and enums are open in both directions.

use crate::document;

use document::{answering, fault, source, with};
use serde_json::{json, Value};

/// The source of a client whose answer has this member.
fn received(member: Value) -> String {
    let other = json!({"type": "string"});
    let properties = json!({"member": member, "other": other});
    source(answering(
        json!({"type": "object", "required": ["member"], "properties": properties}),
    ))
}

/// The source of a client whose request has this member, required or not.
fn sent(member: Value, required: Value) -> String {
    let schema = json!({"type": "object", "required": required, "properties": {"member": member}});
    let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    source(with(
        answering(json!({"type": "string"})),
        "/paths/~1it/get/requestBody",
        body,
    ))
}

#[test]
fn a_member_of_an_answer_is_optional_though_it_be_required() {
    let source = received(json!({"type": "string"}));
    assert!(
        source.contains("pubmember:::std::option::Option<::std::string::String>"),
        "{source}"
    );
}

#[test]
fn a_bound_of_an_answer_is_not_checked() {
    let source = received(json!({"type": "string", "maxLength": 3, "pattern": "^a"}));
    assert!(
        !source.contains("longerthan") && !source.contains("regress"),
        "{source}"
    );
}

#[test]
fn a_number_of_an_answer_may_be_larger_than_its_format() {
    let source = received(json!({"type": "integer", "format": "int32", "maximum": 9}));
    assert!(
        source.contains("pubmember:::std::option::Option<i64>"),
        "{source}"
    );
}

#[test]
fn an_answer_may_gain_members_without_breaking_anybody() {
    let source = received(json!({"type": "string"}));
    assert!(source.contains("#[non_exhaustive]"), "{source}");
}

#[test]
fn a_request_of_required_members_alone_can_be_written_out() {
    let source = sent(json!({"type": "string"}), json!(["member"]));
    assert!(!source.contains("#[non_exhaustive]"), "{source}");
}

#[test]
fn a_request_that_has_an_optional_member_may_gain_others_without_breaking_anybody() {
    let source = sent(json!({"type": "string"}), json!([]));
    assert!(source.contains("#[non_exhaustive]"), "{source}");
}

#[test]
fn a_required_member_of_a_request_is_required() {
    let source = sent(json!({"type": "string"}), json!(["member"]));
    assert!(
        source.contains("pubmember:::std::string::String,"),
        "{source}"
    );
}

#[test]
fn a_default_of_a_request_is_not_written_out() {
    let source = sent(json!({"type": "boolean", "default": true}), json!([]));
    assert!(
        source.contains("pubmember:::std::option::Option<bool>"),
        "{source}"
    );
}

#[test]
fn a_member_of_a_request_that_may_be_null_has_three_states() {
    let source = sent(json!({"type": "string", "nullable": true}), json!([]));
    let expected = "Option<::webhook_subscriptions::Nullable<::std::string::String";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn a_required_member_of_a_request_that_may_be_null_has_two() {
    let source = sent(
        json!({"type": "string", "nullable": true}),
        json!(["member"]),
    );
    assert!(
        source.contains("pubmember:::webhook_subscriptions::Nullable<::std::string::String"),
        "{source}"
    );
}

#[test]
fn a_key_that_stands_alone_in_an_answer_must_be_there() {
    let schema = json!({"type": "object", "properties": {"shared_key": {"type": "string"}}});
    assert!(source(answering(schema)).contains("pubshared_key:crate::Secret,"));
}

#[test]
fn a_key_among_others_in_an_answer_may_be_missing() {
    let properties = json!({"shared_key": {"type": "string"}, "name": {"type": "string"}});
    let schema = json!({"type": "object", "properties": properties});
    assert!(
        source(answering(schema)).contains("pubshared_key:::std::option::Option<crate::Secret>")
    );
}

#[test]
fn an_object_in_both_directions_stops_the_build() {
    let thing = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let reference = json!({"$ref": "#/components/schemas/Thing"});
    let body = json!({"content": {"application/json": {"schema": reference}}});
    let document = with(answering(reference), "/components/schemas/Thing", thing);
    let document = with(document, "/paths/~1it/get/requestBody", body);
    let expected = "schema `Thing`: it is both sent and received, which ask for different types; \
                    give each direction a schema of its own";
    assert_eq!(fault(document), expected);
}

/// A document in which a component stands in both directions.
fn both_ways(component: Value) -> Value {
    let member =
        json!({"type": "object", "properties": {"it": {"$ref": "#/components/schemas/Thing"}}});
    let body = json!({"required": true, "content": {"application/json": {"schema": member}}});
    let document = with(answering(member), "/components/schemas/Thing", component);
    with(document, "/paths/~1it/get/requestBody", body)
}

#[test]
fn a_limit_in_both_directions_stops_the_build() {
    for limited in [
        json!({"type": "string", "maxLength": 3}),
        json!({"type": "integer", "maximum": 3}),
    ] {
        let expected =
            "schema `Thing`: it is both sent and received, which ask for different types; \
                        give each direction a schema of its own";
        assert_eq!(fault(both_ways(limited)), expected);
    }
}

#[test]
fn a_text_without_limits_serves_both_directions() {
    assert!(
        source(both_ways(json!({"type": "string", "format": "date"}))).contains("pubstructThing")
    );
}

#[test]
fn an_enum_serves_both_directions() {
    let kind = json!({"type": "string", "enum": ["one"]});
    assert!(source(both_ways(kind)).contains("::webhook_subscriptions::test::types::Thing"));
}

#[test]
fn an_answer_that_is_no_object_is_read_generously_too() {
    let list = json!({"type": "array", "uniqueItems": true, "items": {"type": "integer", "format": "int32", "minimum": 1}});
    assert!(source(answering(list)).contains("ResponseValue<::std::vec::Vec<i64>>"));
}

#[test]
fn an_answer_that_is_closed_to_other_members_is_read_with_them() {
    let properties = json!({"a": {"type": "string"}, "b": {"type": "string"}});
    let schema = json!({"type": "object", "additionalProperties": false, "properties": properties});
    assert!(!source(answering(schema)).contains("deny_unknown_fields"));
}

#[test]
fn an_answer_of_several_shapes_stops_the_build() {
    let shape = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
    let expected =
        "schema `DoItResponse`: an answer that is one of several shapes would be read as the \
                    first of them; describe it as one object with the members of all";
    assert_eq!(
        fault(answering(json!({"oneOf": [shape("a"), shape("b")]}))),
        expected
    );
}

// Enums.

#[test]
fn an_enum_without_a_type_is_open_too() {
    let kind = json!({"enum": ["one", "two"]});
    let document = with(with_enum(json!(["one"])), "/components/schemas/Kind", kind);
    assert!(source(document).contains("::webhook_subscriptions::test::types::Kind"));
}

#[test]
fn an_enum_with_a_value_that_rust_keeps_for_itself_stops_the_build() {
    let expected =
        "schema `Kind`: `a word of Rust's` and `self` would share the variant name `Self`; \
                    rename one of them in the document";
    assert_eq!(fault(with_enum(json!(["one", "self"]))), expected);
}

/// A document whose answer is an enum of these values.
fn with_enum(values: Value) -> Value {
    let reference = json!({"$ref": "#/components/schemas/Kind"});
    let kind = json!({"type": "string", "enum": values});
    with(
        answering(json!({"type": "object", "properties": {"kind": reference, "other": reference}})),
        "/components/schemas/Kind",
        kind,
    )
}

#[test]
fn an_enum_becomes_a_type_of_the_crate() {
    let source = source(with_enum(json!(["one", "two words"])));
    assert!(
        source.contains("Option<::webhook_subscriptions::test::types::Kind>"),
        "{source}"
    );
}

#[test]
fn an_enum_with_a_value_named_other_stops_the_build() {
    let expected = "schema `Kind`: `any other` and `other` would share the variant name `Other`; \
                    rename one of them in the document";
    assert_eq!(fault(with_enum(json!(["one", "other"]))), expected);
}

#[test]
fn two_values_of_one_variant_name_stop_the_build() {
    let expected = "schema `Kind`: `a_b` and `a-b` would share the variant name `AB`; \
                    rename one of them in the document";
    assert_eq!(fault(with_enum(json!(["a_b", "a-b"]))), expected);
}
