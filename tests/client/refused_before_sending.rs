//! What an API would refuse does not leave the process: the error says which argument is wrong and
//! what is allowed, without the value where that is secret.

use std::time::Duration;

use webhook_subscriptions::pandadoc;
use webhook_subscriptions::ratepay::types::SubscriptionId;
use webhook_subscriptions::ratepay::{self, SigningSecret, WebhookUrl};

fn id_error(id: &str) -> String {
    id.parse::<SubscriptionId>().unwrap_err().to_string()
}

fn url_error(url: &str) -> String {
    url.parse::<WebhookUrl>().unwrap_err().to_string()
}

fn base_url_error(url: &str) -> String {
    let builder = pandadoc::Client::builder().api_key("key").base_url(url);
    builder.build().unwrap_err().to_string()
}

fn credential_error(key: &str) -> String {
    let builder = pandadoc::Client::builder()
        .base_url("http://127.0.0.1")
        .api_key(key);
    builder.build().unwrap_err().to_string()
}

#[test]
fn an_id_of_another_length() {
    let expected = "id: a Ratepay subscription id has 20 characters, this one has 19";
    assert_eq!(id_error("d8znR1k1_0Kw305BsoP"), expected);
}

#[test]
fn an_id_with_another_character() {
    let expected =
        "id: a Ratepay subscription id has only A-Z, a-z, 0-9, _ and -, this one has '/'";
    assert_eq!(id_error("d8znR1k1/0Kw305BsoPT"), expected);
}

#[test]
fn an_id_may_begin_with_a_dash() {
    assert!("-8znR1k1_0Kw305BsoP_".parse::<SubscriptionId>().is_ok());
}

#[test]
fn a_secret_of_63_characters() {
    let expected = "secret: Ratepay asks for 64 characters or more, this one has 63";
    assert_eq!(
        SigningSecret::new("x".repeat(63)).unwrap_err().to_string(),
        expected
    );
}

#[test]
fn a_secret_of_64_characters_is_enough() {
    assert!(SigningSecret::new("x".repeat(64)).is_ok());
}

#[test]
fn a_secret_is_counted_in_characters_and_not_in_bytes() {
    assert!(SigningSecret::new("ü".repeat(63)).is_err());
}

#[test]
fn a_short_secret_is_refused_from_json_too() {
    assert!(serde_json::from_str::<SigningSecret>(r#""short""#).is_err());
}

#[test]
fn a_url_without_a_scheme() {
    let expected = "url: an absolute http or https URL is needed: relative URL without a base";
    assert_eq!(url_error("shop.example/hooks"), expected);
}

#[test]
fn a_url_of_another_scheme() {
    assert_eq!(
        url_error("ftp://shop.example/"),
        "url: it must begin with http:// or https:// and a host"
    );
}

#[test]
fn a_url_with_characters_that_no_url_has() {
    let expected = "url: white space, control and non-ASCII characters and backslashes must be \
                    percent-encoded";
    for url in [
        "https://shop.example/hooks\n",
        "https://shop.example/größe",
        "https:\\\\shop",
    ] {
        assert_eq!(url_error(url), expected, "{url}");
    }
}

#[test]
fn a_url_that_only_a_browser_understands() {
    let expected = "url: it must begin with http:// or https:// and a host";
    for url in ["https:shop.example/hooks", "https:///shop.example/hooks"] {
        assert_eq!(url_error(url), expected, "{url}");
    }
}

#[test]
fn a_url_is_kept_as_it_was_written() {
    let url: WebhookUrl = "HTTPS://Shop.example".parse().unwrap();
    assert_eq!(url.as_str(), "HTTPS://Shop.example");
}

#[test]
fn plain_http_to_another_machine() {
    let expected =
        "base_url must be https; plain http is for loopback addresses and localhost alone";
    for url in [
        "http://api.pandadoc.com",
        "http://10.0.0.1",
        "http://[::2]",
        "http://localhost.example",
    ] {
        assert_eq!(base_url_error(url), expected, "{url}");
    }
}

#[test]
fn plain_http_to_this_machine_is_allowed() {
    for url in [
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://[::1]:1",
        "http://localhost:1",
    ] {
        let builder = pandadoc::Client::builder().api_key("key").base_url(url);
        assert!(builder.build().is_ok(), "{url}");
    }
}

#[test]
fn a_base_url_with_a_password_is_refused_without_showing_it() {
    let expected = "base_url cannot be used: it holds a user name or a password; \
                    it must be like https://host or https://host/path";
    assert_eq!(
        base_url_error("https://me:hunter2@api.pandadoc.com"),
        expected
    );
}

#[test]
fn a_base_url_with_a_query() {
    let expected = "base_url cannot be used: it has a query or a fragment; \
                    it must be like https://host or https://host/path";
    assert_eq!(base_url_error("https://api.pandadoc.com/?key=1"), expected);
}

#[test]
fn a_base_url_of_another_scheme() {
    let expected = "base_url cannot be used: its scheme is neither https nor http; \
                    it must be like https://host or https://host/path";
    assert_eq!(base_url_error("data:text/plain,x"), expected);
}

#[test]
fn a_credential_with_its_scheme_in_front() {
    let expected = "the credential cannot be sent: it contains white space; \
                    give the key or token alone, without line end or scheme";
    assert_eq!(credential_error("API-Key 3039ba03"), expected);
}

#[test]
fn a_credential_read_with_its_line_end() {
    let expected = "the credential cannot be sent: it contains white space; \
                    give the key or token alone, without line end or scheme";
    assert_eq!(credential_error("3039ba03\n"), expected);
}

#[test]
fn a_credential_that_cannot_stand_in_a_header() {
    let expected =
        "the credential cannot be sent: it contains a character that is not visible ASCII";
    assert_eq!(credential_error("schlüssel"), expected);
}

#[test]
fn an_empty_credential() {
    assert_eq!(
        credential_error(""),
        "the credential cannot be sent: it is empty"
    );
}

#[test]
fn no_credential() {
    let error = pandadoc::Client::builder()
        .base_url("http://127.0.0.1")
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no credential: call api_key(), access_token() or credential_source()"
    );
}

#[test]
fn ratepay_without_a_server_named() {
    let error = ratepay::Client::builder()
        .access_token("jwt")
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no server: call environment() or base_url()"
    );
}

#[test]
fn a_timeout_of_zero() {
    let builder = pandadoc::Client::builder()
        .base_url("http://127.0.0.1")
        .api_key("key");
    let error = builder.timeout(Duration::ZERO).build().unwrap_err();
    assert_eq!(error.to_string(), "timeout() must be more than zero");
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[test]
fn https_without_tls() {
    let error = pandadoc::Client::builder()
        .api_key("key")
        .build()
        .unwrap_err();
    let expected =
        "https needs the feature `rustls` or `native-tls`, or TLS given to configure_http()";
    assert_eq!(error.to_string(), expected);
}
