//! A `SealingKey` is 32 bytes, from base64 or the operating system, and is never printed.

use base64::prelude::{Engine, BASE64_STANDARD};
use webhook_subscriptions::rotate::{SealingKey, SealingKeyError};
use webhook_subscriptions::Secret;

const TEXT: &str = "+/8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4=";

#[test]
fn a_key_is_the_same_from_base64_and_from_bytes() {
    let bytes: [u8; 32] = BASE64_STANDARD.decode(TEXT).unwrap().try_into().unwrap();
    let keys = [
        SealingKey::from(bytes),
        TEXT.parse().unwrap(),
        format!(" {}\r\n", TEXT.trim_end_matches('='))
            .parse()
            .unwrap(),
        Secret::from(TEXT).try_into().unwrap(),
    ];
    for key in keys {
        assert_eq!(key.to_base64().expose_secret(), TEXT);
    }
}

#[test]
fn a_text_of_another_length_or_alphabet_is_rejected() {
    let encode = |length| BASE64_STANDARD.encode(vec![7; length]);
    let cases = [
        (String::new(), SealingKeyError::Length(0)),
        (encode(31), SealingKeyError::Length(31)),
        (encode(33), SealingKeyError::Length(33)),
        ("my password".to_owned(), SealingKeyError::NotBase64),
        (TEXT.replace('+', "-"), SealingKeyError::NotBase64),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<SealingKey>().unwrap_err(), expected, "{text}");
    }
}

#[test]
fn two_generated_keys_differ() {
    let [one, other] = [SealingKey::generate(), SealingKey::generate()];
    assert_ne!(one.to_base64(), other.to_base64());
}

#[test]
fn a_key_is_not_printed() {
    let key: SealingKey = TEXT.parse().unwrap();
    assert_eq!(format!("{key:?}"), "SealingKey([REDACTED])");
}
