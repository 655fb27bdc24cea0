//! `allOf` is composition: the parts become one object, or the build stops.

use crate::document;

use document::{answering, fault, object, prepared, reference, with};
use serde_json::{json, Value};

/// A document whose answer is composed of a component and these parts.
fn composed(parts: Value) -> Value {
    let base = json!({
        "type": "object",
        "description": "The base",
        "required": ["id"],
        "properties": {"id": {"type": "string"}},
    });
    let document = with(
        answering(object(json!({}))),
        "/components/schemas/Base",
        base,
    );
    let mut all = vec![reference("Base")];
    all.extend(parts.as_array().cloned().unwrap_or_default());
    with(
        document,
        "/components/schemas/Answer",
        json!({"allOf": all}),
    )
}

#[test]
fn members_of_all_parts_are_members_of_one_object() {
    let own = json!([{"properties": {"name": {"type": "string"}}}, object(json!({"n": {"type": "integer"}}))]);
    let document = prepared(composed(own));
    let answer = document["components"]["schemas"]["Answer"]["properties"]
        .as_object()
        .unwrap();
    assert_eq!(answer.keys().collect::<Vec<_>>(), ["id", "n", "name"]);
}

#[test]
fn what_stands_beside_it_is_a_part_too() {
    let document = composed(json!([]));
    let document = with(document, "/components/schemas/Answer/type", json!("object"));
    let pointer = "/components/schemas/Answer/properties";
    let document = prepared(with(document, pointer, json!({"own": {"type": "string"}})));
    let answer = document["components"]["schemas"]["Answer"]["properties"]
        .as_object()
        .unwrap();
    assert_eq!(answer.keys().collect::<Vec<_>>(), ["id", "own"]);
}

#[test]
fn one_described_reference_stays_a_reference() {
    let base = object(json!({"id": {"type": "string"}}));
    let member = json!({"allOf": [reference("Base")], "description": "The same"});
    let document = answering(object(json!({"base": member})));
    let document = prepared(with(document, "/components/schemas/Base", base));
    let member = &document["components"]["schemas"]["Answer"]["properties"]["base"];
    assert_eq!(member["allOf"], json!([reference("Base")]));
}

#[test]
fn parts_that_do_not_fit_together_stop_the_build() {
    for (part, expected) in [
        (
            object(json!({"id": {"type": "integer"}})),
            "the member `id` of its `allOf` has two different types; give the member one type",
        ),
        (
            json!({"type": "string"}),
            "the parts of its `allOf` differ in `type`, or aren't all objects; describe it as one object",
        ),
        (
            reference("Nothing"),
            "a part of its `allOf` is neither a schema nor a component of this document; take a complete copy of the \
             document",
        ),
        (
            reference("Answer"),
            "its `allOf` has itself as a part; break the circle of references",
        ),
    ] {
        let expected = format!("schema `Answer`: {expected}");
        assert_eq!(fault(composed(json!([part]))), expected);
    }
}
