//! What a change of an operation, and of what stands around it, is for users of this crate.

#[path = "support/verdicts.rs"]
mod support;

use serde_json::{json, Value};
use support::spec_update::changes::changes;
use support::spec_update::generated::unjudged;
use support::spec_update::surface::Surface;
use support::{document, set, surface, verdicts, OPERATION};

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

#[test]
fn a_type_that_only_prose_defines_is_ignored() {
    let [old, new] = [
        r#"pub struct Thing { # [doc = "pub struct Thing { pub a : u8 }"] pub a : u16 }"#,
        r#"pub struct Thing { # [doc = "pub struct Other { }"] pub a : u16 }"#,
    ];
    assert_eq!(unjudged(old, new, &[]), []);
}

// Elsewhere.

#[test]
fn what_is_not_in_use_says_nothing() {
    let elsewhere =
        json!({"get": {"operationId": "else", "responses": {"200": {"description": "Done"}}}});
    assert_eq!(set("/paths", "/elsewhere", elsewhere), [""; 0]);
}
