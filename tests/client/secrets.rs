//! A secret is what it was given, compares as text does, and is not printed.

use std::error::Error as _;
use std::iter;

use crate::support::{self, response, Server};
use webhook_subscriptions::pandadoc::oauth::{RefreshToken, RefreshTokenStore};
use webhook_subscriptions::ratepay::{Environment, SigningSecret};
use webhook_subscriptions::verify::{Key, PandaDoc, Ratepay};
use webhook_subscriptions::{pandadoc, ratepay, BoxFuture, Credential, CredentialError};
use webhook_subscriptions::{CredentialSource, Error, ErrorKind, Secret};

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
fn an_empty_secret_is_accepted_nowhere() {
    let empty = Secret::from("");
    for (place, is_refused) in [
        (
            "Deserialize",
            serde_json::from_str::<Secret>(r#""""#).is_err(),
        ),
        ("Serialize", serde_json::to_string(&empty).is_err()),
        ("api_key", Credential::api_key(&empty).is_err()),
        ("bearer", Credential::bearer(&empty).is_err()),
        ("SigningSecret", SigningSecret::new(empty.clone()).is_err()),
        ("PandaDoc's key", Key::<PandaDoc>::new(&empty).is_err()),
        ("Ratepay's key", Key::<Ratepay>::new(&empty).is_err()),
    ] {
        assert!(is_refused, "{place}");
    }
}

struct Forgetful;

impl RefreshTokenStore for Forgetful {
    fn store<'a>(
        &'a self,
        _: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async { Ok(()) })
    }
}

/// A token server, and sources of tokens that would send it an empty secret.
async fn sources_with_an_empty_secret() -> (Server, [Box<dyn CredentialSource>; 3]) {
    let server = Server::answering(response(200, &[], r#"{"access_token":"token"}"#)).await;
    let pandadoc = pandadoc::oauth::Client::builder().base_url(server.base_url());
    let pandadoc = pandadoc.build().unwrap();
    let ratepay = ratepay::oauth::Client::builder().base_url(server.base_url());
    let ratepay = ratepay.build().unwrap();
    let refresh = |secret: &str, token: &str| {
        Box::new(RefreshToken::new(
            pandadoc.clone(),
            support::grant(secret, token),
            Forgetful,
        ))
    };
    let credentials = ratepay.client_credentials(Environment::Integration, "id", "");
    let sources: [Box<dyn CredentialSource>; 3] = [
        Box::new(credentials),
        refresh("", "token"),
        refresh("secret", ""),
    ];
    (server, sources)
}

/// The error of the token request.
fn of_the_request(error: &CredentialError) -> &Error {
    let mut causes = iter::successors(error.source(), |&error| error.source());
    causes
        .find_map(|error| error.downcast_ref())
        .expect("a token request that failed")
}

#[tokio::test]
async fn an_empty_secret_is_not_sent() {
    let (mut server, sources) = sources_with_an_empty_secret().await;
    for source in sources {
        let error = source.credential().await.unwrap_err();
        assert_eq!(of_the_request(&error).kind(), ErrorKind::NotBuilt);
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn the_error_of_an_empty_secret_says_what_is_wrong() {
    let (_server, sources) = sources_with_an_empty_secret().await;
    for source in sources {
        let error = source.credential().await.unwrap_err();
        let cause = of_the_request(&error).source().map(ToString::to_string);
        let expected = "a secret is empty; give it a value, since an empty one is never sent";
        assert_eq!(cause.as_deref(), Some(expected));
    }
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
