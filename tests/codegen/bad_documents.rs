//! A document that cannot be used stops the build with one sentence: file, place, what to do.

use crate::document;
use crate::whole as whole_document;

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use document::steps::documents::{Document, DOCUMENTS};
use document::steps::{client, emit::generate::Options};
use document::{answering, with};
use proc_macro2::{Literal, TokenStream, TokenTree};
use serde_json::{json, Value};

/// Builds a client from a file of this content, and returns the sentence without the folder.
fn sentence(name: &str, content: &[u8]) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(name);
    fs::write(&file, content).unwrap();
    let file = file.to_str().unwrap().to_owned();
    build(file).replace(&format!("{}/", folder.display()), "")
}

fn build(file: impl Into<Cow<'static, str>>) -> String {
    let document = Document {
        file: file.into(),
        variable: None,
        by_hand: None,
        module: "test",
        operations: &["doIt"],
    };
    client(&document, &Options::default()).err().unwrap()
}

#[test]
fn a_file_that_is_not_there() {
    let expected = "specs/nothing.json: the document cannot be read: No such file or directory \
                    (os error 2); put an OpenAPI 3.0 document there, in UTF-8";
    assert_eq!(build("specs/nothing.json"), expected);
}

#[test]
fn a_file_that_is_no_text() {
    let expected = "binary.json: the document cannot be read: stream did not contain valid UTF-8; \
                    put an OpenAPI 3.0 document there, in UTF-8";
    assert_eq!(sentence("binary.json", b"\xff\xfe"), expected);
}

#[test]
fn json_that_is_empty() {
    let expected = "empty.json: the document is empty; put an OpenAPI 3.0 document there, in UTF-8";
    assert_eq!(sentence("empty.json", b""), expected);
}

#[test]
fn yaml_that_is_empty() {
    let expected = "empty.yaml: the document is empty; put an OpenAPI 3.0 document there, in UTF-8";
    assert_eq!(sentence("empty.yaml", b" \n"), expected);
}

#[test]
fn yaml_that_is_nothing_but_a_comment() {
    let expected = "comment.yaml: the document has no `openapi` version, so it is not an OpenAPI \
                    document; only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition";
    assert_eq!(sentence("comment.yaml", b"# to be written"), expected);
}

#[test]
fn a_file_that_is_no_json() {
    let expected = "html.json: the document is not JSON: expected value at line 1 column 1; \
                    take a complete copy of it; a YAML document needs the extension .yaml";
    assert_eq!(sentence("html.json", b"<html>"), expected);
}

#[test]
fn a_file_that_is_no_yaml() {
    let expected = "broken.yaml: the document is not YAML: did not find expected ',' or ']' at line 2 column 1, while \
                    parsing a flow sequence at line 1 column 10; correct the document; keys such as status codes must be \
                    quoted";
    assert_eq!(sentence("broken.yaml", b"openapi: [3.0.3"), expected);
}

#[test]
fn openapi_3_1() {
    let expected = "new.json: the document is OpenAPI 3.1.0, not 3.0; \
                    only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition";
    assert_eq!(sentence("new.json", br#"{"openapi":"3.1.0"}"#), expected);
}

#[test]
fn swagger_2() {
    let expected = "old.yaml: the document is Swagger 2.0; \
                    only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition";
    assert_eq!(sentence("old.yaml", b"swagger: '2.0'"), expected);
}

#[test]
fn json_that_is_no_openapi() {
    let expected = "other.json: the document has no `openapi` version, so it is not an OpenAPI \
                    document; only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition";
    assert_eq!(sentence("other.json", br#"{"hello":"world"}"#), expected);
}

#[test]
fn openapi_without_what_it_must_have() {
    let expected = "partial.json: the document is not valid OpenAPI 3.0: missing field `info`; \
                    correct the document, or take a complete copy of it";
    let mut document = referring();
    document.as_object_mut().unwrap().remove("info");
    assert_eq!(built("partial.json", &document), expected);
}

// Documents that can be read, and not be used.

/// Builds a client from this document.
fn built(name: &str, document: &Value) -> String {
    sentence(name, document.to_string().as_bytes())
}

/// A document whose operation is answered with the component `Thing`.
fn referring() -> Value {
    let document = answering(json!({"$ref": "#/components/schemas/Thing"}));
    let thing = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    with(document, "/components/schemas/Thing", thing)
}

#[test]
fn a_reference_to_nowhere() {
    let mut document = referring();
    document["components"]["schemas"] = json!({});
    let expected = "nowhere.json: operation `doIt`: the reference `#/components/schemas/Thing` leads nowhere; \
                    take a complete copy of the document, or correct the reference";
    assert_eq!(built("nowhere.json", &document), expected);
}

#[test]
fn a_circle_of_references() {
    let other = json!({"$ref": "#/components/schemas/Other"});
    let document = with(referring(), "/components/schemas/Thing", other);
    let thing = json!({"$ref": "#/components/schemas/Thing"});
    let document = with(document, "/components/schemas/Other", thing);
    let expected =
        "circle.json: operation `doIt`: the schema `Other` is made of itself, by references or by \
                    allOf, oneOf, anyOf or not; break the circle of references";
    assert_eq!(built("circle.json", &document), expected);
}

#[test]
fn a_circle_of_shared_parts() {
    let reference = json!({"$ref": "#/components/responses/A"});
    let document = with(
        referring(),
        "/paths/~1it/get/responses/200",
        reference.clone(),
    );
    let document = with(document, "/components/responses", json!({"A": reference}));
    let expected = "parts.json: operation `doIt`: the reference `#/components/responses/A` leads back to itself; \
                    break the circle of references";
    assert_eq!(built("parts.json", &document), expected);
}

#[test]
fn a_wanted_operation_that_is_missing() {
    let document = with(referring(), "/paths/~1it/get/operationId", json!("doItNot"));
    let expected = "missing.json: operation `doIt`: the document has no such operation; \
                    it was renamed or removed: change the list of operations in build/documents.rs";
    assert_eq!(built("missing.json", &document), expected);
}

#[test]
fn two_operations_of_one_id() {
    let again = referring()["paths"]["/it"].clone();
    let document = with(referring(), "/paths/~1again", again);
    let expected = "twice.json: operation `doIt`: the document has 2 operations of this id; \
                    give each a unique operationId";
    assert_eq!(built("twice.json", &document), expected);
}

#[test]
fn two_schemas_of_one_rust_name() {
    let member = json!({"$ref": "#/components/schemas/thing"});
    let document = with(
        referring(),
        "/components/schemas/Thing/properties/b",
        member,
    );
    let document = with(
        document,
        "/components/schemas/thing",
        json!({"type": "object"}),
    );
    let expected = "names.json: `Thing` and `thing` would share the type name `Thing`; \
                    rename one of them in the document";
    assert_eq!(built("names.json", &document), expected);
}

#[test]
fn successes_of_two_kinds() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let other = json!({"description": "Done", "content": {"application/json": {"schema": list}}});
    let document = with(referring(), "/paths/~1it/get/responses/201", other);
    let expected =
        "kinds.json: operation `doIt`: its successes differ, and a method has one result; describe all \
                    successes with one schema, or none of them with one";
    assert_eq!(built("kinds.json", &document), expected);
}

#[test]
fn a_type_that_the_generator_refuses() {
    let parameter =
        json!([{"name": "q", "in": "query", "schema": {"type": "integer", "enum": ["a"]}}]);
    let document = with(referring(), "/paths/~1it/get/parameters", parameter);
    let expected = "enum.json: operation `doIt`: the generator refuses the document: type error value does \
                    not conform to the given schema; simplify what it names, or prepare it in build/transform/";
    assert_eq!(built("enum.json", &document), expected);
}

#[test]
fn a_document_that_the_generator_panics_about() {
    let parameter = json!([{"name": "it", "in": "path", "schema": {"type": "string"}}]);
    let document = with(referring(), "/paths/~1it/get/parameters", parameter);
    let expected =
        "panic.json: operation `doIt`: the generator refuses the document: it panicked with \
                    \"assertion failed: parameter_data.required\"; \
                    simplify what it names, or prepare it in build/transform/";
    assert_eq!(built("panic.json", &document), expected);
}

// Documents that attack the build: a small one, and one as large as PandaDoc's.

/// A document, and the places of it that an attack changes.
struct Target {
    name: &'static str,
    document: Value,
    operations: &'static [&'static str],
    path: &'static str,
    method: &'static str,
    /// An answer that has other members than its key.
    answer: &'static str,
    request: &'static str,
    listed: &'static str,
}

impl Target {
    fn at(&mut self, pointer: &str) -> &mut Value {
        self.document.pointer_mut(pointer).unwrap()
    }

    fn operation(&mut self) -> &mut Value {
        &mut self.document["paths"][self.path][self.method]
    }

    /// Puts a schema where a member of the answer, or of the request, is described.
    fn describe(&mut self, place: &str, member: &str, schema: Value) {
        self.at(place)["properties"][member] = schema;
    }

    fn built(&self, attack: &str) -> Result<String, String> {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let file = folder.join(format!("{}-{attack}.json", self.name));
        fs::write(&file, self.document.to_string()).unwrap();
        let document = Document {
            file: file.to_str().unwrap().to_owned().into(),
            variable: None,
            by_hand: None,
            module: "test",
            operations: self.operations,
        };
        let built = client(&document, &Options::default());
        let without_folder = |fault: String| fault.replace(&format!("{}/", folder.display()), "");
        built.map(|client| client.source).map_err(without_folder)
    }
}

fn small() -> Target {
    let thing = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let content = |name: &str| json!({"application/json": {"schema": thing(name)}});
    let path = json!({"post": {
        "operationId": "doIt",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": content("Request")},
        "responses": {
            "200": {"description": "Done", "content": content("Answer")},
            "404": {"description": "No"},
        },
    }});
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "A test", "version": "1"},
        "paths": {"/things/{id}": path},
        "components": {"schemas": {
            "Answer": {"type": "object", "required": ["shared_key"], "properties": {
                "shared_key": {"type": "string"}, "name": {"type": "string"}, "kind": thing("Kind"),
            }},
            "Request": {"type": "object", "properties": {"name": {"type": "string"}}},
            "Kind": {"type": "string", "enum": ["one", "two"]},
        }},
    });
    Target {
        name: "small",
        document,
        operations: &["doIt"],
        path: "/things/{id}",
        method: "post",
        answer: "/components/schemas/Answer",
        request: "/components/schemas/Request",
        listed: "/components/schemas/Kind",
    }
}

fn whole() -> Target {
    let [pandadoc, ..] = DOCUMENTS;
    Target {
        name: "whole",
        document: whole_document::document(),
        operations: pandadoc.operations,
        path: "/public/v1/webhook-subscriptions/{id}/shared-key",
        method: "patch",
        answer: "/components/schemas/WebhookSubscriptionItemResponse",
        request: "/components/schemas/WebhookSubscriptionCreateRequest",
        listed: "/components/schemas/WebhookSubscriptionTriggerEnum",
    }
}

fn targets() -> [Target; 2] {
    [small(), whole()]
}

/// The sentence about each target, without the file.
fn sentences(attack: &str, change: impl Fn(&mut Target)) -> [String; 2] {
    targets().map(|mut target| {
        change(&mut target);
        let sentence = target.built(attack).unwrap_err();
        let (_, sentence) = sentence.split_once(": ").unwrap();
        sentence.to_owned()
    })
}

/// The code, whatever is said in it: each literal is the same.
fn code(source: &str) -> String {
    without_literals(source.parse().unwrap()).to_string()
}

fn without_literals(source: TokenStream) -> TokenStream {
    let tokens = source.into_iter().map(|token| match token {
        TokenTree::Literal(_) => TokenTree::Literal(Literal::u8_unsuffixed(0)),
        TokenTree::Group(group) => TokenTree::Group(proc_macro2::Group::new(
            group.delimiter(),
            without_literals(group.stream()),
        )),
        other => other,
    });
    tokens.collect()
}

/// Prose that was code, or could be.
const PROSE: [&str; 12] = [
    "pub struct Answer { pub evil : u8 , } pub struct WebhookSubscriptionItemResponse { pub evil : u8 , }",
    "async fn do_it ResponseValue < u8 ] E { } } pub fn evil ( ) { } mod more { x ! { [ u8 > , Error",
    "async fn update_webhook_subscription_shared_key ResponseValue < u8 > , Error",
    "*/ pub fn evil() {} /*",
    "\"# ] pub fn evil() {} #[doc = r#\"",
    "\"] pub fn evil() {} #[doc = \"",
    "#![allow(warnings)]",
    "One line.\n pub fn evil() {}\r\n/// more\r",
    "/// pub fn evil() {}",
    "\\\" } pub fn evil() {} {",
    "{0} {} {evil}",
    "\u{202e}\u{0}\u{feff}",
];

#[test]
fn prose_is_never_code() {
    for mut target in targets() {
        let code_of = |target: &Target| code(&target.built("prose").unwrap());
        for place in prose(&mut target) {
            *place = json!("Harmless.");
        }
        let harmless = code_of(&target);
        for text in PROSE {
            for place in prose(&mut target) {
                *place = json!(text);
            }
            assert_eq!(code_of(&target), harmless, "{}: {text}", target.name);
        }
    }
}

/// Where a document has prose, in all that is generated.
fn prose(target: &mut Target) -> Vec<&mut Value> {
    let (path, method) = (target.path, target.method);
    let component = |pointer: &str| pointer.rsplit('/').next().unwrap().to_owned();
    let (answer, request, listed) = (
        component(target.answer),
        component(target.request),
        component(target.listed),
    );
    let Value::Object(document) = &mut target.document else {
        unreachable!()
    };
    let mut places = Vec::new();
    for (name, part) in document {
        match name.as_str() {
            "info" => {
                for (name, text) in part.as_object_mut().unwrap() {
                    if ["title", "description"].contains(&name.as_str()) {
                        places.push(text);
                    }
                }
            }
            "paths" => collect_prose(&mut part[path][method], &mut places),
            "components" => {
                for (name, schema) in part["schemas"].as_object_mut().unwrap() {
                    if [&answer, &request, &listed].contains(&name) {
                        collect_prose(schema, &mut places);
                    }
                }
            }
            _ => {}
        }
    }
    places
}

/// Gives every object that can have one a description, and returns them all.
fn collect_prose<'a>(value: &'a mut Value, places: &mut Vec<&'a mut Value>) {
    let Value::Object(members) = value else {
        if let Value::Array(items) = value {
            for item in items {
                collect_prose(item, places);
            }
        }
        return;
    };
    let is_described = members.contains_key("type")
        || members.contains_key("responses")
        || members.contains_key("in");
    if is_described {
        for name in ["description", "title", "summary"] {
            members.entry(name).or_insert(Value::Null);
        }
    }
    for (name, member) in members {
        match name.as_str() {
            "description" | "title" | "summary" if !member.is_object() => places.push(member),
            "example" | "examples" | "default" => {}
            _ => collect_prose(member, places),
        }
    }
}

#[test]
fn no_prose_is_a_test_of_rustdocs() {
    let bare = |source: &str| {
        let tokens: TokenStream = source.parse().unwrap();
        tokens.to_string().matches("# [doc").count()
    };
    for target in targets() {
        assert_eq!(
            bare(&target.built("doctests").unwrap()),
            0,
            "{}",
            target.name
        );
    }
}

#[test]
fn every_operation_of_the_package_has_an_example() {
    for document in DOCUMENTS {
        let built = client(&document, &Options::default()).ok().unwrap();
        let examples = built.source.matches("/// ```no_run").count();
        assert_eq!(examples, document.operations.len(), "{}", document.module);
    }
}

#[test]
fn the_source_is_formatted() {
    for target in targets() {
        let source = target.built("formatted").unwrap();
        let formatted = prettyplease::unparse(&syn::parse_file(&source).unwrap());
        assert_eq!(source, formatted, "{}", target.name);
    }
}

#[test]
fn an_extension_changes_nothing() {
    for mut target in targets() {
        let plain = target.built("extensions").unwrap();
        extend(&mut target.document);
        assert_eq!(
            target.built("extensions").unwrap(),
            plain,
            "{}",
            target.name
        );
    }
}

/// Gives every object of the document every extension that the build or the generator knows.
fn extend(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(extend);
            let has = |name: &str, is: fn(&Value) -> bool| members.get(name).is_some_and(is);
            let is_extensible = has("type", Value::is_string)
                || has("description", Value::is_string)
                || has("responses", Value::is_object)
                || has("allOf", Value::is_array);
            if is_extensible {
                let text = json!({"crate": "std", "version": "*", "path": "std::string::String"});
                members.insert("x-rust-type".to_owned(), text);
                members.insert("x-dropshot-websocket".to_owned(), json!(true));
                members.insert("x-dropshot-pagination".to_owned(), json!({"required": []}));
                members.insert("x-without-body".to_owned(), json!(true));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(extend),
        _ => {}
    }
}

#[test]
fn an_extension_that_is_referred_to_changes_nothing() {
    for mut target in targets() {
        let text = json!({"crate": "std", "version": "*", "path": "std::string::String"});
        let evil = json!({"x-rust-type": text, "type": "string"});
        target.document["components"]["schemas"]["Evil"] = evil;
        let reference = json!({"$ref": "#/components/schemas/Evil"});
        let answer = target.answer;
        target.describe(answer, "shared_key", reference);
        let source = target.built("referred").unwrap().replace(' ', "");
        assert!(!source.contains("pubshared_key:::std::string::String"));
        assert!(source.contains("crate::Secret"), "{}", target.name);
    }
}

#[test]
fn a_path_that_would_be_sent_elsewhere_stops_the_build() {
    for (path, why) in [
        ("//evil.example/{id}", "has an empty segment"),
        ("/a//{id}", "has an empty segment"),
        ("/\\evil.example/{id}", "has a character that no path has"),
        ("/it#/{id}", "has a character that no path has"),
        ("/it?x={id}", "has a character that no path has"),
        ("/a b/{id}", "has a character that no path has"),
        ("/a\n/{id}", "has a character that no path has"),
        ("/\"/{id}", "has a character that no path has"),
        ("/../{id}", "has a segment of dots"),
        ("/%2e%2E/{id}", "has a segment of dots"),
        ("/./{id}", "has a segment of dots"),
        ("/{id}}", "has braces that do not pair"),
        ("/{{id}", "has braces that do not pair"),
        ("/{id", "has braces that do not pair"),
        ("/{}/{id}", "has braces that do not pair"),
        (".evil.example/{id}", "does not begin with `/`"),
        ("@evil.example", "does not begin with `/`"),
        (":8443/", "does not begin with `/`"),
        ("https://evil.example/{id}", "does not begin with `/`"),
        ("", "does not begin with `/`"),
    ] {
        let found = sentences("path", |target| {
            let item = target.document["paths"][target.path].take();
            target.document["paths"]
                .as_object_mut()
                .unwrap()
                .remove(target.path);
            target.document["paths"][path] = item;
        });
        let words: Vec<_> = path.split_whitespace().collect();
        let expected = |operation: &str| {
            format!(
            "operation `{operation}`: the path `{}` {why}; write it as `/`, segments and `{{parameters}}`, \
             percent-encoded (RFC 3986, section 3.3)",
            words.join(" "),
        )
        };
        assert_eq!(
            found,
            [
                expected("doIt"),
                expected("updateWebhookSubscriptionSharedKey")
            ]
        );
    }
}

const TOO_DEEP: &str = "the document is refused: with its aliases and references written out, it is nested more \
                        than 64 levels deep; leave out of it what its operations do not need, or make components of \
                        what is nested";

const TOO_LARGE: &str = "the document is refused: with its aliases and references written out, it has more than \
                         250000 values; leave out of it what its operations do not need, or make components of what \
                         is nested";

#[test]
fn a_schema_that_is_nested_too_deep_stops_the_build() {
    type Nest = fn(Value) -> Value;
    let nests: [Nest; 4] = [
        |inner| json!({"type": "array", "items": inner}),
        |inner| json!({"type": "object", "additionalProperties": inner}),
        |inner| json!({"not": inner}),
        |inner| json!({"properties": {"a": inner}}),
    ];
    for nest in nests {
        let found = sentences("deep", |target| {
            let deep = (0..50).fold(json!({"type": "string"}), |inner, _| nest(inner));
            let (answer, deep) = (
                target.answer,
                (0..10).fold(deep, |inner, _| json!({"items": inner})),
            );
            target.describe(answer, "deep", deep);
        });
        assert!(
            found.iter().all(|sentence| sentence.ends_with(TOO_DEEP)),
            "{found:?}"
        );
    }
}

#[test]
fn a_schema_that_is_nested_almost_too_deep_is_built() {
    for mut target in targets() {
        let deep = (0..57).fold(
            json!({"type": "string"}),
            |inner, _| json!({"type": "array", "items": inner}),
        );
        let answer = target.answer;
        // Members stand on level 6, and a type below its schema.
        target.describe(answer, "deep", deep);
        assert_eq!(target.built("almost").err(), None, "{}", target.name);
    }
}

#[test]
fn components_that_are_written_out_in_each_other_stop_the_build() {
    let found = sentences("composed", |target| {
        let many: serde_json::Map<_, _> = (0..500)
            .map(|n| (format!("member_{n}"), json!({"type": "string"})))
            .collect();
        target.document["components"]["schemas"]["Many"] =
            json!({"type": "object", "properties": many});
        let answer = target.answer;
        for n in 0..400 {
            let all = json!({"allOf": [{"$ref": "#/components/schemas/Many"}, {"required": ["member_0"]}]});
            target.document["components"]["schemas"][format!("All{n}")] = all;
            let reference = json!({"$ref": format!("#/components/schemas/All{n}")});
            target.describe(answer, &format!("all_{n}"), reference);
        }
    });
    assert!(
        found.iter().all(|sentence| sentence.ends_with(TOO_LARGE)),
        "{found:?}"
    );
}

#[test]
fn a_chain_of_too_many_components_stops_the_build() {
    let found = sentences("components", |target| {
        for n in 0..5_000 {
            let next = json!({"$ref": format!("#/components/schemas/Chain{}", n + 1)});
            target.document["components"]["schemas"][format!("Chain{n}")] = next;
        }
        target.document["components"]["schemas"]["Chain5000"] = json!({"type": "string"});
        let answer = target.answer;
        target.describe(
            answer,
            "chain",
            json!({"$ref": "#/components/schemas/Chain0"}),
        );
    });
    let expected = "the document is refused: its operations reach more than 1000 components; leave out of the answers \
                    and requests what is not needed";
    assert!(
        found.iter().all(|sentence| sentence.ends_with(expected)),
        "{found:?}"
    );
}

#[test]
fn alternatives_that_the_generator_would_multiply_stop_the_build() {
    let found = sentences("alternatives", |target| {
        for n in 0..20 {
            let next = json!({"$ref": format!("#/components/schemas/Choice{}", n + 1)});
            let choice = json!({"properties": {"a": {"type": "string"}}, "oneOf": [next, next]});
            target.document["components"]["schemas"][format!("Choice{n}")] = choice;
        }
        target.document["components"]["schemas"]["Choice20"] = json!({"type": "object"});
        let request = target.request;
        target.describe(
            request,
            "choice",
            json!({"$ref": "#/components/schemas/Choice0"}),
        );
    });
    let expected = "schema `Choice0`: it joins `oneOf`, `anyOf` or `not` with other keywords in one schema; describe it \
                    as one object with the members of all";
    assert_eq!(found, [expected, expected]);
}

#[test]
fn aliases_of_yaml_that_double_stop_the_build() {
    let mut yaml = String::from("openapi: 3.0.3\nx-0: &a0 [0, 0, 0, 0, 0, 0, 0, 0]\n");
    for n in 1..8 {
        let before = vec![format!("*a{}", n - 1); 8].join(", ");
        yaml += &format!("x-{n}: &a{n} [{before}]\n");
    }
    let expected = format!("aliases.yaml: {TOO_LARGE}");
    assert_eq!(sentence("aliases.yaml", yaml.as_bytes()), expected);
}

#[test]
fn aliases_of_yaml_that_come_to_too_much_stop_the_build() {
    let (zeros, aliases) = (vec!["0"; 5_000].join(", "), vec!["*zeros"; 60].join(", "));
    let yaml = format!("openapi: 3.0.3\nx-0: &zeros [{zeros}]\nx-1: [{aliases}]\n");
    let expected = format!("many.yaml: {TOO_LARGE}");
    assert_eq!(sentence("many.yaml", yaml.as_bytes()), expected);
}

#[test]
fn yaml_that_is_nested_too_deep_stops_the_build() {
    let yaml = format!("openapi: {}{}", "[".repeat(100), "]".repeat(100));
    let expected = format!("deep.yaml: {TOO_DEEP}");
    assert_eq!(sentence("deep.yaml", yaml.as_bytes()), expected);
}

#[test]
fn a_version_of_any_characters_is_text() {
    for mut target in targets() {
        target.document["info"]["version"] = json!("1\n2\"é");
        let source = target.built("version").unwrap();
        assert!(syn::parse_file(&source).is_ok(), "{}", target.name);
    }
}

#[test]
fn a_header_whose_name_headers_cannot_have_stops_the_build() {
    let found = sentences("header", |target| {
        let header = json!({"name": "a\nb", "in": "header", "schema": {"type": "string"}});
        let parameters = target.operation()["parameters"].as_array_mut();
        parameters.unwrap().push(header);
    });
    assert!(
        found.iter().all(|sentence| sentence.ends_with(
            "the parameter `a b` has a name that no header has; correct it (RFC 9110, section 5.1)"
        )),
        "{found:?}"
    );
}

#[test]
fn a_value_that_makes_no_name_stops_the_build() {
    for (value, name) in [("a²", "A²"), ("Ⓐ", "Ⓐ")] {
        let found = sentences("value", |target| {
            let listed = target.listed;
            target.at(listed)["enum"] = json!(["one", value]);
        });
        let expected = format!("`{name}` cannot be a name in Rust; rename it in the document, in letters, digits and `_`");
        assert!(
            found.iter().all(|sentence| sentence.ends_with(&expected)),
            "{found:?}"
        );
    }
}

#[test]
fn values_of_any_characters_are_text() {
    let values = [
        "] , Evil", "a\"b", "r#fn", "1", "fn", "*/", "c\\d", "é", "e\nf",
    ];
    for mut target in targets() {
        let listed = target.listed;
        target.at(listed)["enum"] = json!(values);
        let source = target.built("values").unwrap();
        assert!(!code(&source).contains("Evil ,"), "{}", target.name);
        assert!(syn::parse_file(&source).is_ok(), "{}", target.name);
    }
}

#[test]
fn a_component_whose_name_rust_cannot_have_stops_the_build() {
    for name in ["Thing²", "self"] {
        let found = sentences("name", |target| {
            target.document["components"]["schemas"][name] =
                json!({"type": "object", "properties": {"a": {"type": "string"}}});
            let reference = json!({"$ref": format!("#/components/schemas/{name}")});
            let request = target.request;
            target.describe(request, "other", reference);
        });
        assert!(
            found
                .iter()
                .all(|sentence| sentence.contains("cannot be a name in Rust")),
            "{found:?}"
        );
    }
}

#[test]
fn an_operation_whose_name_rust_cannot_have_stops_the_build() {
    for id in ["fn", "Self", "1", "\"", "²"] {
        let document = with(referring(), "/paths/~1it/get/operationId", json!(id));
        let fault = document::steps::prepare::prepare(&document, &[id], "test");
        let fault = fault.unwrap_err().to_string();
        assert!(fault.contains("cannot be a name in Rust"), "{id}: {fault}");
    }
}

#[test]
fn two_members_that_the_generator_takes_for_one_stop_the_build() {
    let found = sentences("members", |target| {
        let request = target.request;
        target.describe(request, "a²", json!({"type": "string"}));
        target.describe(request, "a³", json!({"type": "string"}));
    });
    assert!(
        found.iter().all(|sentence| sentence
            .ends_with("the generator makes two members `a`; rename one of them in the document")),
        "{found:?}"
    );
}

#[test]
fn a_sentence_is_one_line_of_plain_text_whatever_the_document_says() {
    let found = sentences("lines", |target| {
        let name = "a\ncargo::rustc-cfg=evil\r\u{1b}[2J";
        target.document["components"]["schemas"][name] =
            json!({"not": {"type": "string"}, "type": "string"});
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        let request = target.request;
        target.describe(request, "other", reference);
    });
    let expected = "schema `a cargo::rustc-cfg=evil \\u{1b}[2J`: it joins";
    assert!(
        found.iter().all(|sentence| sentence.starts_with(expected)),
        "{found:?}"
    );
}
