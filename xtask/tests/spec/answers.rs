//! A change of an answer is breaking, additive, or a matter of documentation.

use super::verdicts::{
    check, document, lines, set, string, surface, verdicts, without, ANSWER, OPERATION,
};
use serde_json::{json, Value};
use xtask::surface::Surface;

#[test]
fn members_of_answers_are_parsed_leniently() {
    let members = format!("{ANSWER}/properties");
    let member = |name: &str| format!("{ANSWER}/properties/{name}");
    let all = json!({"all": {"type": "array", "items": {"type": "integer"}}});
    let numbers = "/components/schemas/Numbers";
    check([
        (
            "one more",
            set(&members, "status", string()),
            "additive       type Answer, member status: is new",
        ),
        (
            "one less",
            without(&members, "name"),
            "breaking       type Answer, member name: is gone",
        ),
        (
            "nullable",
            set(&member("triggers"), "nullable", json!(true)),
            "documentation  type Answer, member triggers: may be null now",
        ),
        (
            "promised",
            set(ANSWER, "required", json!(["shared_key", "triggers"])),
            "documentation  type Answer, member triggers: is promised now",
        ),
        (
            "a key that may be missing",
            set(ANSWER, "required", json!([])),
            "breaking       type Answer, member shared_key: may be missing now, and is an `Option`",
        ),
        (
            "a tighter limit",
            set(&member("name"), "maxLength", json!(5)),
            "documentation  type Answer, member name: has maxLength 5, and had 10",
        ),
        (
            "another type",
            set(numbers, "properties", all),
            "breaking       type Numbers, member all: each item was string and is integer",
        ),
        (
            "a key of 64 characters",
            set(&member("shared_key"), "minLength", json!(64)),
            "breaking       type Answer, member shared_key: has minLength 64 now",
        ),
    ]);
}

#[test]
fn every_status_of_success_counts() {
    let responses = format!("{OPERATION}/responses");
    let again = document().pointer(&responses).unwrap()["200"].clone();
    let mut two = document();
    two.pointer_mut(&responses).unwrap()["202"] = again.clone();
    check([
        (
            "one more",
            set(&responses, "202", again),
            "additive       operation doIt, success 202: is new; it counts as a success",
        ),
        (
            "one less",
            lines(&surface(two), &surface(document())),
            "breaking       operation doIt, success 202: is no longer a success",
        ),
    ]);
}

#[test]
fn a_success_without_a_body_breaks() {
    let responses = format!("{OPERATION}/responses");
    let lines = set(&responses, "200", json!({"description": "Done"}));
    assert_eq!(
        lines[0],
        "breaking       operation doIt, success 200: has no body now"
    );
}

#[test]
fn an_error_counts_for_its_mock() {
    let responses = format!("{OPERATION}/responses");
    let error = json!({"description": "No"});
    check([
        (
            "documented",
            set(&responses, "429", error.clone()),
            "additive       operation doIt, error 429: is documented now; its mock can reply with it, \
             and errors of any status were read before",
        ),
        (
            "no longer documented",
            without(&responses, "403"),
            "breaking       operation doIt, error 403: is no longer documented, \
             so its mock can't reply with it; errors of any status are read",
        ),
        (
            "of several statuses, which no mock has",
            set(&responses, "4XX", error),
            "documentation  operation doIt, error 4XX: is documented now; \
             errors of any status were read before",
        ),
    ]);
}

const ERROR: &str = "/paths/~1things/post/responses/403/content/application~1json";

#[test]
fn another_shape_of_an_error_is_documentation() {
    let with_header = |kind: &str| {
        let mut document = document();
        let error = document.pointer_mut("/paths/~1things/post/responses/403");
        error.unwrap()["headers"] = json!({"x-wait": {"schema": {"type": kind}}});
        surface(document)
    };
    let named = |schema: Option<Value>| {
        verdicts("", |document| {
            let schema =
                schema.unwrap_or_else(|| document.pointer(ERROR).unwrap()["schema"].clone());
            document["components"]["schemas"]["Problem"] = schema;
            document.pointer_mut(ERROR).unwrap()["schema"] =
                json!({"$ref": "#/components/schemas/Problem"});
        })
    };
    let either = json!({"oneOf": [{"type": "string"}, {"type": "object"}]});
    let properties = format!("{ERROR}/schema/properties");
    let reshaped = "documentation  operation doIt, error 403: has a body of another shape; \
                    `Error::problem` reads any";
    check([
        (
            "a header of another type",
            lines(&with_header("integer"), &with_header("string")),
            reshaped,
        ),
        (
            "one of several shapes",
            set(&properties, "detail", either),
            reshaped,
        ),
        (
            "a component of another shape",
            named(Some(json!({"type": "object"}))),
            reshaped,
        ),
        ("a component of the same shape", named(None), ""),
    ]);
}

#[test]
fn an_error_in_other_words_is_documentation() {
    let other = json!("Forbidden");
    let error = format!("{OPERATION}/responses/403");
    let mut old = document();
    let response = old.pointer(&error).unwrap().clone();
    old["components"]["responses"] = json!({ "No": response });
    old.pointer_mut(&format!("{OPERATION}/responses")).unwrap()["403"] =
        json!({"$ref": "#/components/responses/No"});
    let mut new = old.clone();
    new["components"]["responses"]["No"]["description"] = other.clone();
    let expected = "documentation  operation doIt: is described in other words (error 403)";
    check([
        ("inline", set(&error, "description", other), expected),
        ("a component", lines(&surface(old), &surface(new)), expected),
    ]);
}

/// Returns the sentence about an error body in which each of `count` schemas references the next one.
fn fault(count: u32, schema: impl Fn(Value) -> Value) -> String {
    let mut document = document();
    let to = |n: u32| json!({"$ref": format!("#/components/schemas/S{n}")});
    for n in 0..count {
        document["components"]["schemas"][format!("S{n}")] = schema(to(n + 1));
    }
    document.pointer_mut(ERROR).unwrap()["schema"] = to(0);
    Surface::of(&document, &["doIt"]).unwrap_err().to_string()
}

/// With each schema made of the next one twice, or with a long chain of references.
#[test]
fn an_error_body_that_would_fill_the_memory_or_the_stack_is_rejected() {
    let twice = |next: Value| json!({"type": "object", "properties": {"a": next, "b": next}});
    let once = |next: Value| json!({"type": "object", "properties": {"a": next}});
    let expected = "operation `doIt`: its answers are too large or too deep with their references written out; \
                    describe them with fewer references";
    check([
        ("memory", vec![fault(64, twice)], expected),
        ("stack", vec![fault(10_000, once)], expected),
    ]);
}
