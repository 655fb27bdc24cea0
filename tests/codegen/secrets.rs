//! A member that holds key material is one of the crate's secret types, or stops the build.

use crate::document;

use document::steps::documents::DOCUMENTS;
use document::steps::transform::secrets::names_a_secret;
use document::steps::{complete, prepare};
use document::{answering, fault, object, reference, source, with};
use serde_json::{json, Value};

/// A document whose answer has a member of this name.
fn with_member(name: &str, member: Value) -> Value {
    answering(object(json!({name: member})))
}

#[test]
fn a_secret_becomes_the_secret_type() {
    for (secret, expected) in [
        (json!({"type": "string"}), "Secret"),
        (
            json!({"type": "string", "pattern": "^[0-9a-f]+$", "maxLength": 9}),
            "Secret",
        ),
        (json!({"type": "string", "format": "uuid"}), "Secret"),
        (
            json!({"type": "string", "nullable": true, "default": "a"}),
            "Secret",
        ),
        (
            json!({"type": "string", "minLength": 64}),
            "ratepay::SigningSecret",
        ),
    ] {
        let source = source(with_member("secret", secret));
        let expected = format!("pubsecret:::webhook_subscriptions::{expected},");
        assert!(source.contains(&expected), "{source}");
    }
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
        let source = source(with_member(name, json!({"type": "string"})));
        assert!(
            source.contains(":::webhook_subscriptions::Secret,"),
            "{name}"
        );
    }
}

#[test]
fn a_member_is_as_it_is_described_unless_its_last_word_names_a_secret() {
    for name in ["keyboard", "monkey", "token_type", "key_id", "secretary"] {
        let source = source(with_member(name, json!({"type": "string"})));
        assert!(!source.contains("Secret"), "{name}");
    }
}

#[test]
fn a_secret_that_would_be_plain_text_stops_the_build() {
    let text = json!({"type": "string"});
    for secret in [
        json!({"type": "object"}),
        json!({"type": "integer"}),
        json!({"type": "array", "items": text}),
        reference("Key"),
    ] {
        let document = with(
            with_member("secret", secret),
            "/components/schemas/Key",
            text.clone(),
        );
        let expected = "schema `Answer`: the member `secret` holds a key and isn't a plain string; describe it as a \
                        plain string, or teach build/transform/secrets.rs about it";
        assert_eq!(fault(document), expected);
    }
}

#[test]
fn every_member_of_the_package_that_names_a_secret_is_one() {
    for document in DOCUMENTS {
        let completed = complete(&document).unwrap();
        let prepared = prepare(&completed, document.operations, document.module).unwrap();
        for (_, schema) in prepared["components"]["schemas"].as_object().unwrap() {
            for (name, member) in schema["properties"].as_object().into_iter().flatten() {
                assert_eq!(
                    names_a_secret(name),
                    member["format"] == "password",
                    "{name}"
                );
            }
        }
    }
}
