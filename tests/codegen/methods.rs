//! The methods of a client, and the types of their requests, in the form that users see.

use crate::document;

use document::steps::documents::DOCUMENTS;
use document::steps::emit::{self, generate::Options};
use document::steps::{prepare, sources};
use document::{answering, json_of, object, reference, sending, source, with};
use heck::ToSnakeCase;
use serde_json::{json, Value};

/// The public methods of the package's own clients, each with what it takes and returns.
fn methods_of_the_package() -> Vec<syn::Signature> {
    let mut methods = Vec::new();
    for document in DOCUMENTS {
        let built = sources(&document, &Options::default()).unwrap().client;
        let file = syn::parse_file(&built).unwrap();
        methods.extend(emit::source::methods(&file).cloned());
    }
    methods
}

#[test]
fn every_operation_and_nothing_else_is_a_public_method() {
    let ids = DOCUMENTS.iter().flat_map(|document| document.operations);
    let mut expected: Vec<_> = ids.map(|id| id.to_snake_case()).collect();
    let methods = methods_of_the_package().into_iter();
    let mut found: Vec<_> = methods.map(|method| method.ident.to_string()).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn every_method_returns_the_error_of_the_crate() {
    for method in methods_of_the_package() {
        let output = method.output;
        let output = quote::quote!(#output).to_string().replace([' ', ','], "");
        assert!(output.ends_with(">crate::Error>"), "{output}");
    }
}

#[test]
fn no_header_has_the_version_of_the_document() {
    let source = source(answering(json!({"type": "string"})));
    assert!(!source.contains("header_map"), "{source}");
}

/// A document whose operation has a parameter of each of these names and kinds, and a body.
fn with_parameters(parameters: &[(&str, bool, Value)]) -> Value {
    let parameters = parameters.iter().map(|(name, required, schema)| {
        json!({"name": name, "in": "query", "required": required, "description": "A filter.", "schema": schema})
    });
    let parameters: Vec<_> = parameters.collect();
    let document = sending(object(json!({"a": {"type": "string"}})));
    with(document, "/paths/~1it/get/parameters", json!(parameters))
}

#[test]
fn a_method_of_four_arguments_takes_one_request() {
    let text = json!({"type": "string"});
    let list = json!({"type": "array", "items": reference("Kind")});
    let document = with_parameters(&[
        ("type", false, text.clone()),
        ("in", true, text),
        ("of", false, list),
    ]);
    let kind = json!({"type": "integer", "enum": [1, 2]});
    let source = source(with(document, "/components/schemas/Kind", kind));
    for expected in [
        "pubasyncfndo_it(&self,request:&types::DoItRequest)",
        "#[doc=\"Afilter.\"]pubin_:::std::string::String",
        "pubbody:types::Body",
        "pubof:::std::option::Option<::std::vec::Vec<types::Kind>>",
        "pubtype_:::std::option::Option<::std::string::String>",
        "pubfnnew(in_:impl::std::convert::Into<::std::string::String>,body:types::Body)",
        "#[doc=\"Sets`type`.\"]",
        "pubfntype_(mutself,type_:impl::std::convert::Into<::std::string::String>)",
        "pubfnof(mutself,of:::std::vec::Vec<types::Kind>)",
        "lettypes::DoItRequest{in_,of,type_,body}=request;",
    ] {
        assert!(source.contains(expected), "{expected} in {source}");
    }
}

#[test]
fn a_method_of_three_arguments_takes_them_one_by_one() {
    let text = json!({"type": "string"});
    let source = source(with_parameters(&[
        ("one", false, text.clone()),
        ("two", true, text),
    ]));
    let expected = "pubasyncfndo_it<'a>(&'aself,one:Option<&'astr>,two:&'astr,body:&'atypes::Body)";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn a_request_is_made_of_its_required_members() {
    let mut body = object(json!({
        "name": {"type": "string"}, "count": {"type": "integer"}, "type": {"type": "string"},
    }));
    body["required"] = json!(["name", "count"]);
    let source = source(sending(body));
    let expected =
        "pubfnnew(count:i64,name:impl::std::convert::Into<::std::string::String>)->Self{\
         Self{count:count,name:::std::convert::Into::into(name),type_:::std::default::Default::default(),}}";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn an_optional_member_of_a_request_has_a_setter() {
    let source = source(sending(object(
        json!({"type": {"type": "string", "nullable": true}}),
    )));
    let expected =
        "pubfntype_(mutself,type_:impl::std::convert::Into<::webhook_subscriptions::Nullable<\
         ::std::string::String,>>)->Self{self.type_=::std::option::Option::Some(\
         ::std::convert::Into::into(type_));self}";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn a_request_of_required_members_alone_has_no_constructor() {
    let mut body = object(json!({"name": {"type": "string"}}));
    body["required"] = json!(["name"]);
    let source = source(sending(body));
    assert!(!source.contains("pubfnnew(name"), "{source}");
}

#[test]
fn a_type_whose_name_begins_with_a_digit_may_gain_members_too() {
    let answer = "/paths/~1it/get/responses/200/content";
    let document = with(answering(json!({"type": "string"})), answer, json_of("2fa"));
    let two = object(json!({"a": {"type": "string"}}));
    let source = source(with(document, "/components/schemas/2fa", two));
    let (attributes, _) = source.split_once("pubstructX2fa").unwrap();
    assert!(attributes.contains("#[non_exhaustive]"), "{source}");
}

#[test]
fn a_type_that_the_generator_names_otherwise_stops_the_build() {
    for (name, expected) in [("Thing²", "Thing²"), ("self", "Self")] {
        let document = answering(object(json!({"a": reference(name)})));
        let thing = object(json!({"a": {"type": "string"}}));
        let document = with(document, &format!("/components/schemas/{name}"), thing);
        let prepared = prepare(&document, &["doIt"], "test").unwrap();
        let fault = emit::client(&prepared, &Options::default()).err().unwrap();
        let expected = format!(
            "schema `{expected}`: the generator gives it another name, and would not let it gain members; rename it in \
             the document, in letters and digits"
        );
        assert_eq!(fault.to_string(), expected);
    }
}
