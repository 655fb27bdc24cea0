//! A change of a request or of an enum is breaking, additive, or a matter of documentation.

use super::verdicts::{
    check, document, lines, set, string, surface, verdicts, without, ANSWER, OPERATION, REQUEST,
};
use serde_json::{json, Value};

/// Returns the lines about two documents, each with another schema of the request's component at `pointer`.
fn between(pointer: &str, old: Value, new: Value) -> Vec<String> {
    let [old, new] = [old, new].map(|schema| {
        let mut document = document();
        *document.pointer_mut(pointer).unwrap() = schema;
        surface(document)
    });
    lines(&old, &new)
}

#[test]
fn a_value_of_an_enum_has_a_variant() {
    let values = |values: Value| set("/components/schemas/Trigger", "enum", values);
    check([
        (
            "one more",
            values(json!(["created", "deleted", "moved"])),
            "additive       type Trigger, value moved: is new; it was read as `Other` before",
        ),
        (
            "one less",
            values(json!(["created"])),
            "breaking       type Trigger, value deleted: is gone, and so is its variant; \
             answers with it are read as `Other`",
        ),
    ]);
}

/// PandaDoc's documents 7.3.0 and 7.4.0 have such an enum: a filter of the query, and a member of answers.
#[test]
fn null_for_an_enum_of_the_query_and_of_answers_is_documentation() {
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
    let [old, new] = [old, new].map(surface);
    check([
        (
            "more",
            lines(&old, &new),
            "documentation  type Trigger: may be null now",
        ),
        (
            "less",
            lines(&new, &old),
            "documentation  type Trigger: may no longer be null",
        ),
    ]);
}

#[test]
fn a_new_member_of_a_request_is_additive_if_there_is_a_constructor() {
    let boolean = json!({"type": "boolean"});
    let only_name =
        json!({"type": "object", "required": ["name"], "properties": {"name": string()}});
    let mut with_label = only_name.clone();
    with_label["properties"]["label"] = string();
    let required = verdicts(REQUEST, |request| {
        request["properties"]["region"] = string();
        request["required"] = json!(["name", "region"]);
    });
    check([
        (
            "beside optional ones",
            set("/components/schemas/Options/properties", "slow", boolean.clone()),
            "additive       type Options, member slow: is new and optional; \
             requests have a setter more, and don't send it unless it is set",
        ),
        (
            "beside required ones too",
            set(&format!("{REQUEST}/properties"), "active", boolean),
            "additive       type Request, member active: is new and optional; \
             requests have a setter more, and don't send it unless it is set",
        ),
        (
            "the first optional one",
            between(REQUEST, only_name, with_label)[..1].to_vec(),
            "breaking       type Request, member label: is new and the first that is optional; \
             the type was a literal, and has a constructor now",
        ),
        (
            "a required one",
            required,
            "breaking       type Request, member region: is new and required; each request must have it",
        ),
    ]);
}

#[test]
fn another_member_of_a_request_breaks() {
    check([
        (
            "required",
            set(REQUEST, "required", json!(["name", "label"])),
            "breaking       type Request, member label: is required now",
        ),
        (
            "optional",
            set(REQUEST, "required", json!([])),
            "breaking       type Request, member name: is optional now",
        ),
        (
            // The enum is the same type in requests and in answers.
            "gone",
            without(&format!("{REQUEST}/properties"), "trigger"),
            "breaking       type Request, member trigger: is gone\n\
             documentation  type Trigger: was sent and received and is received",
        ),
        (
            "nullable",
            set(
                &format!("{REQUEST}/properties/name"),
                "nullable",
                json!(true),
            ),
            "breaking       type Request, member name: may be null now",
        ),
    ]);
}

#[test]
fn a_limit_of_a_request_counts_unless_only_the_server_checks_it() {
    let label = format!("{REQUEST}/properties/label");
    let list = |added: Value| {
        let mut list = json!({"type": "array", "items": string()});
        let members = list.as_object_mut().unwrap();
        members.extend(added.as_object().unwrap().clone());
        list
    };
    let pair = |most: u64| list(json!({"minItems": 2, "maxItems": most}));
    let unique = list(json!({"uniqueItems": true}));
    check([
        (
            "looser",
            set(&label, "maxLength", json!(20)),
            "additive       type Request, member label: has maxLength 20, and had 10",
        ),
        (
            "tighter",
            set(&label, "maxLength", json!(5)),
            "breaking       type Request, member label: has maxLength 5, and had 10",
        ),
        (
            "a pattern",
            set(&label, "pattern", json!("^a")),
            "documentation  type Request, member label: has pattern \"^a\" now",
        ),
        (
            "a list of one length that may have another",
            between(&format!("{REQUEST}/properties/options"), pair(2), pair(3)),
            "breaking       type Request, member options: has maxItems 3, and had 2",
        ),
        (
            "a list whose items differ",
            between(
                &format!("{REQUEST}/properties/options"),
                list(json!({})),
                unique,
            ),
            "breaking       type Request, member options: has uniqueItems true now",
        ),
    ]);
}

#[test]
fn a_first_member_of_an_object_without_any_breaks() {
    let options = "/components/schemas/Options";
    let new = document().pointer(options).unwrap().clone();
    let lines = between(options, json!({"type": "object", "properties": {}}), new);
    assert!(lines[0].starts_with("breaking "), "{lines:?}");
}

#[test]
fn another_argument_of_a_method_breaks() {
    let parameter = format!("{OPERATION}/parameters/0");
    let page = json!({"name": "page", "in": "query", "schema": {"type": "integer"}});
    let more = verdicts(OPERATION, |operation| {
        operation["parameters"].as_array_mut().unwrap().push(page)
    });
    let form = json!({"schema": {"$ref": "#/components/schemas/Request"}});
    let form = json!({ "application/x-www-form-urlencoded": form });
    check([
        (
            "one more",
            more,
            "breaking       operation doIt, query page: is new; the method takes one argument more",
        ),
        (
            "one less",
            set(OPERATION, "parameters", json!([])),
            "breaking       operation doIt, query count: is gone",
        ),
        (
            "required",
            set(&parameter, "required", json!(true)),
            "breaking       operation doIt, query count: is required now",
        ),
        (
            "of another type",
            set(&format!("{parameter}/schema"), "type", json!("string")),
            "breaking       operation doIt, query count: was integer and is string",
        ),
        (
            "a body of another media type",
            set(&format!("{OPERATION}/requestBody"), "content", form),
            "breaking       operation doIt, body application/json: is gone\n\
             breaking       operation doIt, body application/x-www-form-urlencoded: is new; the method takes it",
        ),
    ]);
}

/// Such an operation takes a request struct, and not an argument for each parameter.
#[test]
fn an_optional_argument_beside_more_than_three_is_additive() {
    let parameter = |name: &str, required: bool| json!({"name": name, "in": "query", "required": required, "schema": string()});
    let with = |added: &[Value]| {
        let mut document = document();
        let parameters = &mut document.pointer_mut(OPERATION).unwrap()["parameters"];
        let parameters = parameters.as_array_mut().unwrap();
        parameters.extend(["a", "b"].map(|name| parameter(name, false)));
        parameters.extend(added.iter().cloned());
        surface(document)
    };
    check([
        (
            "optional",
            lines(&with(&[]), &with(&[parameter("c", false)])),
            "additive       operation doIt, query c: is new and optional; the request struct has a setter more",
        ),
        (
            "required",
            lines(&with(&[]), &with(&[parameter("c", true)])),
            "breaking       operation doIt, query c: is new; the method takes one argument more",
        ),
    ]);
}

#[test]
fn an_argument_with_the_same_type_is_documentation() {
    let schema = format!("{OPERATION}/parameters/0/schema");
    let list = |nullable: bool| json!({"type": "array", "items": {"type": "string", "nullable": nullable}});
    let in_path = |name: &str| {
        let mut document = document();
        let mut item = document["paths"]["/things"].take();
        item["post"]["parameters"] =
            json!([{"name": name, "in": "path", "required": true, "schema": string()}]);
        document["paths"] = json!({ format!("/things/{{{name}}}"): item });
        surface(document)
    };
    check([
        (
            "a parameter in the path with another name",
            lines(&in_path("id"), &in_path("uuid"))[..1].to_vec(),
            "documentation  operation doIt: is /things/{uuid} now; its URLs are the same",
        ),
        (
            "an optional body",
            set(&format!("{OPERATION}/requestBody"), "required", json!(false)),
            "documentation  operation doIt, body application/json: is optional now; it is always sent",
        ),
        (
            "a default",
            set(&schema, "default", json!(10)),
            "documentation  operation doIt: is described in other words (query count)",
        ),
        (
            "null",
            set(&schema, "nullable", json!(true)),
            "documentation  operation doIt, query count: may be null now; no null is sent",
        ),
        (
            "null among its items",
            between(&schema, list(false), list(true)),
            "documentation  operation doIt, query count: may be null now; no null is sent",
        ),
    ]);
}
