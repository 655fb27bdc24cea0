//! A document is cut to the wanted operations, their successes, and the schemas that these refer to.

use crate::document;

use document::{answering, fault, object, prepared, reference, source, with};
use serde_json::{json, Value};

const OPERATION: &str = "/paths/~1it/get";

/// A document whose answer has a member.
fn document() -> Value {
    answering(object(json!({"a": {"type": "string"}})))
}

#[test]
fn other_operations_are_left_out() {
    let other =
        json!({"get": {"operationId": "other", "responses": {"200": {"description": "Done"}}}});
    let document = prepared(with(document(), "/paths/~1other", other));
    assert_eq!(document["paths"].as_object().unwrap().len(), 1);
}

#[test]
fn an_operation_that_is_not_wanted_may_say_anything() {
    for other in [
        json!(7),
        json!({"post": {"operationId": "other", "responses": 7}}),
        json!({"post": {"operationId": "other", "parameters": [{"in": "nowhere"}], "responses": {}}}),
        json!({"$ref": "#/nowhere"}),
    ] {
        let document = with(document(), "/paths/~1other", other);
        prepared(with(document, "/components/links", json!(7)));
    }
}

#[test]
fn an_operation_that_is_not_there_once_stops_the_build() {
    let renamed = with(
        document(),
        &format!("{OPERATION}/operationId"),
        json!("doItNot"),
    );
    let again = document().pointer("/paths/~1it").unwrap().clone();
    for (n, document) in [(0, renamed), (2, with(document(), "/paths/~1again", again))] {
        let expected = format!(
            "operation `doIt`: the document has {n} operations of this id; it was renamed, removed or doubled: change \
             the list of operations in build/documents.rs"
        );
        assert_eq!(fault(document), expected);
    }
}

#[test]
fn only_successes_are_left_of_the_responses() {
    let responses = json!({
        "200": {"description": "Done"},
        "2XX": {"description": "Done"},
        "400": {"description": "Bad"},
        "5XX": {"description": "Worse"},
        "default": {"description": "Else"},
    });
    let document = prepared(with(
        document(),
        &format!("{OPERATION}/responses"),
        responses,
    ));
    let left: Vec<_> = document["paths"]["/it"]["get"]["responses"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(left, ["200", "2XX"]);
}

#[test]
fn components_that_nothing_reaches_are_left_out() {
    let unused = json!({"anything": "at all"});
    let document = prepared(with(document(), "/components/schemas/Unused", unused));
    assert!(document["components"]["schemas"].get("Unused").is_none());
}

#[test]
fn components_that_are_reached_through_another_are_kept() {
    let deep = object(json!({"b": {"type": "string"}}));
    let document = with(document(), "/components/schemas/Deep", deep);
    let member = "/components/schemas/Answer/properties/deep";
    let document = prepared(with(document, member, reference("Deep")));
    assert!(document["components"]["schemas"].get("Deep").is_some());
}

#[test]
fn the_parameters_of_a_path_become_those_of_its_operations() {
    let parameter = json!([{"name": "q", "in": "query", "schema": {"type": "string"}}]);
    let document = prepared(with(document(), "/paths/~1it/parameters", parameter));
    assert_eq!(
        document["paths"]["/it"]["get"]["parameters"][0]["name"],
        "q"
    );
}

#[test]
fn a_reference_that_does_not_name_a_component_stops_the_build() {
    for reference in [
        "#/components/schemas/Nothing",
        "#/components/schemas/Answer/properties/a",
        "#/components/schemas",
        "#/components/responses/Answer",
        "#/paths/~1it/get/responses/200",
        "other.json#/Answer",
        "#",
    ] {
        let member = "/components/schemas/Answer/properties/b";
        let document = with(document(), member, json!({"$ref": reference}));
        let expected = format!(
            "schema `Answer`: the reference `{reference}` names no component schema of this document; take a complete \
             copy of the document, or make a component of what it names"
        );
        assert_eq!(fault(document), expected);
    }
}

#[test]
fn a_tree_is_a_type() {
    let tree = object(json!({
        "left": reference("Answer"),
        "all": {"type": "array", "items": reference("Answer")},
    }));
    assert!(source(answering(tree))
        .contains("publeft:::std::option::Option<::std::boxed::Box<Answer>>"));
}

/// Each keyword that the build doesn't know, with its place and how the sentence names that.
#[test]
fn a_keyword_that_is_not_known_stops_the_build() {
    let parameters = json!([{"name": "q", "in": "query", "schema": {"type": "string"}}]);
    let document = with(document(), &format!("{OPERATION}/parameters"), parameters);
    let body = json!({"content": document::json_of("Answer")});
    let document = with(document, &format!("{OPERATION}/requestBody"), body);
    let (operation, schema) = ("operation `doIt`", "schema `Answer`");
    for (pointer, keyword, place, what) in [
        ("/paths/~1it", "servers", operation, "its path"),
        ("/paths/~1it", "$ref", operation, "its path"),
        (OPERATION, "servers", operation, "it"),
        (OPERATION, "callbacks", operation, "it"),
        (
            "/paths/~1it/get/parameters/0",
            "$ref",
            operation,
            "a parameter",
        ),
        (
            "/paths/~1it/get/parameters/0",
            "content",
            operation,
            "a parameter",
        ),
        (
            "/paths/~1it/get/parameters/0",
            "allowReserved",
            operation,
            "a parameter",
        ),
        (
            "/paths/~1it/get/parameters/0/schema",
            "anyOf",
            operation,
            "a schema",
        ),
        ("/paths/~1it/get/requestBody", "$ref", operation, "its body"),
        (
            "/paths/~1it/get/requestBody/content/application~1json",
            "encoding",
            operation,
            "its body",
        ),
        (
            "/paths/~1it/get/responses/200",
            "$ref",
            operation,
            "its answer",
        ),
        ("/components/schemas/Answer", "oneOf", schema, "a schema"),
        ("/components/schemas/Answer", "not", schema, "a schema"),
        (
            "/components/schemas/Answer",
            "discriminator",
            schema,
            "a schema",
        ),
        (
            "/components/schemas/Answer",
            "additionalProperties",
            schema,
            "a schema",
        ),
        ("/components/schemas/Answer", "items", schema, "a schema"),
        (
            "/components/schemas/Answer/properties/a",
            "readOnly",
            schema,
            "a schema",
        ),
        (
            "/components/schemas/Answer/properties/a",
            "const",
            schema,
            "a schema",
        ),
    ] {
        let document = with(
            document.clone(),
            &format!("{pointer}/{keyword}"),
            json!("anything"),
        );
        let expected = format!(
            "{place}: {what} has the keyword `{keyword}`, which this build doesn't know; describe it without, or teach \
             build/checks.rs and build/transform/ what it means"
        );
        assert_eq!(fault(document), expected, "{pointer}");
    }
}
