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

// Pointers.

/// The document's answer as the generator gets it, where it refers to this place.
fn pointing(document: Value, reference: &str) -> Value {
    let document = prepared(with(document, SCHEMA, json!({"$ref": reference})));
    document.pointer(SCHEMA).unwrap().clone()
}

#[test]
fn a_reference_to_a_member_is_written_out() {
    let reference = "#/components/schemas/Thing/properties/a";
    assert_eq!(pointing(referring(), reference), json!({"type": "string"}));
}

#[test]
fn a_reference_to_a_member_of_what_is_referred_to_is_written_out() {
    let alias = json!({"$ref": "#/components/schemas/Thing"});
    let document = with(referring(), "/components/schemas/Alias", alias);
    let reference = "#/components/schemas/Alias/properties/a";
    assert_eq!(pointing(document, reference), json!({"type": "string"}));
}

#[test]
fn a_reference_to_an_item_is_written_out() {
    let list = json!({"type": "array", "items": {"type": "boolean"}});
    let document = with(referring(), "/components/schemas/List", list);
    let reference = "#/components/schemas/List/items";
    assert_eq!(pointing(document, reference), json!({"type": "boolean"}));
}

#[test]
fn a_reference_into_another_operation_is_written_out() {
    let other = answering(json!({"type": "boolean"}))["paths"]["/it"].clone();
    let other = with(other, "/get/operationId", json!("other"));
    let document = with(referring(), "/paths/~1other", other);
    let reference = "#/paths/~1other/get/responses/200/content/application~1json/schema";
    assert_eq!(pointing(document, reference), json!({"type": "boolean"}));
}

#[test]
fn a_reference_to_a_member_that_is_not_there_stops_the_build() {
    let reference = "#/components/schemas/Thing/properties/b";
    let document = with(referring(), SCHEMA, json!({"$ref": reference}));
    let expected =
        "operation `doIt`: the reference `#/components/schemas/Thing/properties/b` leads \
                    nowhere; take a complete copy of the document, or correct the reference";
    assert_eq!(fault(document), expected);
}

#[test]
fn a_reference_that_stands_within_what_it_names_stops_the_build() {
    let reference = "#/components/schemas/Thing/properties/a";
    let list = json!({"type": "array", "items": {"$ref": reference}});
    let document = with(referring(), "/components/schemas/Thing/properties/a", list);
    let expected =
        "operation `doIt`: the reference `#/components/schemas/Thing/properties/a` stands \
                    within what it names; make what it names a component, and refer to that";
    assert_eq!(fault(document), expected);
}

#[test]
fn references_to_members_that_lead_in_a_circle_stop_the_build() {
    let circle = json!({"properties": {
        "a": {"$ref": "#/components/schemas/Circle/properties/b"},
        "b": {"$ref": "#/components/schemas/Circle/properties/a"},
    }});
    let document = with(referring(), "/components/schemas/Circle", circle);
    let reference = json!({"$ref": "#/components/schemas/Circle/properties/a"});
    let expected =
        "operation `doIt`: the reference `#/components/schemas/Circle/properties/a` stands \
                    within what it names; make what it names a component, and refer to that";
    assert_eq!(fault(with(document, SCHEMA, reference)), expected);
}

#[test]
fn a_reference_that_leads_nowhere_is_of_no_account_where_nothing_reaches_it() {
    let reference = json!({"$ref": "#/components/schemas/Thing/properties/b"});
    let document = with(referring(), "/components/schemas/Unused", reference);
    prepared(document);
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
