//! A request without exactly one well-formed signature is rejected, each with an error of its own kind.

use http::{HeaderMap, HeaderValue};
use webhook_subscriptions::verify::{Ratepay, Signature, VerifyError, VerifyErrorKind};

const SHA_256: &str = "d51ed7f6d499b6ad698d0e6bfe2077b2427e38558fee2693245c45689820954c";

fn pandadoc(target: &str) -> VerifyError {
    Signature::from_target(target).unwrap_err()
}

fn ratepay(values: &[&[u8]]) -> VerifyError {
    let values = values
        .iter()
        .map(|value| (Ratepay::HEADER, HeaderValue::from_bytes(value).unwrap()));
    let mut headers = HeaderMap::new();
    for (name, value) in values {
        headers.append(name, value);
    }
    Signature::from_headers(&headers).unwrap_err()
}

fn sha_512() -> String {
    SHA_256.repeat(2)
}

#[test]
fn pandadoc_a_request_without_a_signature() {
    for target in [
        "",
        "/",
        "/hooks",
        "/hooks?",
        "/hooks?of=shop",
        "/signature=1",
        // In a fragment, which is not sent.
        &format!("/hooks#?signature={SHA_256}"),
        &format!("/hooks?of=shop#&signature={SHA_256}"),
        // Not PandaDoc's name of it.
        &format!("/hooks?Signature={SHA_256}"),
    ] {
        assert_eq!(
            pandadoc(target).kind(),
            VerifyErrorKind::Missing,
            "{target}"
        );
    }
}

#[test]
fn ratepay_a_request_without_a_signature() {
    assert_eq!(ratepay(&[]).kind(), VerifyErrorKind::Missing);
}

#[test]
fn pandadoc_a_repeated_signature() {
    for target in [
        format!("/hooks?signature={SHA_256}&signature={SHA_256}"),
        format!("/hooks?signature={SHA_256}&of=shop&%73ignature="),
        format!("/hooks?signature={{signature}}&signature={SHA_256}"),
    ] {
        assert_eq!(
            pandadoc(&target).kind(),
            VerifyErrorKind::Duplicate,
            "{target}"
        );
    }
}

#[test]
fn ratepay_a_repeated_signature() {
    let signature = sha_512();
    let error = ratepay(&[signature.as_bytes(), signature.as_bytes()]);
    assert_eq!(error.kind(), VerifyErrorKind::Duplicate);
}

#[test]
fn ratepay_signatures_that_a_proxy_joined() {
    let signature = sha_512();
    for joined in [format!("{signature}, {signature}"), format!("{signature},")] {
        let error = ratepay(&[joined.as_bytes()]);
        assert_eq!(error.kind(), VerifyErrorKind::Duplicate, "{joined}");
    }
}

#[test]
fn pandadoc_a_signature_of_another_length() {
    for (value, length) in [("", 0), ("abc", 3), (&sha_512(), 128), (&SHA_256[1..], 63)] {
        let error = pandadoc(&format!("/hooks?signature={value}"));
        assert_eq!(error.kind(), VerifyErrorKind::Length(length), "{value}");
    }
}

#[test]
fn ratepay_a_signature_of_another_length() {
    for (value, length) in [("", 0), ("abc", 3), (SHA_256, 64), (&sha_512()[1..], 127)] {
        let error = ratepay(&[value.as_bytes()]);
        assert_eq!(error.kind(), VerifyErrorKind::Length(length), "{value}");
    }
}

#[test]
fn pandadoc_a_signature_that_is_not_hexadecimal() {
    for last in ["g", "%20", "+", "-", "%00", "%ff"] {
        let error = pandadoc(&format!("/hooks?signature={}{last}", &SHA_256[1..]));
        assert_eq!(error.kind(), VerifyErrorKind::Malformed, "{last}");
    }
}

#[test]
fn ratepay_a_signature_that_is_not_hexadecimal() {
    for last in [b'g', b' ', b'+', b'\t', 0xff] {
        let mut value = sha_512().into_bytes();
        value[127] = last;
        assert_eq!(
            ratepay(&[&value]).kind(),
            VerifyErrorKind::Malformed,
            "{last}"
        );
    }
}

#[test]
fn a_fragment_is_no_part_of_a_signature() {
    let signature = Signature::from_target(&format!("/hooks?signature={SHA_256}#top")).unwrap();
    assert_eq!(signature.to_string(), SHA_256);
}

#[test]
fn percent_encoding_is_undone() {
    let target = format!("/hooks?%73ignature=%64{}", &SHA_256[1..]);
    let signature = Signature::from_target(&target).unwrap();
    assert_eq!(signature.to_string(), SHA_256);
}

#[test]
fn a_signature_of_the_hosted_payment_page_has_its_own_kind() {
    for value in [
        "t=1778083162,v1=Rp1SRtrZLCubfGIGIXXPBS0UnOHnvcDbDbDtWC4nWvQ=",
        "t=1778083162, v1=Rp1SRtrZLCubfGIGIXXPBS0UnOHnvcDbDbDtWC4nWvQ=",
        "v1=Rp1SRtrZLCubfGIGIXXPBS0UnOHnvcDbDbDtWC4nWvQ=,t=1778083162",
    ] {
        let error = ratepay(&[value.as_bytes()]);
        assert_eq!(error.kind(), VerifyErrorKind::HostedPaymentPage, "{value}");
    }
}
