//! The documentation of generated code, as rustdoc shows it. The compiler denies items without any.

use crate::document;

use document::steps::documents::DOCUMENTS;
use document::steps::emit::generate::Options;
use document::steps::emit::{self, source::is_client};
use document::steps::schema::{components, members, operations as operations_of};
use document::steps::transform::texts::no_text;
use document::steps::{complete, prepare, sources};
use document::{answering, object, prepared, reference, with};
use serde_json::{json, Value};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ImplItem, Item, Lit, Meta, Token, Visibility};

/// The text of each operation of the package, by module and method.
fn operations() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for document in DOCUMENTS {
        let built = sources(&document, &Options::default()).unwrap().client;
        let items = syn::parse_file(&built).unwrap().items.into_iter();
        let blocks = items.filter_map(|item| match item {
            Item::Impl(block) if is_client(&block) => Some(block.items),
            _ => None,
        });
        found.extend(blocks.flatten().filter_map(|item| match item {
            ImplItem::Fn(method) if matches!(method.vis, Visibility::Public(_)) => {
                let path = format!("{}::{}", document.module, method.sig.ident);
                Some((path, text(&method.attrs)))
            }
            _ => None,
        }));
    }
    found
}

/// The operations whose text has this, by module and method.
fn operations_that_say(words: &str) -> Vec<String> {
    let mut said = operations();
    said.retain(|(_, text)| text.contains(words));
    said.into_iter().map(|(path, _)| path).collect()
}

/// The text that these attributes have, those included that doctests don't see.
fn text(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| line(&attribute.meta));
    lines.collect::<Vec<_>>().join("\n")
}

fn line(attribute: &Meta) -> Option<String> {
    match attribute {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            parts.unwrap().iter().find_map(line)
        }
        _ => None,
    }
}

#[test]
fn every_operation_begins_with_a_sentence_in_the_third_person() {
    let operations = operations().into_iter();
    let first = operations.map(|(_, text)| text.lines().next().unwrap().to_owned());
    let titles = first.filter(|first| {
        let (verb, _) = first.split_once(' ').unwrap();
        !(verb.ends_with('s') && first.ends_with('.'))
    });
    assert_eq!(titles.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_client_says_from_which_document_it_is_generated_and_nothing_else() {
    let document = with(
        answering(json!({"type": "string"})),
        "/info/description",
        json!("Buy it."),
    );
    let client = emit::client(&prepared(document), &Options::default()).unwrap();
    let text = client.items.iter().find_map(|item| match item {
        Item::Struct(client) if client.ident == "Client" => Some(text(&client.attrs)),
        _ => None,
    });
    let expected = "Generated from version 1 of the OpenAPI document \"A test\".";
    assert_eq!(text.unwrap(), expected);
}

#[test]
fn every_type_and_member_of_the_package_is_described() {
    for document in DOCUMENTS {
        let whole = complete(&document).unwrap();
        let prepared = prepare(&whole, document.operations, document.module).unwrap();
        for (name, schema) in components(&prepared) {
            assert!(schema["description"].is_string(), "{name}");
            for (member, schema) in members(&schema, "properties") {
                assert_ne!(schema["description"], no_text(member), "{name}");
            }
        }
        for found in operations_of(&prepared) {
            let mut parameters = found.parameters();
            assert!(
                parameters.all(|it| it["description"].is_string()),
                "{}",
                found.id()
            );
        }
    }
}

/// The text of a member of an answer, beside a component `Kind`.
fn text_of_member(member: Value) -> Value {
    let document = answering(object(json!({"a": member})));
    let kind = json!({"type": "string", "enum": ["b"], "description": "A kind\n\nof things"});
    let document = prepared(with(document, "/components/schemas/Kind", kind));
    document["components"]["schemas"]["Answer"]["properties"]["a"]["description"].clone()
}

#[test]
fn every_member_has_a_text() {
    let text = |description: Value| json!({"type": "string", "description": description});
    let cases = [
        (text(json!("Its own")), "Its own"),
        (reference("Kind"), "A kind"),
        (
            json!({"type": "string"}),
            "The document doesn't describe `a`.",
        ),
    ];
    for (member, expected) in cases {
        assert_eq!(text_of_member(member), expected);
    }
}

#[test]
fn every_operation_has_an_example() {
    assert_eq!(operations_that_say("# Example").len(), 14);
}

#[test]
fn every_operation_says_how_to_learn_whether_the_server_acted() {
    assert_eq!(
        operations_that_say("[`outcome`](crate::Error::outcome)").len(),
        14
    );
}

#[test]
fn an_operation_that_does_more_each_time_says_not_to_call_it_again() {
    let mut found = operations_that_say("don't call again");
    found.sort();
    let expected = [
        "pandadoc::create_webhook_subscription",
        "pandadoc::oauth::access_token",
        "pandadoc::update_webhook_subscription_shared_key",
        "ratepay::create_subscription",
    ];
    assert_eq!(found, expected);
}
