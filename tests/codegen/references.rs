//! References lead to what they name, in the middle of a schema too, and a circle stops the build unless it is
//! a type's own, as a tree's.

use crate::document;

use document::{answering, fault, prepared, source, with};
use serde_json::{json, Value};

const SCHEMA: &str = "/paths/~1it/get/responses/200/content/application~1json/schema";

/// A document whose one schema is referred to.
fn referring() -> Value {
    let document = answering(json!({"$ref": "#/components/schemas/Thing"}));
    with(
        document,
        "/components/schemas/Thing",
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
    )
}

// Places that a reference cannot name.

#[test]
fn a_reference_that_does_not_name_a_component_stops_the_build() {
    let component = "make what it names a component, and refer to that";
    let complete = "take a complete copy of the document, or correct the reference";
    let deep = "leads into the middle of a component";
    let elsewhere = "does not name a component of this document";
    for (reference, why, hint) in [
        ("#/components/schemas/Thing/properties/a", deep, component),
        ("#/components/schemas/Thing/items", deep, component),
        ("#/components/schemas/Nothing/properties/a", deep, component),
        ("#/paths/~1it/get/responses/200", elsewhere, component),
        ("other.json#/Thing", elsewhere, component),
        ("#", elsewhere, component),
        ("#/components/schemas/Nothing", "leads nowhere", complete),
        ("#/components/schemas", "leads nowhere", complete),
        (
            "#/components/responses/Thing",
            "does not lead to one of the schemas",
            "correct the reference",
        ),
    ] {
        let document = with(referring(), SCHEMA, json!({"$ref": reference}));
        let expected = format!("operation `doIt`: the reference `{reference}` {why}; {hint}");
        assert_eq!(fault(document), expected);
    }
}

#[test]
fn a_reference_of_a_part_that_nothing_reaches_may_lead_anywhere() {
    let reference = json!({"$ref": "#/components/schemas/Thing/properties/b"});
    let document = with(referring(), "/components/schemas/Unused", reference);
    prepared(document);
}

#[test]
fn an_operation_that_is_not_wanted_may_say_anything() {
    for other in [
        json!(7),
        json!({"post": {"operationId": "other", "responses": 7}}),
        json!({"post": {"operationId": "other", "parameters": [{"in": "nowhere"}], "responses": {}}}),
        json!({"$ref": "#/nowhere"}),
    ] {
        let document = with(referring(), "/paths/~1other", other);
        prepared(with(document, "/components/links", json!(7)));
    }
}

// Cycles.

/// A document whose answer is `A`, which is made of `B`.
fn circle(a: Value, b: Value) -> Value {
    let document = answering(json!({"$ref": "#/components/schemas/A"}));
    with(document, "/components/schemas", json!({"A": a, "B": b}))
}

const MADE_OF_ITSELF: &str =
    "operation `doIt`: the schema `A` is made of itself, by references or \
                              by allOf, oneOf, anyOf or not; break the circle of references";

#[test]
fn schemas_that_are_references_to_each_other_stop_the_build() {
    let document = circle(
        json!({"$ref": "#/components/schemas/B"}),
        json!({"$ref": "#/components/schemas/A"}),
    );
    assert_eq!(fault(document), MADE_OF_ITSELF);
}

#[test]
fn schemas_that_are_all_of_each_other_stop_the_build() {
    let document = circle(
        json!({"allOf": [{"$ref": "#/components/schemas/B"}]}),
        json!({"allOf": [{"$ref": "#/components/schemas/A"}, {"type": "object"}]}),
    );
    assert_eq!(fault(document), MADE_OF_ITSELF);
}

/// A tree: its members are of its own schema, by way of each other and of a list.
fn tree() -> Value {
    circle(
        json!({"type": "object", "properties": {
            "left": {"$ref": "#/components/schemas/A"},
            "right": {"$ref": "#/components/schemas/B"},
        }}),
        json!({"type": "object", "required": ["all"], "properties": {
            "all": {"type": "array", "items": {"$ref": "#/components/schemas/A"}},
            "more": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/B"}},
        }}),
    )
}

#[test]
fn a_tree_in_an_answer_is_a_type() {
    assert!(source(tree()).contains("publeft:::std::option::Option<::std::boxed::Box<A>>"));
}

#[test]
fn a_tree_in_a_request_is_a_type() {
    let reference = json!({"$ref": "#/components/schemas/A"});
    let body = json!({"required": true, "content": {"application/json": {"schema": reference}}});
    let document = with(tree(), "/paths/~1it/get/requestBody", body);
    let document = with(document, SCHEMA, json!({"type": "string"}));
    assert!(source(document).contains("publeft:::std::option::Option<::std::boxed::Box<A>>"));
}
