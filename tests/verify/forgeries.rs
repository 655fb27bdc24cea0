//! Any single change of body, key or signature is rejected, and nothing that anybody sends causes a panic.

use std::time::UNIX_EPOCH;

use http::{HeaderMap, HeaderValue, Request};
use proptest::prelude::*;
use webhook_subscriptions::verify::{
    Key, KeyRing, PandaDoc, Ratepay, RingKey, Scheme, Signature, Verified, VerifyError,
};
use webhook_subscriptions::Secret;

/// One change of a sequence of bytes, at a place that is taken modulo its length.
#[derive(Debug, Clone)]
enum Change {
    Flip(usize, u8),
    Insert(usize, u8),
    Remove(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), 0..8_u8).prop_map(|(place, bit)| Change::Flip(place, bit)),
        (any::<usize>(), any::<u8>()).prop_map(|(place, byte)| Change::Insert(place, byte)),
        any::<usize>().prop_map(Change::Remove),
    ]
}

impl Change {
    fn of(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let length = bytes.len();
        match *self {
            Self::Flip(place, bit) if length > 0 => bytes[place % length] ^= 1 << bit,
            Self::Remove(place) if length > 0 => {
                bytes.remove(place % length);
            }
            Self::Insert(place, byte) => bytes.insert(place % (length + 1), byte),
            // There is nothing to change in nothing.
            Self::Flip(_, byte) => bytes.push(byte),
            Self::Remove(_) => bytes.push(0),
        }
        bytes
    }
}

fn key<S: Scheme>(text: &str) -> Key<S> {
    Key::new(Secret::from(text)).unwrap()
}

fn refuses_another_body<S: Scheme>(text: &str, body: &[u8], change: &Change) -> bool {
    let key = key::<S>(text);
    !key.verify(&change.of(body), &key.sign(body))
}

fn refuses_another_key<S: Scheme>(text: &str, other: &str, body: &[u8]) -> bool {
    !key::<S>(other).verify(body, &key::<S>(text).sign(body))
}

fn refuses_another_signature<S: Scheme>(text: &str, body: &[u8], change: &Change) -> bool {
    let key = key::<S>(text);
    let changed = change.of(key.sign(body).to_string().as_bytes());
    let Ok(changed) = String::from_utf8(changed) else {
        return true;
    };
    let signature = changed.parse::<Signature<S>>();
    // Another case of a letter is the same signature, and the one change that may pass.
    let same = changed.to_ascii_lowercase() == key.sign(body).to_string();
    same || signature.map_or(true, |signature| !key.verify(body, &signature))
}

fn accepts_either_case<S: Scheme>(text: &str, body: &[u8], upper: &[bool]) -> bool {
    let key = key::<S>(text);
    let cases = upper.iter().cycle();
    let mixed: String = std::iter::zip(key.sign(body).to_string().chars(), cases)
        .map(|(digit, upper)| match upper {
            true => digit.to_ascii_uppercase(),
            false => digit,
        })
        .collect();
    key.verify(body, &mixed.parse().unwrap())
}

fn ring<S: Scheme>() -> KeyRing<S> {
    KeyRing::new([RingKey::new("key", key("key"))]).unwrap()
}

fn verify_target(target: &str, body: &[u8]) -> Result<Verified, VerifyError> {
    let signature = Signature::<PandaDoc>::from_target(target)?;
    ring().verify(body, &signature, UNIX_EPOCH)
}

fn verify_headers(headers: HeaderMap, body: &[u8]) -> Result<Verified, VerifyError> {
    let (mut head, _) = Request::new(()).into_parts();
    head.headers = headers;
    ring::<Ratepay>().verify_request(&head, body, UNIX_EPOCH)
}

/// Text that isn't white space alone, and has no NUL. HMAC fills a short key up with NUL, so a key that ends
/// in one is the same key.
const KEY: &str = "[^\\x00]{0,100}[!-~][^\\x00]{0,99}";

proptest! {
    #[test]
    fn a_changed_body_is_refused(text in KEY, body: Vec<u8>, change in change()) {
        prop_assert!(refuses_another_body::<PandaDoc>(&text, &body, &change));
        prop_assert!(refuses_another_body::<Ratepay>(&text, &body, &change));
    }

    #[test]
    fn a_changed_key_is_refused(text in KEY, change in change(), body: Vec<u8>) {
        let other = String::from_utf8(change.of(text.as_bytes()));
        prop_assume!(other.as_ref().is_ok_and(|other| !other.contains('\0')));
        let other = other.unwrap();
        prop_assume!(other != text);
        prop_assume!(Key::<PandaDoc>::new(Secret::from(&*other)).is_ok());
        prop_assert!(refuses_another_key::<PandaDoc>(&text, &other, &body));
        prop_assert!(refuses_another_key::<Ratepay>(&text, &other, &body));
    }

    #[test]
    fn a_changed_signature_is_refused(text in KEY, body: Vec<u8>, change in change()) {
        prop_assert!(refuses_another_signature::<PandaDoc>(&text, &body, &change));
        prop_assert!(refuses_another_signature::<Ratepay>(&text, &body, &change));
    }

    #[test]
    fn digits_of_either_case_are_accepted(
        text in KEY,
        body: Vec<u8>,
        upper in proptest::collection::vec(any::<bool>(), 1..128),
    ) {
        prop_assert!(accepts_either_case::<PandaDoc>(&text, &body, &upper));
        prop_assert!(accepts_either_case::<Ratepay>(&text, &body, &upper));
    }

    #[test]
    fn any_request_target_whatever_is_refused_without_a_panic(target: String, body: Vec<u8>) {
        prop_assert!(verify_target(&target, &body).is_err());
    }

    #[test]
    fn any_value_of_the_parameter_is_refused_without_a_panic(
        value in "[0-9a-f%&=+#?]{0,80}",
        body: Vec<u8>,
    ) {
        let target = format!("/?signature={value}");
        prop_assert!(verify_target(&target, &body).is_err());
    }

    #[test]
    fn any_headers_whatever_are_refused_without_a_panic(values: Vec<Vec<u8>>, body: Vec<u8>) {
        let mut headers = HeaderMap::new();
        for value in values.iter().filter_map(|value| HeaderValue::from_bytes(value).ok()) {
            headers.append(Ratepay::HEADER, value);
        }
        prop_assert!(verify_headers(headers, &body).is_err());
    }
}
