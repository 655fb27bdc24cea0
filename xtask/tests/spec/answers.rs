//! What a change of an answer is for users of this crate: breaking, additive, or a matter of documentation.

use super::verdicts::{document, lines, set, surface, verdicts, without, ANSWER, OPERATION};
use serde_json::json;
use xtask::surface::Surface;

#[test]
fn a_member_more_in_an_answer() {
    let lines = set(
        &format!("{ANSWER}/properties"),
        "status",
        json!({"type": "string"}),
    );
    assert_eq!(lines, ["additive       type Answer, member status: is new"]);
}

#[test]
fn a_member_less_in_an_answer() {
    let lines = without(&format!("{ANSWER}/properties"), "triggers");
    assert_eq!(
        lines[0],
        "breaking       type Answer, member triggers: is gone"
    );
}

#[test]
fn a_member_of_an_answer_that_may_be_null() {
    let lines = set(
        &format!("{ANSWER}/properties/triggers"),
        "nullable",
        json!(true),
    );
    assert_eq!(
        lines,
        ["documentation  type Answer, member triggers: may be null now"]
    );
}

#[test]
fn a_member_of_an_answer_that_is_promised_now() {
    let lines = set(ANSWER, "required", json!(["shared_key", "triggers"]));
    assert_eq!(
        lines,
        ["documentation  type Answer, member triggers: is promised now"]
    );
}

#[test]
fn a_key_that_an_answer_need_not_have() {
    let lines = set(ANSWER, "required", json!([]));
    let expected =
        ["breaking       type Answer, member shared_key: may be missing now, and is an `Option`"];
    assert_eq!(lines, expected);
}

#[test]
fn a_limit_of_an_answer_that_is_tighter() {
    let lines = set(&format!("{ANSWER}/properties/name"), "maxLength", json!(5));
    assert_eq!(
        lines,
        ["documentation  type AnswerName: has maxLength 5, and had 10"]
    );
}

#[test]
fn a_member_of_an_answer_of_another_type() {
    let other = json!({"type": "array", "items": {"type": "integer"}});
    let lines = set(
        "/components/schemas/Numbers",
        "properties",
        json!({"all": other}),
    );
    assert_eq!(
        lines,
        ["breaking       type Numbers, member all: each item was string and is integer"]
    );
}

#[test]
fn a_key_that_has_64_characters_now() {
    let place = format!("{ANSWER}/properties/shared_key");
    let lines = set(&place, "minLength", json!(64));
    assert_eq!(
        lines,
        ["breaking       type Answer, member shared_key: has minLength 64 now"]
    );
}

#[test]
fn a_whole_answer_that_may_be_null() {
    let lines = set("/components/schemas/Numbers", "nullable", json!(true));
    assert_eq!(lines, ["breaking       type Numbers: may be null now"]);
}

// Statuses.

#[test]
fn several_statuses_of_success() {
    let again = document()
        .pointer(&format!("{OPERATION}/responses/200"))
        .unwrap()
        .clone();
    let lines = set(&format!("{OPERATION}/responses"), "202", again);
    assert_eq!(
        lines,
        ["additive       operation doIt, success 202: is new; it counts as a success"]
    );
}

#[test]
fn a_success_without_a_body() {
    let lines = set(
        &format!("{OPERATION}/responses"),
        "200",
        json!({"description": "Done"}),
    );
    assert_eq!(
        lines[0],
        "breaking       operation doIt, success 200: has no body now"
    );
}

#[test]
fn an_error_that_is_documented_now() {
    let lines = set(
        &format!("{OPERATION}/responses"),
        "429",
        json!({"description": "Later"}),
    );
    let expected = [
        "additive       operation doIt, error 429: is documented now; its mock can reply with it, \
                     and errors of any status were read before",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn an_error_that_is_not_documented_any_more() {
    let lines = without(&format!("{OPERATION}/responses"), "403");
    let expected = [
        "breaking       operation doIt, error 403: is no longer documented, \
                     so its mock can't reply with it; errors of any status are read",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn an_error_of_any_status_that_is_documented_now() {
    let lines = set(
        &format!("{OPERATION}/responses"),
        "4XX",
        json!({"description": "No"}),
    );
    let expected = [
        "documentation  operation doIt, error 4XX: is documented now; \
                     errors of any status were read before",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_header_of_an_error_of_another_type() {
    let with = |kind: &str| {
        let mut document = document();
        let error = document.pointer_mut("/paths/~1things/post/responses/403");
        error.unwrap()["headers"] = json!({"x-wait": {"schema": {"type": kind}}});
        surface(document)
    };
    let lines = lines(&with("integer"), &with("string"));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0], RESHAPED[0]);
}

#[test]
fn an_error_in_other_words() {
    let other_words = ["documentation  operation doIt: is described in other words (error 403)"];
    let other = json!("Forbidden");
    let error = format!("{OPERATION}/responses/403");
    assert_eq!(set(&error, "description", other.clone()), other_words);

    let mut old = document();
    let response = old.pointer(&error).unwrap().clone();
    old["components"]["responses"] = json!({ "No": response });
    old.pointer_mut(&format!("{OPERATION}/responses")).unwrap()["403"] =
        json!({"$ref": "#/components/responses/No"});
    let mut new = old.clone();
    new["components"]["responses"]["No"]["description"] = other;
    let lines = lines(&surface(old), &surface(new));
    assert_eq!(lines, other_words);
}

/// Each schema is made of the next one twice, so that written out they would fill any memory.
#[test]
fn an_error_body_that_would_fill_the_memory_is_refused() {
    let mut document = document();
    let to = |n: u32| json!({"$ref": format!("#/components/schemas/S{n}")});
    for n in 0..64 {
        document["components"]["schemas"][format!("S{n}")] =
            json!({"type": "object", "properties": {"a": to(n + 1), "b": to(n + 1)}});
    }
    document.pointer_mut(ERROR).unwrap()["schema"] = to(0);
    let fault = Surface::of(&document, &["doIt"]).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "operation `doIt`: its answers are too large or too deep with their references written out; \
         describe them with fewer references"
    );
}

/// A chain of references, and no end of the stack.
#[test]
fn an_error_body_that_would_fill_the_stack_is_refused() {
    let mut document = document();
    let to = |n: u32| json!({"$ref": format!("#/components/schemas/S{n}")});
    for n in 0..10_000 {
        document["components"]["schemas"][format!("S{n}")] =
            json!({"type": "object", "properties": {"a": to(n + 1)}});
    }
    document.pointer_mut(ERROR).unwrap()["schema"] = to(0);
    assert!(Surface::of(&document, &["doIt"]).is_err());
}

const ERROR: &str = "/paths/~1things/post/responses/403/content/application~1json";
const RESHAPED: [&str; 1] =
    ["documentation  operation doIt, error 403: has a body of another shape; `Error::problem` reads any"];

#[test]
fn an_error_body_that_is_one_of_several_shapes_now() {
    let either = json!({"oneOf": [{"type": "string"}, {"type": "object"}]});
    let lines = set(&format!("{ERROR}/schema/properties"), "detail", either);
    assert_eq!(lines, RESHAPED);
}

#[test]
fn a_named_error_schema_of_another_shape() {
    let lines = verdicts("", |document| {
        document["components"]["schemas"]["Problem"] = json!({"type": "object"});
        document.pointer_mut(ERROR).unwrap()["schema"] =
            json!({"$ref": "#/components/schemas/Problem"});
    });
    assert_eq!(lines, RESHAPED);
}

#[test]
fn a_name_for_an_error_schema() {
    let lines = verdicts("", |document| {
        let schema = document.pointer(ERROR).unwrap()["schema"].clone();
        document["components"]["schemas"]["Problem"] = schema;
        document.pointer_mut(ERROR).unwrap()["schema"] =
            json!({"$ref": "#/components/schemas/Problem"});
    });
    assert_eq!(lines, [""; 0]);
}

#[test]
fn a_status_that_is_no_success_any_more() {
    let mut old = document();
    let responses = old.pointer_mut(&format!("{OPERATION}/responses")).unwrap();
    responses["202"] = responses["200"].clone();
    let lines = lines(&surface(old), &surface(document()));
    assert_eq!(
        lines[0],
        "breaking       operation doIt, success 202: is no longer a success"
    );
}
