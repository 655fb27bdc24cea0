//! Successes of several statuses become one result, or stop the build.

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

fn b() -> Value {
    object(json!({"b": {"type": "string"}, "both": {"type": "integer"}}))
}

#[test]
fn two_successes_with_one_schema_have_one_type() {
    assert!(source(either(a(), a())).contains("ResponseValue<types::DoItResponse>"));
}

#[test]
fn two_objects_become_one_with_the_members_of_the_first() {
    assert!(source(either(a(), b())).contains("puba:::std::option::Option<"));
}

#[test]
fn two_objects_become_one_with_the_members_of_the_second() {
    assert!(source(either(a(), b())).contains("pubb:::std::option::Option<"));
}

#[test]
fn objects_that_are_referred_to_become_one_too() {
    let document = either(json!({"$ref": "#/components/schemas/A"}), b());
    let document = with(document, "/components/schemas/A", a());
    assert!(source(document).contains("pubb:::std::option::Option<"));
}

#[test]
fn a_member_that_is_described_in_other_words_is_of_one_type() {
    let other = object(json!({"a": {"type": "string", "maxLength": 9, "description": "An a"}}));
    assert!(source(either(a(), other)).contains("puba:::std::option::Option<"));
}

#[test]
fn a_member_of_two_types_stops_the_build() {
    let other = object(json!({"both": {"type": "string"}}));
    let expected = "operation `doIt`: the member `both` of its successes has two different types; \
                    give the member one type in all successes";
    assert_eq!(fault(either(a(), other)), expected);
}

#[test]
fn a_key_that_only_one_success_must_have_stops_the_build() {
    let key = object(json!({"shared_key": {"type": "string"}}));
    let expected =
        "operation `doIt`: the key `shared_key` must be in one of its successes and need \
                    not be in another; require the key in all successes, or in none";
    assert_eq!(fault(either(key, a())), expected);
}

#[test]
fn a_key_that_all_successes_must_have_is_required() {
    let alone = object(json!({"shared_key": {"type": "string"}}));
    let mut among = object(json!({"shared_key": {"type": "string"}, "b": {"type": "string"}}));
    among["required"] = json!(["shared_key"]);
    assert!(source(either(alone, among)).contains("pubshared_key:crate::Secret,"));
}

#[test]
fn successes_that_are_no_objects_and_differ_stop_the_build() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let expected = "operation `doIt`: its successes differ, and not all of them are objects with \
                    members; describe all successes with one schema";
    assert_eq!(fault(either(a(), list)), expected);
}

#[test]
fn an_answer_that_is_no_json_stops_the_build() {
    let text =
        json!({"description": "Done", "content": {"text/csv": {"schema": {"type": "string"}}}});
    let document = with(either(a(), b()), "/paths/~1it/get/responses/201", text);
    let expected = "operation `doIt`: its answer is `text/csv`, and only JSON is read; \
                    describe the answer as application/json, if it is that";
    assert_eq!(fault(document), expected);
}

#[test]
fn an_answer_in_json_without_a_schema_stops_the_build() {
    let bare = json!({"description": "Done", "content": {"application/json": {}}});
    let document = with(either(a(), b()), "/paths/~1it/get/responses/201", bare);
    let expected = "operation `doIt`: an answer in JSON has no schema; describe the answer";
    assert_eq!(fault(document), expected);
}

#[test]
fn of_several_forms_of_an_answer_json_is_taken() {
    let mut answer = answer(a());
    answer["content"]["text/csv"] = json!({"schema": {"type": "string"}});
    let document = with(either(a(), a()), "/paths/~1it/get/responses/201", answer);
    assert!(source(document).contains("ResponseValue<types::DoItResponse>"));
}

#[test]
fn a_result_that_only_some_successes_have_may_be_missing() {
    let expected = "ResponseValue<::std::option::Option<types::DoItResponse,>>";
    let source = source(perhaps(a(), "204"));
    assert!(source.contains(expected), "{source}");
}

#[test]
fn a_key_of_a_result_that_may_be_missing_is_required_all_the_same() {
    let key = object(json!({"shared_key": {"type": "string"}}));
    assert!(source(perhaps(key, "204")).contains("pubshared_key:crate::Secret,"));
}

/// What the runtime is told of the statuses without a body.
fn without_body(document: Value) -> String {
    let prepared = document::steps::prepare::prepare(document::parse(document), &["doIt"], "test");
    document::steps::templates::templates(&prepared.unwrap())
        .to_string()
        .replace(' ', "")
}

#[test]
fn the_runtime_is_told_which_status_has_no_body() {
    let table = without_body(perhaps(a(), "202"));
    assert!(table.contains(r#"("do_it","/it",&[202])"#), "{table}");
}

#[test]
fn a_range_without_a_body_leaves_out_the_statuses_that_are_described() {
    let table = without_body(perhaps(a(), "2XX"));
    assert!(table.contains(r#"("do_it","/it",&[201,202,"#), "{table}");
}

#[test]
fn where_all_successes_have_a_body_none_may_be_missing() {
    let table = without_body(either(a(), b()));
    assert!(table.contains(r#"("do_it","/it",&[])"#), "{table}");
}
