//! A document is untrusted: its prose isn't code, its extensions say nothing, and its names are names. Each
//! test runs on a small document, and on one as large as PandaDoc's.

use crate::document;
use crate::whole as whole_document;

use std::fs;
use std::path::PathBuf;

use document::steps::documents::{Document, DOCUMENTS};
use document::steps::{emit::generate::Options, sources};
use document::{json_of, reference};
use proc_macro2::{Literal, TokenStream, TokenTree};
use serde_json::{json, Value};

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
        let built = sources(&document, &Options::default());
        let without_folder = |fault: String| fault.replace(&format!("{}/", folder.display()), "");
        built
            .map(|sources| sources.client + &sources.mocks)
            .map_err(without_folder)
    }
}

fn small() -> Target {
    let path = json!({"post": {
        "operationId": "doIt",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": json_of("Request")},
        "responses": {
            "200": {"description": "Done", "content": json_of("Answer")},
            "404": {"description": "No"},
        },
    }});
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "A test", "version": "1"},
        "paths": {"/things/{id}": path},
        "components": {"schemas": {
            "Answer": {"type": "object", "required": ["shared_key"], "properties": {
                "shared_key": {"type": "string"}, "name": {"type": "string"}, "kind": reference("Kind"),
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

/// The places where a document has prose, in all that is generated.
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
    for (keyword, prose) in [
        ("type", ["description", "title"]),
        ("responses", ["description", "summary"]),
        ("in", ["description", "description"]),
    ] {
        if members
            .get(keyword)
            .is_some_and(|it| it.is_string() || keyword == "responses")
        {
            for name in prose {
                members.entry(name).or_insert(Value::Null);
            }
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
                || has("responses", Value::is_object);
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
        let answer = target.answer;
        target.describe(answer, "evil", reference("Evil"));
        let source = target.built("referred").unwrap();
        assert!(source.contains("pub struct Evil("), "{}", target.name);
    }
}

#[test]
fn a_schema_as_deep_as_the_parser_reads_is_built() {
    for mut target in targets() {
        let deep = (0..118).fold(
            json!({"type": "string"}),
            |inner, _| json!({"type": "array", "items": inner}),
        );
        let answer = target.answer;
        target.describe(answer, "deep", deep);
        assert_eq!(target.built("deep").err(), None, "{}", target.name);
    }
}

#[test]
fn a_chain_of_thousands_of_components_is_built() {
    let mut target = small();
    for n in 0..2_000 {
        let next = json!({"type": "object", "properties": {"next": reference(&format!("Chain{}", n + 1))}});
        target.document["components"]["schemas"][format!("Chain{n}")] = next;
    }
    target.document["components"]["schemas"]["Chain2000"] = json!({"type": "string"});
    target.describe("/components/schemas/Answer", "chain", reference("Chain0"));
    assert_eq!(target.built("chain").err(), None);
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
fn a_sentence_is_one_line_of_plain_text_whatever_the_document_says() {
    let found = sentences("lines", |target| {
        let name = "a\ncargo::rustc-cfg=evil\r\u{1b}[2J";
        target.document["components"]["schemas"][name] =
            json!({"not": {"type": "string"}, "type": "string"});
        let request = target.request;
        target.describe(request, "other", reference(name));
    });
    let expected =
        "schema `a cargo::rustc-cfg=evil \\u{1b}[2J`: a schema has the keyword `not`, which";
    assert!(
        found.iter().all(|sentence| sentence.starts_with(expected)),
        "{found:?}"
    );
}
