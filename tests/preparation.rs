//! Each pass over a document does what its name says, and stops the build where it cannot.

#[path = "support/document.rs"]
mod document;

use document::{answering, fault, prepared, source, with};
use serde_json::{json, Value};

const SCHEMA: &str = "/paths/~1it/get/responses/200/content/application~1json/schema";

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

#[test]
fn a_reference_to_nowhere_stops_the_build() {
    let document = with(
        referring(),
        SCHEMA,
        json!({"$ref": "#/components/schemas/Nothing"}),
    );
    let expected = "operation `doIt`: the reference `#/components/schemas/Nothing` leads nowhere; \
                    take a complete copy of the document, or correct the reference";
    assert_eq!(fault(document), expected);
}

#[test]
fn a_reference_to_another_document_stops_the_build() {
    let document = with(referring(), SCHEMA, json!({"$ref": "other.json#/Thing"}));
    let expected = "operation `doIt`: the reference `other.json#/Thing` does not name a component \
                    of this document; make what it names a component, and refer to that";
    assert_eq!(fault(document), expected);
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
    for name in ["sharedKey", "SecretKey", "access-token", "clientSecret"] {
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
        (json!({"type": "integer"}), "it is not a string"),
        (
            json!({"$ref": "#/components/schemas/Key"}),
            "it is a reference",
        ),
        (
            json!({"type": "string", "maxLength": 9}),
            "it has a limit that none of this crate's secret types checks",
        ),
    ] {
        let key = json!({"type": "string"});
        let document = with(with_secret(secret), "/components/schemas/Key", key);
        let expected = format!(
            "operation `doIt`: the member `secret` holds a key and would be generated as plain text, \
             since {why}; describe it as a plain string, or teach build/secrets.rs about it"
        );
        assert_eq!(fault(document), expected);
    }
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
    let document = document::parse(with(referring(), "/paths/~1again", again));
    let fault =
        document::steps::prepare::prepare(document, &["doIt", "do_it"], "test").unwrap_err();
    let expected = "`do_it` and `doIt` would share the method name `do_it`; \
                    rename one of them in the document";
    assert_eq!(fault.to_string(), expected);
}

#[test]
fn an_operation_named_as_a_method_of_every_client_stops_the_build() {
    let document = with(referring(), "/paths/~1it/get/operationId", json!("Builder"));
    let fault = document::steps::prepare::prepare(document::parse(document), &["Builder"], "test");
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
                    type and build/generate.rs";
    assert_eq!(document::refusal(document), expected);
}
