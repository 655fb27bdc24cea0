//! A change of a credential counts by what it does to a credential that worked before.

use super::verdicts::{document, lines, surface, OPERATION};
use serde_json::{json, Value};

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
