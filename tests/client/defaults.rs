//! A client without settings has the documented server, times and limits.

use serde_json::Value;
use webhook_subscriptions::ratepay::Environment;
use webhook_subscriptions::{pandadoc, ratepay};

/// The URLs of the servers that a document names.
fn servers(document: &str) -> Vec<String> {
    let document: Value = serde_yaml_ng::from_str(document).unwrap();
    let servers = document["servers"].as_array().unwrap();
    servers
        .iter()
        .map(|server| server["url"].as_str().unwrap().to_owned())
        .collect()
}

/// A client prints its base URL. The HTTP client is configured, so that this holds without TLS too.
fn ratepay_in(environment: Environment) -> String {
    let client = ratepay::Client::builder()
        .environment(environment)
        .access_token("jwt")
        .configure_http(|http| http)
        .build();
    format!("{:?}", client.unwrap())
}

fn pandadoc() -> String {
    let client = pandadoc::Client::builder()
        .api_key("key")
        .configure_http(|http| http)
        .build();
    format!("{:?}", client.unwrap())
}

#[test]
fn pandadoc_is_where_its_document_says() {
    let servers = servers(include_str!("../../specs/pandadoc.json"));
    assert!(pandadoc().contains(&format!("baseurl: {:?},", servers[0])));
}

#[test]
fn ratepays_integration_environment_is_where_its_document_says() {
    let servers = servers(include_str!("../../specs/ratepay.yaml"));
    let client = ratepay_in(Environment::Integration);
    assert!(
        client.contains(&format!("baseurl: {:?},", servers[0])),
        "{client}"
    );
}

#[test]
fn ratepays_production_environment_is_where_its_document_says() {
    let servers = servers(include_str!("../../specs/ratepay.yaml"));
    let client = ratepay_in(Environment::Production);
    assert!(
        client.contains(&format!("baseurl: {:?},", servers[1])),
        "{client}"
    );
}

#[test]
fn the_token_endpoints_are_where_their_documents_say() {
    let pandadoc = pandadoc::oauth::Client::builder()
        .configure_http(|http| http)
        .build()
        .unwrap();
    let ratepay = ratepay::oauth::Client::builder()
        .configure_http(|http| http)
        .build()
        .unwrap();
    let seen = format!("{pandadoc:?} {ratepay:?}");
    for document in [
        include_str!("../../specs/pandadoc-oauth.yaml"),
        include_str!("../../specs/ratepay-oauth.yaml"),
    ] {
        let server = &servers(document)[0];
        assert!(seen.contains(&format!("baseurl: {server:?},")), "{server}");
    }
}

#[test]
fn a_token_is_asked_for_the_environment_that_was_named() {
    for (environment, host) in [
        (
            Environment::Integration,
            "https://api-integration.ratepay.com",
        ),
        (Environment::Production, "https://api.ratepay.com"),
    ] {
        let oauth = ratepay::oauth::Client::builder()
            .configure_http(|http| http)
            .build()
            .unwrap();
        let source = oauth.client_credentials(environment, "id", "secret");
        let audience = format!("audience: \"{host}/webhook/management\"");
        assert!(format!("{source:?}").contains(&audience), "{source:?}");
    }
}

#[test]
fn an_attempt_may_take_30_seconds() {
    assert!(pandadoc().contains("timeout: 30s,"));
}

#[test]
fn a_response_may_have_1_mib() {
    assert!(pandadoc().contains("response_limit: 1048576,"));
}

#[test]
fn a_call_may_take_2_minutes_and_4_attempts() {
    let client = pandadoc();
    assert!(
        client.contains("attempts: 4,") && client.contains("deadline: 120s"),
        "{client}"
    );
}
