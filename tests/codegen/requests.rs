//! A request is sent as its document says, or the build stops.

use crate::document;

use document::{answering, fault, prepared, source, with};
use serde_json::{json, Value};

/// A document whose operation has this parameter.
fn parameter(parameter: Value) -> Value {
    let document = answering(json!({"type": "string"}));
    with(document, "/paths/~1it/get/parameters", json!([parameter]))
}

fn query(schema: Value) -> Value {
    json!({"name": "q", "in": "query", "schema": schema})
}

fn list() -> Value {
    json!({"type": "array", "items": {"type": "string"}})
}

fn object() -> Value {
    json!({"type": "object", "properties": {"a": {"type": "string"}}})
}

/// The sentence about the parameter `q`.
fn wrong(why: &str) -> String {
    format!(
        "operation `doIt`: the parameter `q` {why}; describe it as one value, or in the query as an \
         exploded list of values in the style `form`: nothing else is sent right"
    )
}

// Parameters.

#[test]
fn a_list_in_the_query_is_sent() {
    assert!(source(parameter(query(list()))).contains("::std::vec::Vec<::std::string::String>"));
}

#[test]
fn a_parameter_that_would_be_sent_wrong_stops_the_build() {
    let of = |schema: Value| ("schema", schema);
    let (style, shape) = (
        "has a style that is not the default of its place",
        "is neither one value nor a list of such values",
    );
    let objects = json!({"type": "array", "items": object()});
    let media = ("content", json!({"application/json": {"schema": object()}}));
    for (place, other, (form, value), why) in [
        (
            "query",
            ("explode", json!(false)),
            of(list()),
            "is a list in one pair (`explode: false`)",
        ),
        ("query", ("explode", json!(true)), of(object()), shape),
        ("query", ("explode", json!(true)), of(objects), shape),
        (
            "query",
            ("explode", json!(true)),
            of(json!({"$ref": "#/components/schemas/Thing"})),
            shape,
        ),
        (
            "query",
            ("style", json!("spaceDelimited")),
            of(list()),
            style,
        ),
        (
            "query",
            ("style", json!("pipeDelimited")),
            of(list()),
            style,
        ),
        ("query", ("style", json!("deepObject")), of(list()), style),
        (
            "path",
            ("style", json!("label")),
            of(json!({"type": "string"})),
            style,
        ),
        (
            "header",
            ("required", json!(true)),
            of(list()),
            "is a list outside the query",
        ),
        (
            "query",
            ("required", json!(true)),
            media,
            "has a media type in place of a schema",
        ),
    ] {
        let wrong_one = json!({"name": "q", "in": place, other.0: other.1, form: value});
        let document = with(parameter(wrong_one), "/components/schemas/Thing", object());
        assert_eq!(fault(document), wrong(why));
    }
}

#[test]
fn one_value_is_the_same_exploded_or_not() {
    let document = parameter(query(json!({"type": "string"})));
    prepared(with(
        document,
        "/paths/~1it/get/parameters/0/explode",
        json!(false),
    ));
}

#[test]
fn a_cookie_stops_the_build() {
    let cookie = json!({"name": "q", "in": "cookie", "schema": {"type": "string"}});
    let expected =
        "operation `doIt`: the parameter `q` goes into a cookie, and none are sent; take the \
                    parameter out of the document, if the operation works without it";
    assert_eq!(fault(parameter(cookie)), expected);
}

#[test]
fn headers_that_openapi_says_to_ignore_stop_the_build() {
    for name in ["Accept", "content-type", "Authorization"] {
        let header = json!({"name": name, "in": "header", "schema": {"type": "string"}});
        let expected = format!(
            "operation `doIt`: the parameter `{name}` is a header that OpenAPI says to ignore; take the parameter out \
             of the document"
        );
        assert_eq!(fault(parameter(header)), expected);
    }
}

#[test]
fn another_header_is_sent() {
    let header = json!({"name": "If-Match", "in": "header", "schema": {"type": "string"}});
    assert!(source(parameter(header)).contains(r#"header_map.append("If-Match""#));
}

#[test]
fn a_key_in_the_query_or_a_header_stops_the_build() {
    for (name, place) in [("access_token", "query"), ("sharedKey", "header")] {
        let key = json!({"name": name, "in": place, "schema": {"type": "string"}});
        let expected = format!(
            "operation `doIt`: the parameter `{name}` holds a key, and nothing keeps a query or a header from \
             being printed; describe it as a security scheme, whose credential the builder is given"
        );
        assert_eq!(fault(parameter(key)), expected);
    }
}

#[test]
fn a_parameter_that_may_be_null_may_be_left_out_instead() {
    let nullable = json!({"type": "string", "nullable": true});
    assert!(source(parameter(query(nullable))).contains("q:Option<&'astr>"));
}

// Methods.

#[test]
fn a_method_that_is_not_made_stops_the_build() {
    for method in ["head", "options", "trace"] {
        let mut document = answering(json!({"type": "string"}));
        let operation = document["paths"]["/it"]["get"].take();
        let document = with(document, "/paths/~1it", json!({method: operation}));
        let expected = format!(
            "operation `doIt`: it is a {} request, which this crate's clients do not make; \
             take the operation from the list in build/documents.rs",
            method.to_uppercase()
        );
        assert_eq!(fault(document), expected);
    }
}

// Servers.

fn server(url: &str) -> Value {
    json!([{"url": url}])
}

/// A document at one server, with another for this part of it.
fn at_a_server_of_its_own(part: &str, url: &str) -> Value {
    let document = answering(json!({"type": "string"}));
    let document = with(document, "/servers", server("https://api.example"));
    with(document, part, server(url))
}

#[test]
fn an_operation_at_a_server_of_its_own_stops_the_build() {
    for part in ["/paths/~1it/get/servers", "/paths/~1it/servers"] {
        let expected = "operation `doIt`: it is at a server of its own, `https://other.example`, and a \
                        client calls one base URL; describe it in a document of its own, whose client gets \
                        that base URL";
        let document = at_a_server_of_its_own(part, "https://other.example");
        assert_eq!(fault(document), expected);
    }
}

#[test]
fn an_operation_that_repeats_the_server_of_the_document_is_called_there() {
    prepared(at_a_server_of_its_own(
        "/paths/~1it/get/servers",
        "https://api.example/",
    ));
}

// Bodies.

/// A document whose operation has a body of these media types.
fn body(content: Value) -> Value {
    let document = answering(json!({"type": "string"}));
    with(
        document,
        "/paths/~1it/get/requestBody",
        json!({"content": content}),
    )
}

#[test]
fn a_body_that_is_neither_json_nor_a_form_stops_the_build() {
    for media_type in [
        "multipart/form-data",
        "text/plain",
        "application/octet-stream",
    ] {
        let expected = format!(
            "operation `doIt`: its body is `{media_type}`, and only JSON and forms are written; take the \
             operation from the list in build/documents.rs, or describe the body as JSON if it is that"
        );
        assert_eq!(
            fault(body(json!({media_type: {"schema": object()}}))),
            expected
        );
    }
}

#[test]
fn several_forms_of_a_body_stop_the_build() {
    let schema = json!({"schema": object()});
    let content = json!({"application/x-www-form-urlencoded": schema, "application/json; charset=utf-8": schema});
    let expected = "operation `doIt`: its body has several media types; describe the form that this crate is to use, \
                    application/json where there is one";
    assert_eq!(fault(body(content)), expected);
}

#[test]
fn a_body_in_json_with_a_charset_is_sent() {
    let content = json!({"application/json; charset=utf-8": {"schema": object()}});
    assert!(source(body(content)).contains(".json(&body)"));
}

#[test]
fn a_body_without_a_schema_stops_the_build() {
    let expected = "operation `doIt`: its body has no schema; describe the body";
    assert_eq!(fault(body(json!({"application/json": {}}))), expected);
}

#[test]
fn a_body_without_a_media_type_stops_the_build() {
    let expected = "operation `doIt`: its body has no media type; describe the body";
    assert_eq!(fault(body(json!({}))), expected);
}

#[test]
fn a_body_that_may_be_left_out_is_always_sent() {
    let source = source(body(json!({"application/json": {"schema": object()}})));
    assert!(source.contains("body:&'atypes::DoItBody"), "{source}");
}
