//! A request is sent as its document says, or the build stops.

use crate::document;

use document::{answering, fault, json_of, object, prepared, reference, sending, source, with};
use serde_json::{json, Value};

/// A document whose operation has this parameter, and a component that is an object.
fn parameter(parameter: Value) -> Value {
    let document = answering(json!({"type": "string"}));
    let document = with(document, "/components/schemas/Thing", object(json!({})));
    with(document, "/paths/~1it/get/parameters", json!([parameter]))
}

/// A parameter `q` with another keyword.
fn q(place: &str, schema: &Value, keyword: &str, value: Value) -> Value {
    json!({"name": "q", "in": place, "required": true, "schema": schema, keyword: value})
}

// Parameters.

#[test]
fn a_parameter_that_is_sent_right_is_sent() {
    let (text, list) = (
        json!({"type": "string"}),
        json!({"type": "array", "items": {"type": "string"}}),
    );
    for parameter in [
        q("query", &text, "style", json!("form")),
        q("query", &text, "explode", json!(false)),
        q("query", &list, "explode", json!(true)),
        q("path", &text, "style", json!("simple")),
    ] {
        let at_path = with(self::parameter(parameter.clone()), "/paths", json!({}));
        let path = if parameter["in"] == "path" {
            "/it/{q}"
        } else {
            "/it"
        };
        let item = self::parameter(parameter)["paths"]["/it"].take();
        assert!(source(with(at_path, "/paths", json!({path: item}))).contains("q:&'a"));
    }
}

#[test]
fn a_parameter_that_would_be_sent_wrong_stops_the_build() {
    let (text, list) = (
        json!({"type": "string"}),
        json!({"type": "array", "items": {"type": "string"}}),
    );
    let things = json!({"type": "array", "items": reference("Thing")});
    let neither = "is neither one value nor an exploded list of values in the query; describe it as one of these, in the \
                   style that is the default of its place";
    let elsewhere = "goes neither into the path nor into the query; take it out of the document, if the operation works \
                     without it";
    for (parameter, why) in [
        (q("query", &list, "explode", json!(false)), neither),
        (
            q("query", &reference("Thing"), "explode", json!(true)),
            neither,
        ),
        (q("query", &things, "explode", json!(true)), neither),
        (q("query", &list, "style", json!("spaceDelimited")), neither),
        (q("query", &list, "style", json!("deepObject")), neither),
        (q("path", &text, "style", json!("label")), neither),
        (q("path", &list, "style", json!("simple")), neither),
        (json!({"name": "q", "in": "query"}), neither),
        (q("cookie", &text, "style", json!("form")), elsewhere),
        (q("header", &text, "style", json!("simple")), elsewhere),
    ] {
        let expected = format!("operation `doIt`: the parameter `q` {why}");
        assert_eq!(fault(self::parameter(parameter)), expected);
    }
}

#[test]
fn a_key_in_the_query_stops_the_build() {
    let key = json!({"name": "access_token", "in": "query", "schema": {"type": "string"}});
    let expected = "operation `doIt`: the parameter `access_token` holds a key, and nothing keeps a query from being \
                    printed; describe it as a security scheme, whose credential the builder is given";
    assert_eq!(fault(parameter(key)), expected);
}

// Paths.

/// A document with its operation at this path.
fn at(path: &str) -> Value {
    let mut document = answering(json!({"type": "string"}));
    let item = document["paths"]["/it"].take();
    with(document, "/paths", json!({path: item}))
}

#[test]
fn a_path_that_could_be_sent_elsewhere_stops_the_build() {
    for path in [
        "//evil.example/{id}",
        "/a//{id}",
        "/a/",
        "/",
        "/\\evil.example/{id}",
        "/it#/{id}",
        "/it?x={id}",
        "/a b/{id}",
        "/\"/{id}",
        "/../{id}",
        "/%2e%2E/{id}",
        "/./{id}",
        "/{id}}",
        "/{{id}",
        "/{id",
        "/{}/{id}",
        ".evil.example/{id}",
        "@evil.example",
        ":8443/",
        "https://evil.example/{id}",
        "",
    ] {
        let expected = format!(
            "operation `doIt`: the path `{path}` could be sent as another one; write it as `/` and segments, each of \
             letters, digits, `-`, `_` and `.`, or a `{{parameter}}`"
        );
        assert_eq!(fault(at(path)), expected);
    }
}

#[test]
fn a_path_of_plain_segments_is_sent() {
    prepared(at("/public/v1/webhook-events/oauth_2.0"));
}

// Bodies.

/// A document whose operation has a body of these media types.
fn body(content: Value) -> Value {
    let document = sending(object(json!({"a": {"type": "string"}})));
    with(document, "/paths/~1it/get/requestBody/content", content)
}

#[test]
fn a_form_is_sent() {
    let form = json_of("Body")["application/json"].take();
    let source = source(body(json!({"application/x-www-form-urlencoded": form})));
    assert!(source.contains(".form_urlencoded(&body)"), "{source}");
}

#[test]
fn a_body_that_is_neither_json_nor_a_form_stops_the_build() {
    let schema = json_of("Body")["application/json"].take();
    for content in [
        json!({"multipart/form-data": schema}),
        json!({"text/plain": schema}),
        json!({"application/json": schema, "application/x-www-form-urlencoded": schema}),
        json!({"application/json": {}}),
        json!({"application/json": {"schema": {"type": "string"}}}),
    ] {
        let expected = "operation `doIt`: its body isn't one component as application/json or \
                        application/x-www-form-urlencoded; describe it as that, or take the operation from the list in \
                        build/documents.rs";
        assert_eq!(fault(body(content)), expected);
    }
}

#[test]
fn a_body_without_a_media_type_stops_the_build() {
    let expected = "operation `doIt`: its body has no media type; describe it";
    assert_eq!(fault(body(json!({}))), expected);
}

#[test]
fn a_body_that_may_be_left_out_is_always_sent() {
    let required = "/paths/~1it/get/requestBody/required";
    let source = source(with(body(json_of("Body")), required, json!(false)));
    assert!(source.contains("body:&'atypes::Body"), "{source}");
}
