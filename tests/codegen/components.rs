//! A component has a name, a type and one direction, or the build stops.

use crate::document;

use document::{answering, fault, object, reference, sending, with};
use serde_json::{json, Value};

/// A document whose answer has a member.
fn received(member: Value) -> Value {
    answering(object(json!({"a": member})))
}

/// A document whose answer refers to a component of this name.
fn with_component(name: &str, schema: Value) -> Value {
    let component = format!("/components/schemas/{name}");
    with(received(reference(name)), &component, schema)
}

#[test]
fn a_schema_without_a_type_stops_the_build() {
    let expected = "schema `Answer`: a schema has no `type`; describe it as one type of JSON, or as a reference to a \
                    component";
    let alias = json!({"$ref": "#/components/schemas/Answer"});
    for document in [
        received(json!({})),
        answering(alias),
        answering(json!(true)),
    ] {
        assert_eq!(fault(document), expected);
    }
}

#[test]
fn a_type_without_a_name_stops_the_build() {
    let expected = "schema `Answer`: a schema with `enum` or `properties` is written inside another, so its type has no \
                    name; make it a component, and refer to that";
    let inner = object(json!({"b": {"type": "string"}}));
    let kind = json!({"type": "string", "enum": ["x", "y"]});
    let list = json!({"type": "array", "items": inner});
    for member in [inner, kind, list] {
        assert_eq!(fault(received(member)), expected);
    }
}

#[test]
fn a_list_of_texts_with_another_value_stops_the_build() {
    let expected = "schema `Kind`: it is a text, and lists a value that isn't one; describe it with the type of its \
                    values";
    let kind = json!({"type": "string", "enum": ["x", 1]});
    assert_eq!(fault(with_component("Kind", kind)), expected);
}

// Directions.

/// A document in which a component stands in both directions.
fn both_ways(component: Value) -> Value {
    let document = sending(object(json!({"it": reference("Thing")})));
    let answer = object(json!({"it": reference("Thing")}));
    let document = with(document, "/components/schemas/Answer", answer);
    with(document, "/components/schemas/Thing", component)
}

#[test]
fn a_component_in_both_directions_stops_the_build() {
    let expected = "schema `Thing`: it is both sent and received, which ask for different types; give each direction a \
                    schema of its own";
    for component in [
        object(json!({"a": {"type": "string"}})),
        json!({"type": "string", "format": "url"}),
        json!({"type": "integer", "enum": [1, 2]}),
    ] {
        assert_eq!(fault(both_ways(component)), expected);
    }
}

#[test]
fn an_enum_of_texts_serves_both_directions() {
    let kind = json!({"type": "string", "enum": ["one"]});
    let source = document::source(both_ways(kind));
    assert!(source.contains("::webhook_subscriptions::test::types::Thing"));
}

#[test]
fn a_component_without_members_stops_the_build() {
    let expected = "schema `Thing`: it is an object without members, and its type couldn't gain any; list its \
                    `properties`";
    let fault = fault(with_component("Thing", json!({"type": "object"})));
    assert_eq!(fault, expected);
}

// Null.

#[test]
fn a_component_that_may_be_null_stops_the_build() {
    let expected = "schema `Thing`: it may be null, and only the place of a value can say that; write `nullable: true` \
                    where its value stands";
    let thing =
        json!({"type": "object", "nullable": true, "properties": {"a": {"type": "string"}}});
    assert_eq!(fault(with_component("Thing", thing)), expected);
}

/// PandaDoc's `WebhookEventErrorEnum` is such a component: a filter of the query, and a member of answers.
#[test]
fn an_enum_that_may_be_null_stands_in_the_query_and_in_answers() {
    let kind = json!({"type": "string", "nullable": true, "enum": ["one"]});
    let list = json!({"type": "array", "items": reference("Kind")});
    let filter = json!([{"name": "q", "in": "query", "schema": list}]);
    let document = with(
        with_component("Kind", kind),
        "/paths/~1it/get/parameters",
        filter,
    );
    let source = document::source(document);
    let kind = "::webhook_subscriptions::test::types::Kind";
    for expected in [
        format!("Vec<{kind}"),
        format!("puba:::std::option::Option<{kind}"),
    ] {
        assert!(source.contains(&expected), "{source}");
    }
}

#[test]
fn an_enum_that_may_be_null_elsewhere_stops_the_build() {
    let kind = json!({"type": "string", "nullable": true, "enum": ["one"]});
    let list = json!({"type": "array", "items": reference("Kind")});
    let lists = json!({"type": "array", "items": list});
    for (document, place) in [
        (received(list.clone()), "schema `Answer`"),
        (answering(lists), "schema `Answer`"),
        (
            sending(object(json!({"a": reference("Kind")}))),
            "schema `Body`",
        ),
        (sending(object(json!({"a": list}))), "schema `Body`"),
    ] {
        let expected = format!(
            "{place}: `Kind` may be null where only a value can be sent or read; take `nullable` out of that component"
        );
        let document = with(document, "/components/schemas/Kind", kind.clone());
        assert_eq!(fault(document), expected);
    }
    for document in [answering(kind.clone()), sending(kind.clone())] {
        assert!(fault(document).contains("may be null where only a value can be sent or read"));
    }
}

// Names.

#[test]
fn two_components_of_one_rust_name_stop_the_build() {
    let expected =
        "`Thing` and `thing` would share the type name `Thing`; rename one of them in the document";
    let thing = object(json!({"a": reference("thing")}));
    let document = with_component("Thing", thing);
    let other = object(json!({"a": {"type": "string"}}));
    assert_eq!(
        fault(with(document, "/components/schemas/thing", other)),
        expected
    );
}

#[test]
fn two_members_of_one_rust_name_stop_the_build() {
    for (one, other, name) in [("A", "a", "a"), ("new", "New", "new")] {
        let members = json!({one: {"type": "string"}, other: {"type": "string"}});
        let fault = fault(answering(object(members)));
        assert!(
            fault.contains(&format!("would share the member name `{name}`")),
            "{fault}"
        );
    }
}

#[test]
fn two_parameters_of_one_rust_name_stop_the_build() {
    for (one, other, name) in [("A", "a", "a"), ("body", "other", "body")] {
        let parameter =
            |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}});
        let parameters = json!([parameter(one), parameter(other)]);
        let document = received(json!({"type": "string"}));
        let fault = fault(with(document, "/paths/~1it/get/parameters", parameters));
        assert!(
            fault.contains(&format!("would share the parameter name `{name}`")),
            "{fault}"
        );
    }
}

#[test]
fn two_values_of_one_variant_name_stop_the_build() {
    for (values, why) in [
        (
            json!(["a_b", "a-b"]),
            "`a_b` and `a-b` would share the variant name `AB`",
        ),
        (
            json!(["one", "other"]),
            "`Other` and `other` would share the variant name `Other`",
        ),
        (
            json!(["one", "self"]),
            "`Self` and `self` would share the variant name `Self`",
        ),
    ] {
        let kind = json!({"type": "string", "enum": values});
        let expected = format!("schema `Kind`: {why}; rename one of them in the document");
        assert_eq!(fault(with_component("Kind", kind)), expected);
    }
}
