//! A change of an operation, or of the parts of a document around it, is breaking, additive, or documentation.

use super::verdicts::{document, lines, set, surface, verdicts, OPERATION, REQUEST};
use serde_json::{json, Value};
use xtask::surface::Surface;

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
    let new = Surface::of(&new, &[]).unwrap();
    lines(&surface(document()), &new)
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
        "breaking       server https://api.example: is gone; the facade decides where requests go",
        "documentation  server https://api2.example: is new; the facade decides where requests go",
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
fn another_default_of_a_variable_of_the_server() {
    let with_default = |region: &str| {
        let mut document = document();
        document["servers"] = json!([{
            "url": "https://{region}.example",
            "variables": {"region": {"default": region}}
        }]);
        surface(document)
    };
    let expected = [
        "breaking       server https://eu.example: is gone; the facade decides where requests go",
        "documentation  server https://us.example: is new; the facade decides where requests go",
    ];
    assert_eq!(lines(&with_default("eu"), &with_default("us")), expected);
}

#[test]
fn an_operation_that_was_renamed_with_its_parameter() {
    let at = |id: &str, name: &str| {
        let mut document = document();
        let mut item = document["paths"]["/things"].take();
        item["post"]["operationId"] = json!(id);
        document["paths"] = json!({ format!("/things/{{{name}}}"): item });
        document
    };
    let old = Surface::of(&at("doIt", "id"), &["doIt"]).unwrap();
    let new = Surface::of(&at("doItNow", "uuid"), &[]).unwrap();
    assert_eq!(
        lines(&old, &new)[0],
        "breaking       operation doIt: is called `doItNow` now"
    );
}

#[test]
fn a_path_with_other_text_around_its_parameter() {
    let at = |path: &str| {
        let mut document = document();
        let mut item = document["paths"]["/things"].take();
        let id =
            json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}});
        item["post"]["parameters"] = json!([id]);
        document["paths"] = json!({ path: item });
        surface(document)
    };
    let expected =
        "breaking       operation doIt: was POST /things/{id}.json and is POST /things/{id}.xml: \
                    mocks, proxies and traces see it";
    let lines = lines(&at("/things/{id}.json"), &at("/things/{id}.xml"));
    assert_eq!(lines[0], expected);
}

#[test]
fn two_parameters_in_one_segment() {
    let with = |second: &str| {
        let mut document = document();
        let mut item = document["paths"]["/things"].take();
        let parameter = |name: &str, kind: &str| json!({"name": name, "in": "path", "required": true, "schema": {"type": kind}});
        item["post"]["parameters"] = json!([parameter("a", second), parameter("b", "string")]);
        document["paths"] = json!({ "/things/{a}:{b}": item });
        surface(document)
    };
    let lines = lines(&with("string"), &with("integer"));
    assert_eq!(
        lines[0],
        "breaking       operation doIt, path parameter 1: was string and is integer"
    );
}

#[test]
fn what_no_other_line_is_about() {
    let lines = set(
        &format!("{OPERATION}/parameters/0"),
        "allowReserved",
        json!(true),
    );
    let expected = "documentation  operation doIt: differs at /parameters/0/allowReserved; \
                    this tool has no verdict on that, so look at it";
    assert_eq!(lines, [expected]);
}

// An operation whose client comes from a document by hand.

/// The lines about two documents in which the operation is one of these.
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
fn a_token_endpoint_of_another_path() {
    let lines = by_hand(|document| {
        let item = document["paths"]["/things"].take();
        document["paths"] = json!({ "/token": item });
    });
    let expected = "breaking       operation doIt: was POST /things and is POST /token: \
                    mocks, proxies and traces see it";
    assert_eq!(lines, [expected]);
}

#[test]
fn a_token_endpoint_that_takes_something_else() {
    let lines = by_hand(|document| {
        document.pointer_mut(REQUEST).unwrap()["required"] = json!(["name", "label"]);
    });
    let expected = "documentation  operation doIt: takes or answers something else; \
                    its client is generated from specs/by-hand.yaml, so compare them";
    assert_eq!(lines, [expected]);
}

#[test]
fn a_token_endpoint_in_other_words() {
    let lines = by_hand(|document| {
        document.pointer_mut(OPERATION).unwrap()["description"] = json!("Does it well.");
    });
    assert_eq!(lines, [""; 0]);
}

// Elsewhere.

#[test]
fn what_is_not_in_use_says_nothing() {
    let elsewhere =
        json!({"get": {"operationId": "else", "responses": {"200": {"description": "Done"}}}});
    assert_eq!(set("/paths", "/elsewhere", elsewhere), [""; 0]);
}
