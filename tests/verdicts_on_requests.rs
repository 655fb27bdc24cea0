//! What a change of a request, or of an enum, is for users of this crate: breaking, additive, or a matter of
//! documentation.

#[path = "support/verdicts.rs"]
mod support;

use serde_json::{json, Value};
use support::spec_update::changes::changes;
use support::spec_update::verdict::Verdict;
use support::{document, set, surface, verdicts, without, ANSWER, OPERATION, REQUEST};

// Enums.

#[test]
fn an_enum_that_grew() {
    let lines = set(
        "/components/schemas/Trigger",
        "enum",
        json!(["created", "deleted", "moved"]),
    );
    let expected =
        ["additive       type Trigger, value moved: is new; it was read as `Other` before"];
    assert_eq!(lines, expected);
}

#[test]
fn an_enum_that_lost_a_value() {
    let lines = set("/components/schemas/Trigger", "enum", json!(["created"]));
    let expected = [
        "breaking       type Trigger, value deleted: is gone, and with it its variant; \
                     answers that have it are read as `Other`",
    ];
    assert_eq!(lines, expected);
}

// Requests.

#[test]
fn an_optional_member_more_in_a_request_that_has_only_optional_ones() {
    let lines = set(
        "/components/schemas/Options/properties",
        "slow",
        json!({"type": "boolean"}),
    );
    let expected = [
        "additive       type Options, member slow: is new and optional; \
         requests have a setter more, and do not send it unless it is set",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn an_optional_member_more_in_a_request_that_has_required_ones_too() {
    let lines = set(
        &format!("{REQUEST}/properties"),
        "active",
        json!({"type": "boolean"}),
    );
    let expected = [
        "additive       type Request, member active: is new and optional; \
         requests have a setter more, and do not send it unless it is set",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_first_optional_member_in_a_request() {
    let mut old = document();
    let request = old.pointer_mut(REQUEST).unwrap();
    *request =
        json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}});
    let mut new = old.clone();
    new.pointer_mut(REQUEST).unwrap()["properties"]["label"] = json!({"type": "string"});
    let lines = changes(&surface(old), &surface(new));
    assert_eq!(
        lines[0].to_string(),
        "breaking       type Request, member label: is new and the first that is optional; \
         the type was a literal, and has a constructor now"
    );
}

#[test]
fn a_required_member_more_in_a_request() {
    let lines = verdicts(REQUEST, |request| {
        request["properties"]["region"] = json!({"type": "string"});
        request["required"] = json!(["name", "region"]);
    });
    let expected = ["breaking       type Request, member region: is new and required; each request must have it"];
    assert_eq!(lines, expected);
}

#[test]
fn a_member_of_a_request_that_is_required_now() {
    let lines = set(REQUEST, "required", json!(["name", "label"]));
    assert_eq!(
        lines,
        ["breaking       type Request, member label: is required now"]
    );
}

#[test]
fn a_member_of_a_request_that_is_optional_now() {
    let lines = set(REQUEST, "required", json!([]));
    assert_eq!(
        lines,
        ["breaking       type Request, member name: is optional now"]
    );
}

#[test]
fn a_member_of_a_request_that_is_gone() {
    let lines = without(&format!("{REQUEST}/properties"), "trigger");
    let expected = [
        "breaking       type Request, member trigger: is gone",
        // The enum is the same type, whichever way it goes.
        "documentation  type Trigger: was sent and received and is received",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_member_of_a_request_that_may_be_null() {
    let lines = set(
        &format!("{REQUEST}/properties/name"),
        "nullable",
        json!(true),
    );
    assert_eq!(
        lines,
        ["breaking       type Request, member name: may be null now"]
    );
}

#[test]
fn a_limit_of_a_request_that_is_looser() {
    let lines = set(
        &format!("{REQUEST}/properties/label"),
        "maxLength",
        json!(20),
    );
    assert_eq!(
        lines,
        ["additive       type RequestLabel: has maxLength 20, and had 10"]
    );
}

#[test]
fn a_limit_of_a_request_that_is_tighter() {
    let lines = set(
        &format!("{REQUEST}/properties/label"),
        "maxLength",
        json!(5),
    );
    assert_eq!(
        lines,
        ["breaking       type RequestLabel: has maxLength 5, and had 10"]
    );
}

#[test]
fn a_pattern_more_of_a_request() {
    let lines = set(
        &format!("{REQUEST}/properties/label"),
        "pattern",
        json!("^a"),
    );
    assert_eq!(
        lines,
        ["documentation  type RequestLabel: has pattern \"^a\" now"]
    );
}

#[test]
fn a_parameter_more() {
    let parameter = json!({"name": "page", "in": "query", "schema": {"type": "integer"}});
    let lines = verdicts(OPERATION, |operation| {
        operation["parameters"]
            .as_array_mut()
            .unwrap()
            .push(parameter)
    });
    let expected =
        ["breaking       operation doIt, query page: is new; the method takes one argument more"];
    assert_eq!(lines, expected);
}

#[test]
fn a_parameter_more_where_the_method_takes_one_request() {
    let parameter =
        |name: &str| json!({"name": name, "in": "query", "schema": {"type": "integer"}});
    let mut old = document();
    let operation = old.pointer_mut(OPERATION).unwrap();
    operation["parameters"] = json!([parameter("one"), parameter("two"), parameter("three")]);
    let mut new = old.clone();
    let parameters = new.pointer_mut(&format!("{OPERATION}/parameters"));
    parameters
        .unwrap()
        .as_array_mut()
        .unwrap()
        .push(parameter("page"));
    let expected = "additive       operation doIt, query page: is new and optional; the request has a setter more, and \
                    does not send it unless it is set";
    let changes = changes(&surface(old), &surface(new));
    let lines: Vec<_> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(lines, [expected]);
}

#[test]
fn a_parameter_less() {
    let lines = set(OPERATION, "parameters", json!([]));
    assert_eq!(
        lines,
        ["breaking       operation doIt, query count: is gone"]
    );
}

#[test]
fn a_parameter_that_is_required_now() {
    let lines = set(
        &format!("{OPERATION}/parameters/0"),
        "required",
        json!(true),
    );
    assert_eq!(
        lines,
        ["breaking       operation doIt, query count: is required now"]
    );
}

#[test]
fn a_parameter_of_another_type() {
    let lines = set(
        &format!("{OPERATION}/parameters/0/schema"),
        "type",
        json!("string"),
    );
    assert_eq!(
        lines,
        ["breaking       operation doIt, query count: was integer and is string"]
    );
}

#[test]
fn a_body_of_another_media_type() {
    let body = json!({"$ref": "#/components/schemas/Request"});
    let content = json!({"application/x-www-form-urlencoded": {"schema": body}});
    let lines = set(&format!("{OPERATION}/requestBody"), "content", content);
    let expected = [
        "breaking       operation doIt, body application/json: is gone",
        "breaking       operation doIt, body application/x-www-form-urlencoded: is new; the method takes it",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_list_of_one_length_that_may_have_another() {
    let list = |most: u64| json!({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": most});
    let mut old = document();
    old.pointer_mut(REQUEST).unwrap()["properties"]["pair"] = list(2);
    let mut new = document();
    new.pointer_mut(REQUEST).unwrap()["properties"]["pair"] = list(3);
    let lines = changes(&surface(old), &surface(new));
    assert_eq!(
        lines[0].to_string(),
        "breaking       type Request, member pair: has maxItems 3, and had 2"
    );
}

#[test]
fn a_list_of_a_request_whose_items_differ_now() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let mut old = document();
    old.pointer_mut(REQUEST).unwrap()["properties"]["all"] = list.clone();
    let mut new = old.clone();
    new.pointer_mut(REQUEST).unwrap()["properties"]["all"]["uniqueItems"] = json!(true);
    let lines = changes(&surface(old), &surface(new));
    assert_eq!(
        lines[0].to_string(),
        "breaking       type Request, member all: has uniqueItems true now"
    );
}

#[test]
fn a_member_less_in_an_object_with_alternatives() {
    let either = json!([{"required": ["name"]}, {"required": ["label"]}]);
    let mut old = document();
    old.pointer_mut(REQUEST).unwrap()["anyOf"] = either;
    let mut new = old.clone();
    let request = new.pointer_mut(REQUEST).unwrap();
    request["properties"]
        .as_object_mut()
        .unwrap()
        .remove("options")
        .unwrap();
    let lines = changes(&surface(old), &surface(new));
    assert_eq!(
        lines[1].to_string(),
        "breaking       type Request, member options: is gone"
    );
}

#[test]
fn a_first_member_of_an_object_that_had_none() {
    let mut old = document();
    old.pointer_mut("/components/schemas/Options").unwrap()["properties"] = json!({});
    let lines = changes(&surface(old), &surface(document()));
    assert_eq!(lines[0].verdict, Verdict::Breaking);
}

#[test]
fn a_parameter_of_the_path_of_another_name() {
    let mut old = document();
    let path = |document: &mut Value, name: &str| {
        let mut item = document["paths"]["/things"].take();
        let parameter =
            json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
        item["post"]["parameters"] = json!([parameter]);
        document["paths"] = json!({ format!("/things/{{{name}}}"): item });
    };
    let mut new = document();
    path(&mut old, "id");
    path(&mut new, "uuid");
    let lines = changes(&surface(old), &surface(new));
    assert_eq!(
        lines[0].to_string(),
        "documentation  operation doIt: is /things/{uuid} now; its URLs are the same"
    );
}

#[test]
fn a_body_that_need_not_be_given() {
    let lines = set(
        &format!("{OPERATION}/requestBody"),
        "required",
        json!(false),
    );
    let expected = ["documentation  operation doIt, body application/json: \
                     is optional now; it is always sent"];
    assert_eq!(lines, expected);
}

#[test]
fn a_parameter_with_a_default() {
    let place = format!("{OPERATION}/parameters/0/schema");
    let lines = set(&place, "default", json!(10));
    let expected = "documentation  operation doIt: is described in other words (query count)";
    assert_eq!(lines, [expected]);
}

/// The enum of PandaDoc's documents 7.3.0 and 7.4.0: a filter of the query, and a member of answers.
#[test]
fn an_enum_of_the_query_and_of_answers_that_may_be_null() {
    let mut old = document();
    let trigger = json!({"$ref": "#/components/schemas/Trigger"});
    let parameter = json!({"name": "trigger", "in": "query", "schema": trigger});
    old.pointer_mut(OPERATION).unwrap()["parameters"] = json!([parameter]);
    let request = old.pointer_mut(REQUEST).unwrap();
    let members = request["properties"].as_object_mut().unwrap();
    let trigger = members.remove("trigger").unwrap();
    old.pointer_mut(ANSWER).unwrap()["properties"] = json!({ "trigger": trigger });
    let mut new = old.clone();
    new["components"]["schemas"]["Trigger"]["nullable"] = json!(true);
    for (old, new, words) in [
        (&old, &new, "may be null now"),
        (&new, &old, "may no longer be null"),
    ] {
        let lines = changes(&surface(old.clone()), &surface(new.clone()));
        let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(lines, [format!("documentation  type Trigger: {words}")]);
    }
}

#[test]
fn a_parameter_that_may_be_null() {
    let place = format!("{OPERATION}/parameters/0/schema");
    let lines = set(&place, "nullable", json!(true));
    let expected = "documentation  operation doIt, query count: may be null now; no null is sent";
    assert_eq!(lines, [expected]);
}

#[test]
fn a_parameter_whose_items_may_be_null() {
    let list = |nullable: bool| json!({"type": "array", "items": {"type": "string", "nullable": nullable}});
    let mut old = document();
    let mut new = document();
    for (document, nullable) in [(&mut old, false), (&mut new, true)] {
        document.pointer_mut(OPERATION).unwrap()["parameters"][0]["schema"] = list(nullable);
    }
    let lines = changes(&surface(old), &surface(new));
    let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
    let expected = "documentation  operation doIt, query count: may be null now; no null is sent";
    assert_eq!(lines, [expected]);
}
