//! A change of an operation, or of the parts of a document around it, is breaking, additive, or documentation.

use super::verdicts::{check, document, lines, set, surface, OPERATION, REQUEST};
use serde_json::{json, Value};
use xtask::surface::Surface;

/// Returns the document with this id and path of its operation, whose parameters are in the path.
fn at(id: &str, path: &str, parameters: &[(&str, &str)]) -> Value {
    let mut document = document();
    let mut item = document["paths"]["/things"].take();
    item["post"]["operationId"] = json!(id);
    let parameters = parameters.iter().map(|(name, kind)| {
        json!({"name": name, "in": "path", "required": true, "schema": {"type": kind}})
    });
    item["post"]["parameters"] = parameters.collect();
    document["paths"] = json!({ path: item });
    document
}

/// Returns the first line about two documents. The second may have lost the operation.
fn first_line(old: Value, new: Value) -> Vec<String> {
    let in_use = ["doIt"];
    let is_there = new.to_string().contains(r#""doIt""#);
    let new = Surface::of(&new, &in_use[..usize::from(is_there)]).unwrap();
    lines(&surface(old), &new)[..1].to_vec()
}

#[test]
fn an_operation_of_another_name_or_path_breaks() {
    let things = |id: &str| at(id, "/things/{id}", &[("id", "string")]);
    let below = |name: &str| {
        let path = format!("/things/{{id}}/{name}");
        at("doIt", &path, &[("id", "string")])
    };
    let mut none = document();
    none["paths"] = json!({});
    check([
        (
            "another path",
            first_line(at("doIt", "/things", &[]), at("doIt", "/v2/things", &[])),
            "breaking       operation doIt: was POST /things and is POST /v2/things: \
             mocks, proxies and traces see it",
        ),
        (
            "another path behind a parameter",
            first_line(below("json"), below("xml")),
            "breaking       operation doIt: was POST /things/{id}/json and is POST /things/{id}/xml: \
             mocks, proxies and traces see it",
        ),
        (
            "renamed",
            first_line(things("doIt"), things("doItNow")),
            "breaking       operation doIt: is called `doItNow` now",
        ),
        (
            "renamed with its parameter",
            first_line(
                things("doIt"),
                at("doItNow", "/things/{uuid}", &[("uuid", "string")]),
            ),
            "breaking       operation doIt: is called `doItNow` now",
        ),
        (
            "gone",
            first_line(document(), none),
            "breaking       operation doIt: is gone from the document",
        ),
    ]);
}

#[test]
fn another_server_breaks() {
    let with_default = |region: &str| {
        let mut document = document();
        document["servers"] = json!([{
            "url": "https://{region}.example",
            "variables": {"region": {"default": region}}
        }]);
        surface(document)
    };
    check([
        (
            "another URL",
            set("/servers/0", "url", json!("https://api2.example")),
            "breaking       server https://api.example: is gone; the facade decides where requests go\n\
             documentation  server https://api2.example: is new; the facade decides where requests go",
        ),
        (
            "another default of a variable",
            lines(&with_default("eu"), &with_default("us")),
            "breaking       server https://eu.example: is gone; the facade decides where requests go\n\
             documentation  server https://us.example: is new; the facade decides where requests go",
        ),
    ]);
}

#[test]
fn other_words_and_other_operations_are_documentation() {
    let other =
        |id: &str| json!({"operationId": id, "responses": {"200": {"description": "Done"}}});
    let parameter = format!("{OPERATION}/parameters/0");
    check([
        (
            "other words",
            set(OPERATION, "description", json!("Does it well.")),
            "documentation  operation doIt: is described in other words (itself)",
        ),
        (
            "an operation beside those in use",
            set("/paths/~1things", "put", other("doMore")),
            "documentation  operation doMore: PUT /things is new; build/documents.rs lists what is generated",
        ),
        (
            "an operation elsewhere",
            set("/paths", "/elsewhere", json!({"get": other("else")})),
            "",
        ),
        (
            "a keyword on which the tool has no verdict",
            set(&parameter, "explode", json!(true)),
            "documentation  operation doIt: differs at /parameters/0/explode; \
             this tool has no verdict on that, so look at it",
        ),
    ]);
}

/// Returns the lines about two documents whose operation has a client from a document by hand.
fn by_hand(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut new = document();
    change(&mut new);
    let [old, new] = [document(), new].map(|document| {
        let surface = Surface::of(&document, &[]).unwrap();
        let by_hand = [("doIt", "specs/by-hand.yaml".to_owned())];
        surface.with_by_hand(&document, &by_hand).unwrap()
    });
    lines(&old, &new)
}

#[test]
fn a_token_endpoint_has_lines_though_its_client_comes_from_a_document_by_hand() {
    check([
        (
            "another path",
            by_hand(|document| {
                let item = document["paths"]["/things"].take();
                document["paths"] = json!({ "/token": item });
            }),
            "breaking       operation doIt: was POST /things and is POST /token: \
             mocks, proxies and traces see it",
        ),
        (
            "another request",
            by_hand(|document| {
                document.pointer_mut(REQUEST).unwrap()["required"] = json!(["name", "label"]);
            }),
            "documentation  operation doIt: takes or answers something else; \
             its client is generated from specs/by-hand.yaml, so compare them",
        ),
        (
            "other words",
            by_hand(|document| {
                document.pointer_mut(OPERATION).unwrap()["description"] = json!("Does it well.");
            }),
            "",
        ),
    ]);
}
