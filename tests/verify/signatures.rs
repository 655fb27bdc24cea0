//! Signatures of the providers verify, and this crate signs as they would have signed.
//!
//! The signatures of `vectors/signatures.tsv` are OpenSSL's; `vectors/make.sh` makes them.

use std::time::SystemTime;

use http::request::Parts;
use http::Request;
use webhook_subscriptions::verify::{
    Key, KeyRing, PandaDoc, Ratepay, RingKey, Scheme, Signature, VerifyErrorKind,
};
use webhook_subscriptions::Secret;

/// The example of Ratepay's documentation:
/// https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/overview/
const RATEPAYS_EXAMPLE: &str = "4c131d60caea39b5f65625b80270e5305d5a00ebc5d15a00ecf82da9de2fcc8ff45df068a11f8b336890b161eb1fdefafe452d2e452623b37e4bd3277bb348fd";

/// The example of another product of Ratepay's:
/// https://docs.ratepay.com/docs/developer/hosted_payment_page/webhooks_signature
const HOSTED_PAYMENT_PAGES_EXAMPLE: &str =
    "t=1778083162,v1=Rp1SRtrZLCubfGIGIXXPBS0UnOHnvcDbDbDtWC4nWvQ=";

struct Vector {
    key: Secret,
    body: String,
    signature: &'static str,
}

fn vectors(scheme: &str) -> Vec<Vector> {
    let vectors: Vec<_> = include_str!("../vectors/signatures.tsv")
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|columns| columns[0] == scheme)
        .map(|columns| Vector {
            key: columns[1].into(),
            body: columns[2].replace("\\n", "\n"),
            signature: columns[3],
        })
        .collect();
    assert_eq!(vectors.len(), 6);
    vectors
}

fn ring<S: Scheme>(key: &Secret) -> KeyRing<S> {
    KeyRing::new([RingKey::new("the key", Key::new(key).unwrap())]).unwrap()
}

/// The head of a request to this target.
fn head(target: &str) -> Parts {
    Request::post(target).body(()).unwrap().into_parts().0
}

/// The head of a request with this signature in Ratepay's header.
fn signed(signature: &str) -> Parts {
    let request = Request::post("/hooks").header(Ratepay::HEADER, signature);
    request.body(()).unwrap().into_parts().0
}

#[test]
fn a_delivery_of_pandadoc_verifies() {
    for Vector {
        key,
        body,
        signature,
    } in vectors("pandadoc")
    {
        let head = head(&format!("/hooks?signature={signature}"));
        let ring = ring::<PandaDoc>(&key);
        let verified = ring.verify_request(&head, body.as_bytes(), SystemTime::now());
        assert_eq!(verified.unwrap().key_id(), "the key", "{body}");
    }
}

#[test]
fn a_delivery_of_ratepay_verifies() {
    for Vector {
        key,
        body,
        signature,
    } in vectors("ratepay")
    {
        let ring = ring::<Ratepay>(&key);
        let verified = ring.verify_request(&signed(signature), body.as_bytes(), SystemTime::now());
        assert_eq!(verified.unwrap().key_id(), "the key", "{body}");
    }
}

#[test]
fn ratepays_documented_example_verifies() {
    let ring = ring::<Ratepay>(&Secret::from("abc123"));
    let head = signed(RATEPAYS_EXAMPLE);
    let body = br#"{"key":"value"}"#;
    assert!(ring.verify_request(&head, body, SystemTime::now()).is_ok());
}

#[test]
fn the_signature_of_a_hosted_payment_page_is_named_and_refused() {
    let ring = ring::<Ratepay>(&Secret::from("my secret"));
    let head = signed(HOSTED_PAYMENT_PAGES_EXAMPLE);
    let body = br#"{"key": "value"}"#;
    let error = ring
        .verify_request(&head, body, SystemTime::now())
        .unwrap_err();
    assert_eq!(error.kind(), VerifyErrorKind::HostedPaymentPage);
}

#[test]
fn signing_for_pandadoc_makes_what_pandadoc_sends() {
    for vector in vectors("pandadoc") {
        let key = Key::<PandaDoc>::new(&vector.key).unwrap();
        assert_eq!(
            key.sign(vector.body.as_bytes()).to_string(),
            vector.signature
        );
    }
}

#[test]
fn signing_for_ratepay_makes_what_ratepay_sends() {
    for vector in vectors("ratepay") {
        let key = Key::<Ratepay>::new(&vector.key).unwrap();
        assert_eq!(
            key.sign(vector.body.as_bytes()).to_string(),
            vector.signature
        );
    }
}

#[test]
fn a_signature_appended_to_a_url_is_found_in_it() {
    let key = Key::<PandaDoc>::new(Secret::from("key")).unwrap();
    let signature = key.sign(b"body");
    for url in [
        "https://shop.example/hooks",
        "/hooks?of=shop",
        "/hooks?",
        "/hooks#top",
        "/hooks?of=shop#top",
        "/hooks#top?of=shop",
    ] {
        let found = Signature::from_target(&signature.append_to(url)).unwrap();
        assert_eq!(found.to_string(), signature.to_string(), "{url}");
    }
}

#[test]
fn a_fragment_is_no_part_of_what_is_appended_to() {
    let key = Key::<PandaDoc>::new(Secret::from("key")).unwrap();
    let signature = key.sign(b"body");
    assert_eq!(
        signature.append_to("/hooks#top?of=shop"),
        format!("/hooks?signature={signature}"),
    );
}

#[test]
fn a_placeholder_of_a_url_gives_way_to_the_signature() {
    let signature = Key::<PandaDoc>::new(Secret::from("key"))
        .unwrap()
        .sign(b"body");
    for (url, expected) in [
        ("/hooks?signature={signature}", "/hooks?signature=SIGNED"),
        (
            "/hooks?a=1&signature={signature}&b=2",
            "/hooks?a=1&signature=SIGNED&b=2",
        ),
        (
            "/hooks?signature=%7Bsignature%7D#top",
            "/hooks?signature=SIGNED",
        ),
        // No placeholders: the value, or the name, is another.
        (
            "/hooks?signature={signature}x",
            "/hooks?signature={signature}x&signature=SIGNED",
        ),
        (
            "/hooks?signature=mine",
            "/hooks?signature=mine&signature=SIGNED",
        ),
        (
            "/hooks?sig={signature}",
            "/hooks?sig={signature}&signature=SIGNED",
        ),
        ("/{signature}", "/{signature}?signature=SIGNED"),
    ] {
        let sent = signature.append_to(url);
        assert_eq!(sent.replace(&signature.to_string(), "SIGNED"), expected);
    }
}

#[test]
fn upper_case_is_as_good_as_lower_case() {
    let key = Key::<Ratepay>::new(Secret::from("abc123")).unwrap();
    let signature = RATEPAYS_EXAMPLE.to_uppercase().parse().unwrap();
    assert!(key.verify(br#"{"key":"value"}"#, &signature));
}

#[test]
fn one_signature_of_pandadoc_has_many_texts_that_verify() {
    let secret = Secret::from("key");
    let signature = Key::<PandaDoc>::new(&secret).unwrap().sign(b"body");
    let lower = signature.to_string();
    let encoded: String = lower.bytes().map(|byte| format!("%{byte:x}")).collect();
    for text in [&lower, &lower.to_uppercase(), &encoded] {
        let target = format!("/hooks?signature={text}");
        let ring = ring::<PandaDoc>(&secret);
        let verified = ring.verify_request(&head(&target), b"body", SystemTime::now());
        assert!(verified.is_ok(), "{text}");
    }
}

#[test]
fn a_key_that_lets_everybody_sign_is_refused() {
    for nothing in [
        "",
        "\0",
        "\0\0\0",
        " ",
        "\r\n",
        "\t\0",
        // Controls: ESC, DEL, and one beyond ASCII.
        "\u{1b}\u{7f}\u{9b}",
        // White space beyond ASCII: no-break space, em space, line separator.
        "\u{a0}\u{2003}\u{2028}",
        // Invisible by themselves: zero-width space, byte order mark, soft hyphen, Hangul filler, word joiner,
        // left-to-right mark, variation selector, tag space.
        "\u{200b}",
        "\u{feff}",
        "\u{ad}",
        "\u{3164}",
        "\u{2060}\u{200e}\u{fe0f}\u{e0020}",
        "\u{feff} \r\n\0",
    ] {
        let key = Key::<PandaDoc>::new(Secret::from(nothing));
        assert!(key.is_err(), "{nothing:?}");
    }
}

#[test]
fn a_key_that_has_invisible_characters_among_others_signs_with_all_of_them() {
    let [with, without] = ["\u{feff}key\u{200b}", "key"].map(|text| {
        let key = Key::<PandaDoc>::new(Secret::from(text)).unwrap();
        key.sign(b"body").to_string()
    });
    assert_ne!(with, without);
}

#[test]
fn a_key_does_not_print_itself() {
    let key = Key::<PandaDoc>::new(Secret::from("canary")).unwrap();
    assert_eq!(format!("{key:?}"), "Key(PandaDoc, [REDACTED])");
}

#[test]
fn a_signature_does_not_show_its_digits_in_a_log() {
    let signature: Signature<Ratepay> = RATEPAYS_EXAMPLE.parse().unwrap();
    assert_eq!(format!("{signature:?}"), "Signature(Ratepay)");
}

#[test]
fn a_ring_prints_no_more_of_a_key_than_its_name() {
    let printed = format!("{:?}", ring::<Ratepay>(&Secret::from("canary")));
    assert_eq!(
        printed,
        r#"[RingKey { id: "the key", from: None, until: None, .. }]"#
    );
}
