//! Invalid arguments are rejected before anything is sent, exactly at their limits. `sentences.rs` compares
//! what the errors say.

use webhook_subscriptions::pandadoc;
use webhook_subscriptions::ratepay::types::SubscriptionId;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::WebhookUrl;

#[test]
fn an_id_may_begin_with_a_dash() {
    assert!("-8znR1k1_0Kw305BsoP_".parse::<SubscriptionId>().is_ok());
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
fn a_url_is_kept_as_it_was_written() {
    let url: WebhookUrl = "HTTPS://Shop.example".parse().unwrap();
    assert_eq!(url.as_str(), "HTTPS://Shop.example");
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

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[test]
fn https_without_tls() {
    let error = pandadoc::Client::builder()
        .api_key("key")
        .build()
        .unwrap_err();
    assert!(matches!(error, webhook_subscriptions::BuildError::NoTls));
}
