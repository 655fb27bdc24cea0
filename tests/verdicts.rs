//! Whatever way a document moves, `spec_update` says what that is for users of this crate: breaking,
//! additive, or a matter of documentation.

#[allow(dead_code)]
#[path = "../examples/spec_update/main.rs"]
mod spec_update;

use serde_json::{json, Value};
use spec_update::changes::changes;
use spec_update::generated::unjudged;
use spec_update::surface::Surface;
use spec_update::verdict::Verdict;

const OPERATION: &str = "/paths/~1things/post";
const REQUEST: &str = "/components/schemas/Request";
const ANSWER: &str = "/components/schemas/Answer";

/// A document with one operation. Its request has a member that must be given, its answer a key.
fn document() -> Value {
    let json_of = |schema: Value| json!({"application/json": {"schema": schema}});
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "A test", "version": "1"},
        "servers": [{"url": "https://api.example"}],
        "paths": {"/things": {"post": {
            "operationId": "doIt",
            "description": "Does it.",
            "parameters": [{"name": "count", "in": "query", "schema": {"type": "integer"}}],
            "requestBody": {"required": true, "content": json_of(reference("Request"))},
            "responses": {
                "200": {"description": "Done", "content": json_of(reference("Answer"))},
                "403": {"description": "No", "content": json_of(json!({
                    "type": "object", "properties": {"detail": {"type": "string"}}
                }))},
            },
        }}},
        "components": {"schemas": {
            "Request": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"},
                "label": {"type": "string", "maxLength": 10},
                "trigger": reference("Trigger"),
                "options": reference("Options"),
            }},
            "Options": {"type": "object", "properties": {"quick": {"type": "boolean"}}},
            "Answer": {"type": "object", "required": ["shared_key"], "properties": {
                "shared_key": {"type": "string"},
                "name": {"type": "string", "maxLength": 10},
                "triggers": {"type": "array", "items": reference("Trigger")},
                "numbers": reference("Numbers"),
            }},
            "Numbers": {"type": "object", "properties": {
                "all": {"type": "array", "items": {"type": "string"}},
            }},
            "Trigger": {"type": "string", "enum": ["created", "deleted"]},
        }},
    })
}

fn surface(document: Value) -> Surface {
    Surface::of(&serde_json::from_value(document).unwrap(), &["doIt"]).unwrap()
}

/// The lines about a document that differs in what `change` does to the value at `pointer`.
fn verdicts(pointer: &str, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut new = document();
    change(new.pointer_mut(pointer).unwrap());
    let changes = changes(&surface(document()), &surface(new));
    changes.iter().map(ToString::to_string).collect()
}

/// The lines about a document in which `name` is `value` at `pointer`.
fn set(pointer: &str, name: &str, value: Value) -> Vec<String> {
    verdicts(pointer, |place| place[name] = value)
}

/// The lines about a document in which `name` is not there at `pointer`.
fn without(pointer: &str, name: &str) -> Vec<String> {
    verdicts(pointer, |place| {
        place.as_object_mut().unwrap().remove(name).unwrap();
    })
}

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
fn an_optional_member_more_in_a_request_that_has_a_default() {
    let lines = set(
        "/components/schemas/Options/properties",
        "slow",
        json!({"type": "boolean"}),
    );
    let expected = [
        "additive       type Options, member slow: is new and optional; \
                     a literal that ends in `..Default::default()` goes on compiling",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn an_optional_member_more_in_a_request_that_has_none() {
    let lines = set(
        &format!("{REQUEST}/properties"),
        "active",
        json!({"type": "boolean"}),
    );
    let expected = [
        "breaking       type Request, member active: is new and optional; \
                     the type has no default, so literals of it must name the member",
    ];
    assert_eq!(lines, expected);
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
fn a_limit_more_of_a_request() {
    let lines = set(
        &format!("{REQUEST}/properties/label"),
        "pattern",
        json!("^a"),
    );
    assert_eq!(
        lines,
        ["breaking       type RequestLabel: has pattern \"^a\" now"]
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

// Answers.

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
        "documentation  operation doIt, error 429: is documented now; \
                     errors of any status were read before",
    ];
    assert_eq!(lines, expected);
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
    let lines = changes(&surface(old), &surface(document()));
    assert_eq!(
        lines[0].to_string(),
        "breaking       operation doIt, success 202: is no longer a success"
    );
}

// Operations.

#[test]
fn an_operation_of_another_path() {
    let lines = verdicts("/paths", |paths| {
        let item = paths.as_object_mut().unwrap().remove("/things").unwrap();
        paths["/v2/things"] = item;
    });
    let expected = [
        "breaking       operation doIt: was POST /things and is POST /v2/things: \
                     mocks, proxies and traces see it",
    ];
    assert_eq!(lines, expected);
}

/// The lines about a document whose operation is not `doIt`.
fn verdicts_of_no_operation(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut new = document();
    change(&mut new);
    let new = Surface::of(&serde_json::from_value(new).unwrap(), &[]).unwrap();
    let changes = changes(&surface(document()), &new);
    changes.iter().map(ToString::to_string).collect()
}

#[test]
fn an_operation_that_was_renamed() {
    let lines = verdicts_of_no_operation(|document| {
        document.pointer_mut(OPERATION).unwrap()["operationId"] = json!("doItNow")
    });
    assert_eq!(
        lines[0],
        "breaking       operation doIt: is called `doItNow` now"
    );
}

#[test]
fn an_operation_that_was_removed() {
    let lines = verdicts_of_no_operation(|document| document["paths"] = json!({}));
    assert_eq!(
        lines[0],
        "breaking       operation doIt: is gone from the document"
    );
}

#[test]
fn an_operation_more_beside_those_in_use() {
    let other = json!({"operationId": "doMore", "responses": {"200": {"description": "Done"}}});
    let lines = set("/paths/~1things", "put", other);
    let expected = ["documentation  operation doMore: PUT /things is new; build/documents.rs lists what is generated"];
    assert_eq!(lines, expected);
}

#[test]
fn another_server() {
    let lines = set("/servers/0", "url", json!("https://api2.example"));
    let expected = [
        "breaking       server https://api.example: is gone; the facade says where requests go",
        "documentation  server https://api2.example: is new; the facade says where requests go",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn other_words() {
    let lines = set(OPERATION, "description", json!("Does it well."));
    assert_eq!(
        lines,
        ["documentation  operation doIt: is described in other words (itself)"]
    );
}

#[test]
fn another_header_for_the_key() {
    let scheme =
        |header: &str| json!({"apiKey": {"type": "apiKey", "in": "header", "name": header}});
    let mut old = document();
    old["security"] = json!([{"apiKey": []}]);
    let mut new = old.clone();
    old["components"]["securitySchemes"] = scheme("Authorization");
    new["components"]["securitySchemes"] = scheme("X-Key");
    let lines = changes(&surface(old), &surface(new));
    assert_eq!(
        lines[0].to_string(),
        "breaking       credential apiKey (header Authorization): is gone; the builder may still offer it"
    );
}

// What only the generator sees.

#[test]
fn a_type_of_another_form_that_nothing_else_speaks_of() {
    let [old, new] = [
        "pub struct Thing { pub a : u8 }",
        "pub struct Thing { pub a : u16 }",
    ];
    let found = unjudged(old, new, &[]);
    assert_eq!(
        found[0].to_string(),
        "breaking       type Thing: is generated in another form"
    );
}

#[test]
fn a_type_of_other_words_has_no_other_form() {
    let [old, new] = [
        r#"pub struct Thing { # [doc = "One } \" two"] pub a : u8 }"#,
        r#"pub struct Thing { pub a : u8 }"#,
    ];
    assert_eq!(unjudged(old, &new.replace("{ pub", "{  pub"), &[]), []);
}

// Elsewhere.

#[test]
fn what_is_not_in_use_says_nothing() {
    let elsewhere =
        json!({"get": {"operationId": "else", "responses": {"200": {"description": "Done"}}}});
    assert_eq!(set("/paths", "/elsewhere", elsewhere), [""; 0]);
}
