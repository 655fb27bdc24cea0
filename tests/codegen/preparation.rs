//! Each pass over a document does what its name says, and stops the build where it cannot.

use crate::document;

use document::steps::documents::DOCUMENTS;
use document::steps::emit::{self, generate::Options};
use document::steps::{client, prepare::prepare};
use document::{answering, fault, prepared, source, with};
use heck::ToSnakeCase;
use serde_json::{json, Value};

/// A document whose one schema is referred to.
fn referring() -> Value {
    let document = answering(json!({"$ref": "#/components/schemas/Thing"}));
    with(
        document,
        "/components/schemas/Thing",
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
    )
}

// Keep.

#[test]
fn other_operations_are_left_out() {
    let other =
        json!({"get": {"operationId": "other", "responses": {"200": {"description": "Done"}}}});
    let document = prepared(with(referring(), "/paths/~1other", other));
    assert_eq!(document["paths"].as_object().unwrap().len(), 1);
}

#[test]
fn a_missing_operation_stops_the_build() {
    let document = with(referring(), "/paths/~1it/get/operationId", json!("doItNot"));
    let expected = "operation `doIt`: the document has no such operation; \
                    it was renamed or removed: change the list of operations in build/documents.rs";
    assert_eq!(fault(document), expected);
}

#[test]
fn an_operation_that_is_there_twice_stops_the_build() {
    let again =
        json!({"get": {"operationId": "doIt", "responses": {"200": {"description": "Done"}}}});
    let document = with(referring(), "/paths/~1again", again);
    let expected = "operation `doIt`: the document has 2 operations of this id; \
                    give each a unique operationId";
    assert_eq!(fault(document), expected);
}

// Errors.

#[test]
fn only_successes_are_left_of_the_responses() {
    let responses = json!({
        "200": {"description": "Done"},
        "2XX": {"description": "Done"},
        "400": {"description": "Bad"},
        "5XX": {"description": "Worse"},
        "default": {"description": "Else"},
    });
    let document = prepared(with(referring(), "/paths/~1it/get/responses", responses));
    let left: Vec<_> = document["paths"]["/it"]["get"]["responses"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(left, ["200", "2XX"]);
}

#[test]
fn an_operation_without_a_success_stops_the_build() {
    let responses = json!({"400": {"description": "Bad"}});
    let document = with(referring(), "/paths/~1it/get/responses", responses);
    let expected = "operation `doIt`: no success response is documented; \
                    describe what the operation answers with a 2xx status";
    assert_eq!(fault(document), expected);
}

// Prune.

#[test]
fn components_that_nothing_reaches_are_left_out() {
    let document = prepared(with(
        referring(),
        "/components/schemas/Unused",
        json!({"type": "object"}),
    ));
    assert!(document["components"]["schemas"].get("Unused").is_none());
}

#[test]
fn components_that_are_reached_through_another_are_kept() {
    let deep = json!({"type": "object", "properties": {"b": {"type": "string"}}});
    let document = with(referring(), "/components/schemas/Deep", deep);
    let document = with(
        document,
        "/components/schemas/Thing/properties/deep",
        json!({"$ref": "#/components/schemas/Deep"}),
    );
    assert!(prepared(document)["components"]["schemas"]
        .get("Deep")
        .is_some());
}

// Inline.

#[test]
fn a_shared_response_is_written_out() {
    let response = json!({"$ref": "#/components/responses/Shared"});
    let document = with(referring(), "/paths/~1it/get/responses/200", response);
    let shared = json!({"Shared": {"description": "Shared by many"}});
    let document = prepared(with(document, "/components/responses", shared));
    let response = &document["paths"]["/it"]["get"]["responses"]["200"];
    assert_eq!(response["description"], "Shared by many");
}

#[test]
fn a_shared_parameter_is_written_out() {
    let parameter = json!([{"$ref": "#/components/parameters/Shared"}]);
    let document = with(referring(), "/paths/~1it/get/parameters", parameter);
    let shared = json!({"Shared": {"name": "q", "in": "query", "schema": {"type": "string"}}});
    let document = prepared(with(document, "/components/parameters", shared));
    assert_eq!(
        document["paths"]["/it"]["get"]["parameters"][0]["name"],
        "q"
    );
}

#[test]
fn a_shared_request_body_is_written_out() {
    let body = json!({"$ref": "#/components/requestBodies/Shared"});
    let document = with(referring(), "/paths/~1it/get/requestBody", body);
    let content = json!({"application/json": {"schema": {"type": "string"}}});
    let shared = json!({"Shared": {"description": "Shared by many", "content": content}});
    let document = prepared(with(document, "/components/requestBodies", shared));
    let body = &document["paths"]["/it"]["get"]["requestBody"];
    assert_eq!(body["description"], "Shared by many");
}

#[test]
fn a_reference_cycle_stops_the_build() {
    let response = json!({"$ref": "#/components/responses/A"});
    let document = with(referring(), "/paths/~1it/get/responses/200", response);
    let cycle = json!({"A": {"$ref": "#/components/responses/B"}, "B": {"$ref": "#/components/responses/A"}});
    let document = with(document, "/components/responses", cycle);
    let expected =
        "operation `doIt`: the reference `#/components/responses/A` leads back to itself; \
                    break the circle of references";
    assert_eq!(fault(document), expected);
}

#[test]
fn the_parameters_of_a_path_become_those_of_its_operations() {
    let parameter = json!([{"name": "q", "in": "query", "schema": {"type": "string"}}]);
    let document = prepared(with(referring(), "/paths/~1it/parameters", parameter));
    assert_eq!(
        document["paths"]["/it"]["get"]["parameters"][0]["name"],
        "q"
    );
}

// Name.

#[test]
fn an_inline_response_schema_is_named_after_its_operation() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let document = prepared(answering(schema));
    assert!(document["components"]["schemas"]
        .get("DoItResponse")
        .is_some());
}

#[test]
fn a_schema_within_a_schema_is_named_after_both() {
    let inner = json!({"type": "string", "enum": ["x", "y"]});
    let document = prepared(with(
        referring(),
        "/components/schemas/Thing/properties/kind",
        inner,
    ));
    assert!(document["components"]["schemas"].get("ThingKind").is_some());
}

#[test]
fn an_inline_schema_of_a_name_that_is_taken_stops_the_build() {
    let inner = json!({"type": "string", "enum": ["x", "y"]});
    let document = with(
        referring(),
        "/components/schemas/Thing/properties/kind",
        inner,
    );
    let document = with(
        document,
        "/components/schemas/ThingKind",
        json!({"type": "string"}),
    );
    let reference = json!({"$ref": "#/components/schemas/ThingKind"});
    let document = with(
        document,
        "/components/schemas/Thing/properties/other",
        reference,
    );
    let expected =
        "schema `ThingKind`: this name is also that of a schema written inside another; \
                    make the inner schema a component with a name of its own";
    assert_eq!(fault(document), expected);
}

#[test]
fn a_schema_that_has_its_name_as_its_title_too_is_one_type() {
    let document = with(
        referring(),
        "/components/schemas/Thing/nullable",
        json!(true),
    );
    let document = with(document, "/components/schemas/Thing/title", json!("Thing"));
    assert_eq!(source(document).matches("pubstructThing(").count(), 1);
}

// Secrets.

/// A document whose answer has a member `secret`.
fn with_secret(secret: Value) -> Value {
    answering(json!({"type": "object", "properties": {"secret": secret}}))
}

#[test]
fn a_secret_becomes_the_secret_type() {
    assert!(source(with_secret(json!({"type": "string"}))).contains("pubsecret:crate::Secret,"));
}

#[test]
fn a_secret_that_may_be_null_is_required_all_the_same() {
    let secret = json!({"type": "string", "nullable": true});
    assert!(source(with_secret(secret)).contains("pubsecret:crate::Secret,"));
}

#[test]
fn a_secret_of_64_characters_becomes_the_type_that_checks_them() {
    let secret = json!({"type": "string", "minLength": 64});
    assert!(source(with_secret(secret)).contains("pubsecret:crate::ratepay::SigningSecret,"));
}

#[test]
fn a_secret_is_known_by_its_words_however_they_are_joined() {
    for name in [
        "sharedKey",
        "SecretKey",
        "access-token",
        "clientSecret",
        "signing_key",
        "next_shared_key",
        "APIKey",
        "webhook token",
        "OldPassword",
        "key",
        "key_2",
    ] {
        let key = json!({"type": "object", "properties": {name: {"type": "string"}}});
        assert!(source(answering(key)).contains(":crate::Secret,"), "{name}");
    }
}

#[test]
fn a_secret_in_an_object_without_a_type_is_protected_too() {
    let schema = json!({"properties": {"shared_key": {"type": "string"}}});
    assert!(source(answering(schema)).contains("pubshared_key:crate::Secret,"));
}

#[test]
fn a_secret_in_a_list_is_protected_too() {
    let item = json!({"type": "object", "properties": {"secret": {"type": "string"}}});
    let schema = json!({"type": "array", "items": item});
    assert!(source(answering(schema)).contains("pubsecret:crate::Secret,"));
}

#[test]
fn a_secret_that_would_be_plain_text_stops_the_build() {
    for (secret, why) in [
        (json!({}), "it is not a string"),
        (json!({"type": "object"}), "it is not a string"),
        (
            json!({"type": "array", "items": {"type": "string"}}),
            "it is not a string",
        ),
        (
            json!({"$ref": "#/components/schemas/Keys"}),
            "it is not a string",
        ),
        (
            json!({"type": "string", "enum": ["a"]}),
            "it has a limit that none of this crate's secret types checks",
        ),
        (
            json!({"type": "string", "maxLength": 9}),
            "it has a limit that none of this crate's secret types checks",
        ),
    ] {
        let keys = json!({"type": "array", "items": {"type": "string"}});
        let document = with(with_secret(secret), "/components/schemas/Keys", keys);
        let expected = format!(
            "operation `doIt`: the member `secret` holds a key and would be generated as plain text, \
             since {why}; describe it as a plain string, or teach build/transform/secrets.rs about it"
        );
        assert_eq!(fault(document), expected);
    }
}

#[test]
fn a_member_is_as_it_is_described_unless_its_last_word_names_a_secret() {
    for name in ["keyboard", "monkey", "token_type", "key_id", "secretary"] {
        let properties = json!({name: {"type": "string"}});
        let source = source(answering(
            json!({"type": "object", "properties": properties}),
        ));
        assert!(!source.contains("crate::Secret"), "{name}");
    }
}

#[test]
fn a_number_or_a_boolean_or_an_object_is_not_a_secret_whatever_its_name() {
    let object = json!({"type": "object", "properties": {"id": {"type": "string"}}});
    for member in [
        json!({"type": "integer"}),
        json!({"type": "number"}),
        json!({"type": "boolean"}),
        object,
    ] {
        let source = source(with_secret(member));
        assert!(!source.contains("crate::Secret"), "{source}");
    }
}

#[test]
fn a_secret_that_is_referred_to_is_protected_too() {
    for secret in [
        json!({"$ref": "#/components/schemas/Key"}),
        json!({"allOf": [{"$ref": "#/components/schemas/Key"}], "nullable": true}),
    ] {
        let key = json!({"type": "string", "pattern": "^[0-9a-f]+$"});
        let document = with(with_secret(secret), "/components/schemas/Key", key);
        assert!(source(document).contains("pubsecret:crate::Secret,"));
    }
}

#[test]
fn a_member_that_is_listed_is_not_a_secret() {
    let names_a_secret = document::steps::transform::secrets::names_a_secret;
    assert_eq!(
        [&[][..], &["sort_key"]].map(|listed| names_a_secret("sortKey", listed)),
        [true, false]
    );
}

/// The members of everything in the package's own documents, in snake case, each with its schema as the
/// generator gets it.
fn members_of_the_package() -> Vec<(String, Value)> {
    let mut members = Vec::new();
    for document in DOCUMENTS {
        let (completed, _) = document::steps::complete(&document).unwrap();
        let prepared = prepare(&completed, document.operations, document.module).unwrap();
        for (_, schema) in prepared["components"]["schemas"].as_object().unwrap() {
            let properties = schema["properties"].as_object().into_iter().flatten();
            members.extend(properties.map(|(name, schema)| (name.to_snake_case(), schema.clone())));
        }
    }
    members
}

#[test]
fn every_member_of_the_package_that_names_a_secret_is_one_or_is_listed() {
    let names_a_secret = document::steps::transform::secrets::names_a_secret;
    let listed = document::steps::transform::secrets::NOT_SECRETS;
    let others: Vec<_> = members_of_the_package()
        .into_iter()
        .filter(|(name, schema)| {
            names_a_secret(name, &[]) != (schema["format"] == "password")
                && !listed.contains(&name.as_str())
        })
        .collect();
    assert_eq!(others, []);
}

#[test]
fn every_member_that_is_listed_is_one_of_the_package() {
    let members = members_of_the_package();
    let is_a_member = |listed: &&str| members.iter().any(|(name, _)| name == listed);
    let listed = document::steps::transform::secrets::NOT_SECRETS;
    assert!(listed.iter().all(is_a_member));
}

// Distinct.

#[test]
fn two_schemas_of_one_rust_name_stop_the_build() {
    let document = with(
        referring(),
        "/components/schemas/thing",
        json!({"type": "object"}),
    );
    let reference = json!({"$ref": "#/components/schemas/thing"});
    let document = with(
        document,
        "/components/schemas/Thing/properties/other",
        reference,
    );
    let expected = "`Thing` and `thing` would share the type name `Thing`; \
                    rename one of them in the document";
    assert_eq!(fault(document), expected);
}

#[test]
fn two_members_of_one_rust_name_stop_the_build() {
    let document = with(
        referring(),
        "/components/schemas/Thing/properties/A",
        json!({"type": "string"}),
    );
    let expected = "schema `Thing`: `A` and `a` would share the member name `a`; \
                    rename one of them in the document";
    assert_eq!(fault(document), expected);
}

#[test]
fn a_parameter_named_as_the_body_stops_the_build() {
    let parameter = json!([{"name": "body", "in": "query", "schema": {"type": "string"}}]);
    let document = with(referring(), "/paths/~1it/get/parameters", parameter);
    let body = json!({"content": {"application/json": {"schema": {"type": "string"}}}});
    let document = with(document, "/paths/~1it/get/requestBody", body);
    let expected = "operation `doIt`: `body` and `body` would share the parameter name `body`; \
                    rename one of them in the document";
    assert_eq!(fault(document), expected);
}

#[test]
fn two_operations_of_one_method_name_stop_the_build() {
    let again =
        json!({"get": {"operationId": "do_it", "responses": {"200": {"description": "Done"}}}});
    let document = with(referring(), "/paths/~1again", again);
    let fault = prepare(&document, &["doIt", "do_it"], "test").unwrap_err();
    let expected = "`do_it` and `doIt` would share the method name `do_it`; \
                    rename one of them in the document";
    assert_eq!(fault.to_string(), expected);
}

#[test]
fn an_operation_named_as_a_method_of_every_client_stops_the_build() {
    let document = with(referring(), "/paths/~1it/get/operationId", json!("Builder"));
    let fault = prepare(&document, &["Builder"], "test");
    let expected = "`builder` and `Builder` would share the method name `builder`; \
                    rename one of them in the document";
    assert_eq!(fault.unwrap_err().to_string(), expected);
}

// Generate.

#[test]
fn two_types_of_one_name_that_the_generator_makes_stop_the_build() {
    let document = with(
        referring(),
        "/components/schemas/Thing/properties/other",
        json!({"$ref": "#/components/schemas/Other"}),
    );
    let nullable =
        json!({"type": "object", "nullable": true, "properties": {"a": {"type": "string"}}});
    let document = with(document, "/components/schemas/Other", nullable);
    let document = with(
        document,
        "/components/schemas/Thing/properties/inner",
        json!({"$ref": "#/components/schemas/OtherInner"}),
    );
    let inner = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let document = with(document, "/components/schemas/OtherInner", inner);
    let expected = "schema `OtherInner`: the generator makes two types of this name; \
                    rename the schema, or what stands inside it";
    assert_eq!(document::refusal(document), expected);
}

#[test]
fn an_id_of_another_pattern_than_its_type_checks_stops_the_build() {
    let schema = json!({"$ref": "#/components/schemas/SubscriptionId"});
    let id = json!({"type": "string", "pattern": "^[a-z]{21}$"});
    let document = with(answering(schema), "/components/schemas/SubscriptionId", id);
    let expected = "schema `SubscriptionId`: it becomes crate::ratepay::types::SubscriptionId, which checks \
                    the pattern ^[A-Za-z0-9_-]{20}$ and no other; give it that pattern, or change that \
                    type and build/emit/generate.rs";
    assert_eq!(document::refusal(document), expected);
}

// Methods.

/// The public methods of the package's own clients, each with what it takes and returns.
fn methods_of_the_package() -> Vec<syn::Signature> {
    let mut methods = Vec::new();
    for document in DOCUMENTS {
        let built = client(&document, &Options::default()).ok().unwrap();
        let file = syn::parse_file(&built.source).unwrap();
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
fn no_method_takes_more_than_three_arguments() {
    let methods = methods_of_the_package();
    let most = methods.iter().map(|method| method.inputs.len() - 1).max();
    assert!(most <= Some(3), "{most:?}");
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
    let header = json!([{"name": "If-Match", "in": "header", "schema": {"type": "string"}}]);
    for document in [
        referring(),
        with(referring(), "/paths/~1it/get/parameters", header),
    ] {
        let source = source(document);
        assert!(!source.contains("\"api-version\""), "{source}");
    }
}

/// A document whose operation has a parameter of each of these names and kinds, and a body.
fn with_parameters(parameters: &[(&str, bool, Value)]) -> Value {
    let parameters = parameters.iter().map(|(name, required, schema)| {
        json!({"name": name, "in": "query", "required": required, "description": "A filter.", "schema": schema})
    });
    let parameters: Vec<_> = parameters.collect();
    let document = with(referring(), "/paths/~1it/get/parameters", json!(parameters));
    let body = json!({"required": true, "content": {"application/json": {"schema": a()}}});
    with(document, "/paths/~1it/get/requestBody", body)
}

#[test]
fn a_method_of_four_arguments_takes_one_request() {
    let text = json!({"type": "string"});
    let list = json!({"type": "array", "items": {"type": "integer", "enum": [1, 2]}});
    let source = source(with_parameters(&[
        ("type", false, text.clone()),
        ("in", true, text),
        ("of", false, list),
    ]));
    for expected in [
        "pubasyncfndo_it(&self,request:&types::DoItRequest)",
        "pubin_:::std::string::String",
        "pubbody:types::DoItBody",
        "pubof:::std::option::Option<::std::vec::Vec<types::DoItOfItem>>",
        "pubtype_:::std::option::Option<::std::string::String>",
        "pubfnnew(in_:impl::std::convert::Into<::std::string::String>,body:types::DoItBody)",
        "pubfntype_(mutself,type_:impl::std::convert::Into<::std::string::String>)",
        "pubfnof(mutself,of:::std::vec::Vec<types::DoItOfItem>)",
        "self.do_it_by_position(&request.in_,request.of.as_ref(),request.type_.as_deref(),&request.body)",
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
    let expected =
        "pubasyncfndo_it<'a>(&'aself,one:Option<&'astr>,two:&'astr,body:&'atypes::DoItBody)";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn a_request_of_a_name_that_is_taken_stops_the_build() {
    let number = json!({"type": "integer"});
    let document = with_parameters(&[
        ("one", false, number.clone()),
        ("two", false, number.clone()),
        ("three", false, number),
    ]);
    let reference = json!({"$ref": "#/components/schemas/DoItRequest"});
    let document = with(
        document,
        "/components/schemas/Thing/properties/other",
        reference,
    );
    let expected = "schema `DoItRequest`: the generator makes two types of this name; rename the schema, or what \
                    stands inside it";
    assert_eq!(
        document::refusal(with(document, "/components/schemas/DoItRequest", a())),
        expected
    );
}

// Types that may gain members.

/// The source of a client whose request has this schema.
fn sent(schema: Value) -> String {
    let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    let document = with(
        answering(json!({"type": "string"})),
        "/paths/~1it/get/requestBody",
        body,
    );
    source(document)
}

#[test]
fn a_request_is_made_of_its_required_members() {
    let source = sent(
        json!({"type": "object", "required": ["name", "count"], "properties": {
            "name": {"type": "string"}, "count": {"type": "integer"}, "type": {"type": "string"},
        }}),
    );
    let expected =
        "pubfnnew(count:i64,name:impl::std::convert::Into<::std::string::String>)->Self{\
         Self{count:count,name:::std::convert::Into::into(name),type_:::std::default::Default::default(),}}";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn an_optional_member_of_a_request_has_a_setter() {
    let source = sent(
        json!({"type": "object", "properties": {"type": {"type": "string", "nullable": true}}}),
    );
    let expected =
        "pubfntype_(mutself,type_:impl::std::convert::Into<::webhook_subscriptions::Nullable<\
         ::std::string::String,>>)->Self{self.type_=::std::option::Option::Some(\
         ::std::convert::Into::into(type_));self}";
    assert!(source.contains(expected), "{source}");
}

#[test]
fn a_request_of_required_members_alone_has_no_constructor() {
    let source = sent(
        json!({"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"},
        }}),
    );
    assert!(!source.contains("pubfnnew(name"), "{source}");
}

#[test]
fn a_type_whose_name_begins_with_a_digit_may_gain_members_too() {
    let two = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let document = answering(json!({"$ref": "#/components/schemas/2fa"}));
    let source = source(with(document, "/components/schemas/2fa", two));
    let (attributes, _) = source.split_once("pubstructX2fa").unwrap();
    assert!(attributes.contains("#[non_exhaustive]"), "{source}");
}

// Compose.

/// The source of a client whose answer is all of these.
fn all_of(parts: Value) -> String {
    let other =
        json!({"type": "object", "required": ["b"], "properties": {"b": {"type": "boolean"}}});
    let document = answering(json!({"allOf": parts}));
    source(with(document, "/components/schemas/Other", other))
}

fn a() -> Value {
    json!({"type": "object", "properties": {"a": {"type": "string"}}})
}

const MEMBERS: [&str; 2] = [
    "puba:::std::option::Option<::std::string::String>",
    "pubb:::std::option::Option<bool>",
];

#[test]
fn all_of_several_objects_is_one_with_the_members_of_all() {
    let other = json!({"$ref": "#/components/schemas/Other"});
    for parts in [
        json!([a(), other]),
        json!([other, {"allOf": [a()]}]),
        json!([{"allOf": [other, {"required": ["a"]}]}, a(), other]),
        json!([{"properties": {"a": {"type": "string", "description": "An a."}}}, other, a()]),
        json!([{"description": "Both."}, a(), other]),
    ] {
        let source = all_of(parts);
        assert!(
            MEMBERS.iter().all(|member| source.contains(member)),
            "{source}"
        );
    }
}

#[test]
fn members_beside_all_of_are_joined_too() {
    let schema = json!({
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "allOf": [{"$ref": "#/components/schemas/Other"}],
    });
    let other = json!({"type": "object", "properties": {"b": {"type": "boolean"}}});
    let source = source(with(answering(schema), "/components/schemas/Other", other));
    assert!(
        MEMBERS.iter().all(|member| source.contains(member)),
        "{source}"
    );
}

#[test]
fn a_member_of_a_request_that_one_part_requires_is_required() {
    let source = sent(json!({"allOf": [a(), {"required": ["a"]}]}));
    assert!(source.contains("puba:::std::string::String,"), "{source}");
}

#[test]
fn a_secret_in_all_of_is_protected_too() {
    let secret = json!({"type": "object", "properties": {"secret": {"type": "string"}}});
    assert!(all_of(json!([a(), secret])).contains("pubsecret:::std::option::Option<crate::Secret>"));
}

#[test]
fn a_member_of_two_types_in_all_of_stops_the_build() {
    let other = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    let expected = "operation `doIt`: the member `a` of its allOf has two different types; give the member one type in \
                    all parts";
    assert_eq!(fault(answering(json!({"allOf": [a(), other]}))), expected);
}

#[test]
fn all_of_an_object_and_a_text_stops_the_build() {
    let expected = "operation `doIt`: its allOf joins schemas that are not all objects; describe it as one object with \
                    the members of all, or as one value";
    let schema = json!({"allOf": [a(), {"type": "string"}]});
    assert_eq!(fault(answering(schema)), expected);
}

/// A reference to the component `Thing`, with something beside it.
fn beside(what: Value) -> Value {
    let mut schema = json!({"allOf": [{"$ref": "#/components/schemas/Thing"}]});
    for (name, value) in what.as_object().unwrap() {
        schema[name] = value.clone();
    }
    schema
}

#[test]
fn a_reference_with_a_description_beside_it_is_the_reference() {
    for what in [
        json!({"description": "A thing."}),
        json!({"nullable": true}),
        json!({"type": "object"}),
    ] {
        let members = json!({"one": beside(what), "two": {"type": "string"}});
        let schema = json!({"type": "object", "properties": members});
        let source = source(with(answering(schema), "/components/schemas/Thing", a()));
        assert!(
            source.contains("pubone:::std::option::Option<Thing>"),
            "{source}"
        );
    }
}

#[test]
fn an_item_with_nullable_beside_its_reference_may_be_null() {
    let list = json!({"type": "array", "items": beside(json!({"nullable": true}))});
    let schema = json!({"type": "object", "properties": {"one": list}});
    let source = source(with(answering(schema), "/components/schemas/Thing", a()));
    assert!(
        source.contains("Vec<::std::option::Option<Thing,>>"),
        "{source}"
    );
}

#[test]
fn an_answer_with_nullable_beside_its_reference_may_be_null() {
    let document = answering(beside(json!({"nullable": true})));
    let source = source(with(document, "/components/schemas/Thing", a()));
    assert!(
        source.contains("ResponseValue<::std::option::Option<types::Thing"),
        "{source}"
    );
}

/// The source of a client whose request refers to a thing in this way.
fn sent_beside(what: Value, required: Value) -> String {
    let schema =
        json!({"type": "object", "required": required, "properties": {"one": beside(what)}});
    let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    let document = answering(json!({"type": "string"}));
    let document = with(document, "/paths/~1it/get/requestBody", body);
    source(with(document, "/components/schemas/Thing", a()))
}

#[test]
fn a_member_of_a_request_with_nullable_beside_its_reference_may_be_null() {
    for (required, expected) in [
        (
            json!([]),
            "pubone:::std::option::Option<::webhook_subscriptions::Nullable<Thing,>>",
        ),
        (
            json!(["one"]),
            "pubone:::webhook_subscriptions::Nullable<Thing,>",
        ),
    ] {
        let source = sent_beside(json!({"nullable": true}), required);
        assert!(source.contains(expected), "{source}");
    }
}

#[test]
fn a_member_of_a_request_without_nullable_beside_its_reference_may_not_be_null() {
    let source = sent_beside(json!({"description": "A thing."}), json!(["one"]));
    assert!(source.contains("pubone:Thing,"), "{source}");
}

#[test]
fn a_component_that_is_another_with_nullable_beside_is_a_type_of_its_own() {
    let document = answering(json!({"$ref": "#/components/schemas/Maybe"}));
    let document = with(
        document,
        "/components/schemas/Maybe",
        beside(json!({"nullable": true})),
    );
    let source = source(with(document, "/components/schemas/Thing", a()));
    assert!(source.contains("ResponseValue<types::Maybe>"), "{source}");
}

#[test]
fn alternatives_beside_other_keywords_stop_the_build() {
    let text = json!({"type": "string"});
    for (keyword, value) in [
        ("oneOf", json!([text])),
        ("anyOf", json!([{"required": ["a"]}, text])),
        ("not", text),
    ] {
        let mut schema = a();
        schema[keyword] = value;
        let expected = "operation `doIt`: it joins `oneOf`, `anyOf` or `not` with other keywords in one schema; \
                        describe it as one object with the members of all";
        assert_eq!(fault(answering(schema)), expected);
    }
}

#[test]
fn alternatives_of_which_members_must_be_there_are_left_to_the_server() {
    let mut schema = a();
    schema["anyOf"] = json!([{"required": ["a"]}, {"required": ["b"]}]);
    let source = sent(schema);
    assert!(
        source.contains("puba:::std::option::Option<::std::string::String>"),
        "{source}"
    );
}
