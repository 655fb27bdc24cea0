//! Successes of several statuses are one result, or stop the build.

use crate::document;

use document::{answering, fault, json_of, object, source, with};
use serde_json::{json, Value};

/// A document whose operation has these successes.
fn answers(responses: Value) -> Value {
    let document = answering(object(json!({"a": {"type": "string"}})));
    let list = json!({"type": "array", "items": {"type": "string"}});
    let document = with(document, "/components/schemas/List", list);
    with(document, "/paths/~1it/get/responses", responses)
}

fn answer(component: &str) -> Value {
    json!({"description": "Done", "content": json_of(component)})
}

#[test]
fn two_successes_with_one_schema_have_one_type() {
    let document = answers(json!({"200": answer("Answer"), "201": answer("Answer")}));
    assert!(source(document).contains("ResponseValue<types::Answer>"));
}

#[test]
fn two_successes_without_a_body_have_no_result() {
    let nothing = json!({"description": "Nothing"});
    let document = answers(json!({"200": nothing, "204": nothing}));
    assert!(source(document).contains("ResponseValue<()>"));
}

#[test]
fn an_operation_without_a_success_stops_the_build() {
    let expected = "operation `doIt`: no success response is documented; describe what the operation answers with a \
                    2xx status";
    assert_eq!(
        fault(answers(json!({"400": {"description": "Bad"}}))),
        expected
    );
}

#[test]
fn successes_that_differ_stop_the_build() {
    let nothing = json!({"description": "Nothing"});
    for (status, other) in [
        ("201", answer("List")),
        ("204", nothing.clone()),
        ("2XX", nothing),
    ] {
        let expected = "operation `doIt`: its successes differ, and a method has one result; describe all successes \
                        with one schema, or none of them with one";
        assert_eq!(
            fault(answers(json!({"200": answer("Answer"), status: other}))),
            expected
        );
    }
}

#[test]
fn an_answer_that_is_not_one_component_in_json_stops_the_build() {
    let schema = json_of("Answer")["application/json"].take();
    for content in [
        json!({"text/csv": schema}),
        json!({"application/json": schema, "text/csv": schema}),
        json!({"application/json": {}}),
        json!({"application/json": {"schema": {"type": "string"}}}),
    ] {
        let answer = json!({"description": "Done", "content": content});
        let expected = "operation `doIt`: its answer isn't one component as application/json; describe it as that, or \
                        take the operation from the list in build/documents.rs";
        assert_eq!(fault(answers(json!({"200": answer}))), expected);
    }
}
