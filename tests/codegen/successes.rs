//! Successes of several statuses are one result, or stop the build.

use crate::document;

use document::{answering, fault, source, with};
use serde_json::{json, Value};

fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

fn answer(schema: Value) -> Value {
    json!({"description": "Done", "content": {"application/json": {"schema": schema}}})
}

/// A document whose operation is answered with one schema or with another.
fn either(one: Value, other: Value) -> Value {
    let responses = json!({"200": answer(one), "201": answer(other)});
    with(answering(json!({})), "/paths/~1it/get/responses", responses)
}

/// A document whose operation is answered with this or with nothing, as the status says.
fn perhaps(schema: Value, status: &str) -> Value {
    let responses = json!({"200": answer(schema), status: {"description": "Nothing"}});
    with(answering(json!({})), "/paths/~1it/get/responses", responses)
}

fn a() -> Value {
    object(json!({"a": {"type": "string"}, "both": {"type": "integer"}}))
}

#[test]
fn two_successes_with_one_schema_have_one_type() {
    assert!(source(either(a(), a())).contains("ResponseValue<types::DoItResponse>"));
}

#[test]
fn two_successes_without_a_body_have_no_result() {
    let nothing = json!({"description": "Nothing"});
    let responses = json!({"200": nothing, "204": nothing});
    let document = with(answering(json!({})), "/paths/~1it/get/responses", responses);
    assert!(source(document).contains("ResponseValue<()>"));
}

#[test]
fn successes_that_differ_stop_the_build() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let other = object(json!({"both": {"type": "string"}}));
    let key = object(json!({"shared_key": {"type": "string"}}));
    for document in [
        either(a(), list),
        either(a(), other),
        either(a(), key),
        perhaps(a(), "204"),
        perhaps(a(), "2XX"),
    ] {
        let expected = "operation `doIt`: its successes differ, and a method has one result; describe all successes \
                        with one schema, or none of them with one";
        assert_eq!(fault(document), expected);
    }
}

#[test]
fn an_answer_that_is_not_json_of_a_known_schema_stops_the_build() {
    let text = json!({"schema": {"type": "string"}});
    for (content, expected) in [
        (
            json!({"text/csv": text}),
            "its answer is `text/csv`, and only JSON is read; describe the answer as application/json, if it is that",
        ),
        (
            json!({"application/json": {}}),
            "an answer in JSON has no schema; describe the answer",
        ),
        (
            json!({"application/json": text, "text/csv": text}),
            "its answer has several media types; describe the form that this crate is to use, application/json where \
             there is one",
        ),
    ] {
        let answer = json!({"description": "Done", "content": content});
        let document = with(either(a(), a()), "/paths/~1it/get/responses/201", answer);
        assert_eq!(fault(document), format!("operation `doIt`: {expected}"));
    }
}
