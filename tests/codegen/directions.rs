//! Requests are strict, and responses are lenient.

use crate::document;

use document::{answering, object, reference, sending, source, with};
use serde_json::{json, Value};

/// The source of a client whose answer has this member, and must have it.
fn received(member: Value) -> String {
    let mut answer = object(json!({"member": member, "other": {"type": "string"}}));
    answer["required"] = json!(["member"]);
    source(answering(answer))
}

/// The source of a client whose request has this member, required or not.
fn sent(member: Value, required: Value) -> String {
    let mut body = object(json!({"member": member}));
    body["required"] = required;
    source(sending(body))
}

/// Checks that a source has this, white space taken out.
#[track_caller]
fn has(source: &str, expected: &str) {
    assert!(source.contains(expected), "{expected} in {source}");
}

#[test]
fn a_member_of_an_answer_is_optional_though_it_be_required() {
    for (member, expected) in [
        (json!({"type": "string"}), "Option<::std::string::String>"),
        (
            json!({"type": "string", "maxLength": 3, "pattern": "^a", "format": "date-time"}),
            "Option<::std::string::String>",
        ),
        (
            json!({"type": "string", "format": "url"}),
            "Option<::std::string::String>",
        ),
        (
            json!({"type": "string", "format": "uuid"}),
            "Option<::uuid::Uuid>",
        ),
        (
            json!({"type": "integer", "format": "int32", "maximum": 9}),
            "Option<i64>",
        ),
        (
            json!({"type": "array", "items": {"type": "integer", "minimum": 1}, "uniqueItems": true}),
            "Option<::std::vec::Vec<i64>",
        ),
    ] {
        has(
            &received(member),
            &format!("pubmember:::std::option::{expected}"),
        );
    }
}

#[test]
fn a_list_of_numbers_to_choose_from_is_any_number_in_an_answer() {
    let kind = json!({"type": "integer", "enum": [1, 2]});
    let answer = object(json!({"a": reference("Kind"), "b": {"type": "string"}}));
    let document = with(answering(answer), "/components/schemas/Kind", kind);
    has(&source(document), "pubstructKind(pubi64)");
}

#[test]
fn an_answer_may_gain_members_without_breaking_anybody() {
    has(&received(json!({"type": "string"})), "#[non_exhaustive]");
}

#[test]
fn a_key_that_stands_alone_in_an_answer_must_be_there() {
    let answer = object(json!({"shared_key": {"type": "string"}}));
    has(
        &source(answering(answer)),
        "pubshared_key:::webhook_subscriptions::Secret,",
    );
}

#[test]
fn a_key_that_an_answer_requires_must_be_there() {
    let mut answer = object(
        json!({"shared_key": {"type": "string", "nullable": true}, "name": {"type": "string"}}),
    );
    answer["required"] = json!(["shared_key"]);
    let source = source(answering(answer));
    has(&source, "pubshared_key:::webhook_subscriptions::Secret,");
    has(
        &source,
        "pubfnnew(shared_key:::webhook_subscriptions::Secret)",
    );
}

#[test]
fn a_key_among_others_in_an_answer_may_be_missing() {
    let answer = object(json!({"shared_key": {"type": "string"}, "name": {"type": "string"}}));
    let expected = "pubshared_key:::std::option::Option<::webhook_subscriptions::Secret>";
    has(&source(answering(answer)), expected);
}

#[test]
fn a_request_of_required_members_alone_can_be_written_out() {
    let source = sent(json!({"type": "string"}), json!(["member"]));
    assert!(!source.contains("#[non_exhaustive]"), "{source}");
}

#[test]
fn a_request_that_has_an_optional_member_may_gain_others_without_breaking_anybody() {
    has(
        &sent(json!({"type": "string"}), json!([])),
        "#[non_exhaustive]",
    );
}

#[test]
fn a_member_of_a_request_has_the_type_that_is_described() {
    let nullable = "::webhook_subscriptions::Nullable<::std::string::String";
    for (member, required, expected) in [
        (
            json!({"type": "string"}),
            json!(["member"]),
            "::std::string::String,".to_owned(),
        ),
        // The server checks limits.
        (
            json!({"type": "string", "maxLength": 3, "pattern": "^a", "format": "date"}),
            json!(["member"]),
            "::std::string::String,".to_owned(),
        ),
        // A default isn't written out.
        (
            json!({"type": "boolean", "default": true}),
            json!([]),
            "::std::option::Option<bool>".to_owned(),
        ),
        // Nor is a list left out that is empty.
        (
            json!({"type": "array", "items": {"type": "string"}}),
            json!([]),
            "::std::option::Option<::std::vec::Vec<::std::string::String".to_owned(),
        ),
        // Null is told from absence.
        (
            json!({"type": "string", "nullable": true}),
            json!(["member"]),
            nullable.to_owned(),
        ),
        (
            json!({"type": "string", "nullable": true}),
            json!([]),
            format!("::std::option::Option<{nullable}"),
        ),
        (
            json!({"type": "string", "format": "url"}),
            json!(["member"]),
            "::webhook_subscriptions::WebhookUrl".to_owned(),
        ),
    ] {
        has(&sent(member, required), &format!("pubmember:{expected}"));
    }
}

#[test]
fn a_parameter_that_may_be_null_may_be_left_out_instead() {
    let text = json!({"type": "string", "nullable": true});
    let list = json!({"type": "array", "items": text, "nullable": true});
    let parameters = json!([
        {"name": "q", "in": "query", "schema": text},
        {"name": "r", "in": "query", "schema": list},
    ]);
    let document = with(
        answering(json!({"type": "string"})),
        "/paths/~1it/get/parameters",
        parameters,
    );
    let source = source(document);
    has(&source, "q:Option<&'astr>");
    has(
        &source,
        "r:Option<&'a::std::vec::Vec<::std::string::String>>",
    );
}
