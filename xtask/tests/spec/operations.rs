//! What a change of an operation, and of what stands around it, is for users of this crate.

use super::verdicts::{document, lines, set, surface, verdicts, OPERATION, REQUEST};
use serde_json::{json, Value};
use xtask::generated::unexplained;
use xtask::surface::Surface;

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
    let server = |region: &str| {
        json!([{
            "url": "https://{region}.example",
            "variables": {"region": {"default": region}}
        }])
    };
    let lines = between(|old, new| {
        old["servers"] = server("eu");
        new["servers"] = server("us");
    });
    let expected = [
        "breaking       server https://eu.example: is gone; the facade decides where requests go",
        "documentation  server https://us.example: is new; the facade decides where requests go",
    ];
    assert_eq!(lines, expected);
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

// Credentials.

/// The lines about two documents, each made of one with schemes of every kind, which asks for one of two.
fn between(change: impl FnOnce(&mut Value, &mut Value)) -> Vec<String> {
    let mut old = document();
    old["security"] = json!([{"key": []}, {"oauth": ["read"]}]);
    old["components"]["securitySchemes"] = json!({
        "key": {"type": "apiKey", "in": "header", "name": "Authorization"},
        "jwt": {"type": "http", "scheme": "bearer"},
        "discovered": {"type": "openIdConnect", "openIdConnectUrl": "https://id.example"},
        "oauth": {"type": "oauth2", "flows": {"authorizationCode": {
            "authorizationUrl": "https://app.example/authorize",
            "tokenUrl": "https://api.example/token",
            "scopes": {"read": "Read things.", "write": "Write things."},
        }}},
    });
    let mut new = old.clone();
    change(&mut old, &mut new);
    lines(&surface(old), &surface(new))
}

const SCHEMES: &str = "/components/securitySchemes";
const FLOW: &str = "/components/securitySchemes/oauth/flows/authorizationCode";

/// The line about one change of that document's security, without the column of verdicts.
fn security(pointer: &str, value: Value) -> String {
    let lines = between(|_, new| {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        new.pointer_mut(parent).unwrap()[name] = value;
    });
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines[0].split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_change_of_a_scheme_or_of_its_urls_and_scopes() {
    let flow = "scheme oauth, flow authorizationCode";
    let url = |path: &str| json!(format!("https://new.example/{path}"));
    let key = |place: &str, name: &str| json!({"type": "apiKey", "in": place, "name": name});
    for (pointer, value, line) in [
        (
            format!("{SCHEMES}/key"),
            key("header", "X-Key"),
            "breaking scheme key: was header Authorization and is header X-Key".to_owned(),
        ),
        (
            format!("{SCHEMES}/key"),
            key("query", "Authorization"),
            "breaking scheme key: was header Authorization and is query Authorization".to_owned(),
        ),
        (
            format!("{SCHEMES}/key"),
            json!({"type": "http", "scheme": "Basic"}),
            "breaking scheme key: was header Authorization and is http basic".to_owned(),
        ),
        (
            format!("{FLOW}/authorizationUrl"),
            url("authorize"),
            format!("breaking {flow}, authorization URL: was https://app.example/authorize and is https://new.example/authorize"),
        ),
        (
            format!("{FLOW}/refreshUrl"),
            url("refresh"),
            format!("breaking {flow}, refresh URL: was https://api.example/token and is https://new.example/refresh"),
        ),
        (
            format!("{FLOW}/scopes"),
            json!({"read": "Read things."}),
            format!("breaking {flow}, scope write: is no longer offered; requesting it may fail"),
        ),
        (
            format!("{FLOW}/scopes"),
            json!({"read": "Read things.", "write": "Write things.", "all": "Everything."}),
            format!("documentation {flow}, scope all: is offered now; clients request no scope"),
        ),
        (
            format!("{FLOW}/scopes/read"),
            json!("Read all things."),
            "documentation scheme oauth: is described in other words (flow authorizationCode)".to_owned(),
        ),
        (
            format!("{SCHEMES}/oauth/flows/implicit"),
            json!({"authorizationUrl": "https://app.example/authorize", "scopes": {}}),
            "additive scheme oauth, flow implicit: is new".to_owned(),
        ),
    ] {
        assert_eq!(security(&pointer, value), line, "{pointer}");
    }
}

#[test]
fn another_token_url() {
    let lines = between(|_, new| {
        new.pointer_mut(FLOW).unwrap()["tokenUrl"] = json!("https://new.example/token");
    });
    let expected = [
        "breaking       scheme oauth, flow authorizationCode, refresh URL: \
         was https://api.example/token and is https://new.example/token",
        "breaking       scheme oauth, flow authorizationCode, token URL: \
         was https://api.example/token and is https://new.example/token",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_flow_that_is_gone() {
    let lines = between(|_, new| {
        let flow = json!({"tokenUrl": "https://api.example/token", "scopes": {}});
        new.pointer_mut(SCHEMES).unwrap()["oauth"]["flows"] = json!({"clientCredentials": flow});
    });
    assert_eq!(
        lines[0],
        "breaking       scheme oauth, flow authorizationCode: is gone"
    );
}

#[test]
fn a_scheme_behind_a_reference() {
    let lines = between(|old, new| {
        for (document, scheme) in [(old, "basic"), (new, "bearer")] {
            let schemes = &mut document["components"]["securitySchemes"];
            schemes["key"] = json!({"$ref": "#/components/securitySchemes/jwt"});
            schemes["jwt"]["scheme"] = json!(scheme);
        }
    });
    assert_eq!(
        lines,
        ["breaking       scheme key: was http basic and is http bearer"]
    );
}

#[test]
fn schemes_that_refer_to_each_other() {
    let lines = between(|_, new| {
        let to = |name: &str| json!({"$ref": format!("#/components/securitySchemes/{name}")});
        let schemes = &mut new["components"]["securitySchemes"];
        schemes["key"] = to("jwt");
        schemes["jwt"] = to("key");
    });
    assert_eq!(
        lines,
        ["breaking       scheme key: was header Authorization and is not described"]
    );
}

#[test]
fn a_change_of_what_every_operation_asks_for() {
    let key = "`key` is no longer accepted; the builder may still offer it";
    let jwt = "`jwt` is accepted now; the builder may take it";
    let nothing = "a request without a credential is accepted now; the builder may take it";
    for (security, expected) in [
        (
            json!([{"key": []}, {"oauth": ["read"]}, {"discovered": []}]),
            vec!["additive       credentials: `discovered` is accepted now; the builder may take it".to_owned(),
                 "additive       scheme discovered: is new".to_owned()],
        ),
        (
            json!([{"key": []}, {"oauth": ["read", "write"]}]),
            vec!["breaking       credentials: `oauth` needs the scope `read` with `write` now, and needed the scope `read`".to_owned()],
        ),
        (
            json!([{"key": []}, {"oauth": []}]),
            vec!["documentation  credentials: `oauth` needs no scope now, and needed the scope `read`".to_owned()],
        ),
        (
            json!([{"key": []}, {"oauth": ["read"]}, {"oauth": ["write"]}]),
            vec!["documentation  credentials: `oauth` needs the scope `read` or the scope `write` now, and needed the scope `read`".to_owned()],
        ),
        (
            json!([{"key": []}, {"oauth": ["read"]}, {}]),
            vec![format!("additive       credentials: {nothing}")],
        ),
        (
            json!([{"jwt": []}, {"oauth": ["read"]}]),
            vec![
                format!("additive       credentials: {jwt}"),
                format!("breaking       credentials: {key}"),
                "additive       scheme jwt: is new".to_owned(),
                "breaking       scheme key: is gone".to_owned(),
            ],
        ),
        (
            json!([{"key": [], "jwt": []}, {"oauth": ["read"]}]),
            vec![
                "additive       credentials: `jwt` with `key` is accepted now; the builder may take it".to_owned(),
                format!("breaking       credentials: {key}"),
                "additive       scheme jwt: is new".to_owned(),
            ],
        ),
    ] {
        let lines = between(|_, new| new["security"] = security.clone());
        assert_eq!(lines, expected, "{security}");
    }
}

#[test]
fn a_change_of_what_one_operation_asks_for() {
    for (security, line) in [
        (
            json!([{"oauth": ["read"]}]),
            Some("breaking operation doIt, credentials: `key` is no longer accepted; the builder may still offer it"),
        ),
        (
            json!([{"key": []}, {"oauth": ["write"]}]),
            Some("breaking operation doIt, credentials: `oauth` needs the scope `write` now, and needed the scope `read`"),
        ),
        // As before, and said at another place.
        (json!([{"oauth": ["read"]}, {"key": []}]), None),
    ] {
        let lines = between(|_, new| new.pointer_mut(OPERATION).unwrap()["security"] = security.clone());
        let lines: Vec<_> = lines
            .iter()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let expected: Vec<_> = line.into_iter().collect();
        assert_eq!(lines, expected, "{security}");
    }
}

#[test]
fn an_operation_that_asks_for_nothing_now() {
    let lines = between(|_, new| new.pointer_mut(OPERATION).unwrap()["security"] = json!([]));
    let expected = [
        "additive       operation doIt, credentials: a request without a credential is accepted now; \
         the builder may take it",
        "breaking       operation doIt, credentials: `key` is no longer accepted; the builder may still offer it",
        "breaking       operation doIt, credentials: `oauth` is no longer accepted; the builder may still offer it",
    ];
    assert_eq!(lines, expected);
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

// What only the generator sees.

#[test]
fn a_type_of_another_form_that_nothing_else_speaks_of() {
    let [old, new] = [
        "pub struct Thing { pub a : u8 }",
        "pub struct Thing { pub a : u16 }",
    ];
    let found = unexplained(old, new, &[]);
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
    assert_eq!(unexplained(old, &new.replace("{ pub", "{  pub"), &[]), []);
}

#[test]
fn a_type_that_only_prose_defines_is_ignored() {
    let [old, new] = [
        r#"pub struct Thing { # [doc = "pub struct Thing { pub a : u8 }"] pub a : u16 }"#,
        r#"pub struct Thing { # [doc = "pub struct Other { }"] pub a : u16 }"#,
    ];
    assert_eq!(unexplained(old, new, &[]), []);
}

// Elsewhere.

#[test]
fn what_is_not_in_use_says_nothing() {
    let elsewhere =
        json!({"get": {"operationId": "else", "responses": {"200": {"description": "Done"}}}});
    assert_eq!(set("/paths", "/elsewhere", elsewhere), [""; 0]);
}
