//! A secret is what it was given, compares as text does, and is not printed.

use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::Secret;

#[test]
fn debug_prints_redacted() {
    assert_eq!(format!("{:?}", Secret::from("hunter2")), "[REDACTED]");
}

#[test]
fn the_text_can_be_exposed() {
    assert_eq!(Secret::from("hunter2").expose_secret(), "hunter2");
}

#[test]
fn equal_texts_are_equal() {
    assert_eq!(Secret::from("hunter2"), Secret::from("hunter2".to_owned()));
}

#[test]
fn different_texts_are_not_equal() {
    for other in ["hunter3", "hunter", "hunter22", ""] {
        assert_ne!(Secret::from("hunter2"), Secret::from(other), "{other}");
    }
}

#[test]
fn serializing_writes_the_text() {
    assert_eq!(
        serde_json::to_string(&Secret::from("hunter2")).unwrap(),
        r#""hunter2""#
    );
}

#[test]
fn an_empty_text_is_no_secret() {
    assert!(serde_json::from_str::<Secret>(r#""""#).is_err());
}

#[test]
fn a_generated_secret_is_as_long_as_ratepay_asks() {
    assert!(SigningSecret::generate().expose_secret().chars().count() >= 64);
}

#[test]
fn a_generated_secret_is_plain_ascii() {
    let secret = SigningSecret::generate();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    assert!(secret.expose_secret().bytes().all(plain));
}

#[test]
fn no_two_generated_secrets_are_alike() {
    assert_ne!(SigningSecret::generate(), SigningSecret::generate());
}

#[test]
fn a_signing_secret_prints_redacted() {
    assert!(format!("{:?}", SigningSecret::generate()).contains("[REDACTED]"));
}
