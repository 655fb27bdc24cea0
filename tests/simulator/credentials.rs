//! The simulator accepts a credential for as long as it is valid.

use crate::support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use webhook_subscriptions::pandadoc::oauth::{RefreshGrant, RefreshToken, RefreshTokenStore};
use webhook_subscriptions::pandadoc::{self, oauth};
use webhook_subscriptions::testing::{Clock, Operation, Simulator};
use webhook_subscriptions::{BoxFuture, Credential, Error, ResponseValue, RetryPolicy, Secret};

async fn simulator() -> Simulator {
    let simulator = Simulator::builder().clock(Clock::stopped());
    simulator.start().await.unwrap()
}

fn status<T>(result: Result<ResponseValue<T>, Error>) -> u16 {
    match result {
        Ok(answer) => answer.status().as_u16(),
        Err(error) => error.status().expect("a status").as_u16(),
    }
}

async fn pandadoc_says(builder: webhook_subscriptions::ClientBuilder<pandadoc::Client>) -> u16 {
    status(builder.build().unwrap().list_webhook_subscriptions().await)
}

#[tokio::test]
async fn pandadoc_takes_an_api_key_and_an_access_token() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let with_key = pandadoc_says(pandadoc.client_builder()).await;
    let with_token = pandadoc
        .client_builder()
        .access_token(pandadoc.access_token());
    assert_eq!((with_key, pandadoc_says(with_token).await), (200, 200));
}

#[tokio::test]
async fn pandadoc_takes_no_other_key_and_no_key_in_the_place_of_a_token() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let unknown = pandadoc_says(pandadoc.client_builder().api_key("another")).await;
    let misplaced = pandadoc.client_builder().access_token(pandadoc.api_key());
    assert_eq!((unknown, pandadoc_says(misplaced).await), (401, 401));
}

#[tokio::test]
async fn a_token_of_pandadocs_is_good_until_its_time_is_over() {
    let simulator = simulator().await;
    let token = simulator
        .pandadoc()
        .access_token_for(Duration::from_secs(60));
    let builder = || {
        simulator
            .pandadoc()
            .client_builder()
            .access_token(token.clone())
    };
    simulator.clock().advance(Duration::from_millis(59_999));
    let before = pandadoc_says(builder()).await;
    simulator.clock().advance(Duration::from_millis(1));
    assert_eq!((before, pandadoc_says(builder()).await), (200, 401));
}

#[tokio::test]
async fn a_token_of_ratepays_is_good_until_its_time_is_over() {
    let simulator = simulator().await;
    let client = simulator.ratepay().client_builder().build().unwrap();
    simulator.clock().advance(Duration::from_secs(1799));
    let before = status(client.list_subscriptions().await);
    simulator.clock().advance(Duration::from_secs(1));
    assert_eq!(
        (before, status(client.list_subscriptions().await)),
        (200, 401)
    );
}

#[tokio::test]
async fn ratepay_answers_400_to_a_token_that_is_no_jwt() {
    let simulator = simulator().await;
    let builder = simulator.ratepay().client_builder();
    let client = builder.access_token("no-jwt").build().unwrap();
    let answer = client.create_subscription(&support::subscription()).await;
    assert_eq!(status(answer), 400);
}

#[tokio::test]
async fn client_credentials_get_a_token_of_ratepays_and_another_when_it_expired() {
    let simulator = simulator().await;
    let credentials = simulator.ratepay().client_credentials().unwrap();
    let builder = simulator.ratepay().client_builder();
    let client = builder.credential_source(credentials).build().unwrap();
    client.list_subscriptions().await.unwrap();
    simulator.clock().advance(Duration::from_secs(1800));
    client.list_subscriptions().await.unwrap();
    assert_eq!(simulator.requests(Operation::CreateOAuthToken), 2);
}

#[tokio::test]
async fn wrong_client_credentials_get_no_token_of_ratepays() {
    let simulator = simulator().await;
    let client = simulator.ratepay().oauth_client_builder();
    let client = client.retry(RetryPolicy::none()).build().unwrap();
    let request = webhook_subscriptions::ratepay::oauth::types::TokenRequest {
        audience: "https://api.ratepay.com/transaction/management".into(),
        client_id: simulator.ratepay().client_id(),
        client_secret: simulator.ratepay().client_secret(),
        grant_type: "client_credentials".into(),
    };
    assert_eq!(status(client.create_o_auth_token(&request).await), 401);
}

/// Keeps the last token that it was given.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Option<Secret>>>);

impl RefreshTokenStore for Kept {
    fn store<'a>(
        &'a self,
        token: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        *self.0.lock().unwrap() = Some(token.clone());
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn a_refresh_token_gets_an_access_token_of_pandadocs_and_the_next_refresh_token() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let kept = Kept::default();
    let source = RefreshToken::new(
        pandadoc.oauth_client_builder().build().unwrap(),
        RefreshGrant {
            client_id: pandadoc.client_id(),
            client_secret: pandadoc.client_secret(),
            refresh_token: pandadoc.refresh_token(),
        },
        kept.clone(),
    );
    let builder = pandadoc.client_builder().credential_source(source);
    let listed = pandadoc_says(builder).await;
    let kept = kept.0.lock().unwrap().clone();
    assert_eq!((listed, kept), (200, Some(pandadoc.refresh_token())));
}

async fn refresh(simulator: &Simulator, token: Secret) -> u16 {
    let pandadoc = simulator.pandadoc();
    let request = oauth::types::RefreshRequest {
        client_id: pandadoc.client_id(),
        client_secret: pandadoc.client_secret(),
        grant_type: "refresh_token".into(),
        refresh_token: token,
    };
    let client = pandadoc.oauth_client_builder().build().unwrap();
    status(client.access_token(&request).await)
}

#[tokio::test]
async fn a_refresh_token_works_once() {
    let simulator = simulator().await;
    let token = simulator.pandadoc().refresh_token();
    let first = refresh(&simulator, token.clone()).await;
    assert_eq!((first, refresh(&simulator, token).await), (200, 400));
}

#[tokio::test]
async fn an_authorization_code_works_once() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let form = format!(
        "grant_type=authorization_code&client_id={}&client_secret={}&code={}",
        pandadoc.client_id(),
        pandadoc.client_secret().expose_secret(),
        pandadoc.authorization_code().expose_secret(),
    );
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let answer = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = answer
            .post(format!("{}/oauth2/access_token", simulator.base_url()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.clone())
            .send()
            .await
            .unwrap();
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [200, 400]);
}

/// The status of a valid request to a token endpoint, sent as this media type.
async fn token_sent_as(path: &str, content_type: &str) -> u16 {
    let simulator = simulator().await;
    let (pandadoc, ratepay) = (simulator.pandadoc(), simulator.ratepay());
    let body = match path {
        "/oauth2/access_token" => format!(
            "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
            pandadoc.client_id(),
            pandadoc.client_secret().expose_secret(),
            pandadoc.refresh_token().expose_secret(),
        ),
        _ => serde_json::json!({
            "client_id": ratepay.client_id(),
            "client_secret": ratepay.client_secret().expose_secret(),
            "audience": "https://api.ratepay.com/webhook/management",
            "grant_type": "client_credentials",
        })
        .to_string(),
    };
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}{path}", simulator.base_url()));
    let request = request.header("content-type", content_type).body(body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_token_endpoint_takes_its_documented_media_type_alone() {
    for (path, content_type, status) in [
        (
            "/oauth2/access_token",
            "application/x-www-form-urlencoded",
            200,
        ),
        (
            "/oauth2/access_token",
            "application/x-www-form-urlencoded; charset=utf-8",
            200,
        ),
        (
            "/oauth2/access_token",
            "application/x-www-form-urlencodedly",
            400,
        ),
        ("/oauth2/access_token", "application/json", 400),
        ("/oauth2/access_token", "text/plain", 400),
        ("/oauth/token", "application/json", 200),
        ("/oauth/token", "application/json; charset=utf-8", 200),
        ("/oauth/token", "application/x-www-form-urlencoded", 401),
        ("/oauth/token", "text/plain", 401),
    ] {
        assert_eq!(
            token_sent_as(path, content_type).await,
            status,
            "{path} {content_type}"
        );
    }
}

#[tokio::test]
async fn nothing_of_a_simulator_prints_a_credential() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let ratepay = simulator.ratepay();
    let printed = format!(
        "{simulator:?} {pandadoc:?} {ratepay:?} {:?}",
        simulator.clock()
    );
    for secret in [
        pandadoc.api_key(),
        pandadoc.refresh_token(),
        pandadoc.client_secret(),
        ratepay.client_secret(),
    ] {
        assert!(!printed.contains(secret.expose_secret()));
    }
}

#[tokio::test]
async fn a_credential_can_be_made_of_what_it_gives() {
    let simulator = simulator().await;
    let credential = Credential::api_key(simulator.pandadoc().api_key()).unwrap();
    let builder = simulator.pandadoc().client_builder();
    assert_eq!(
        pandadoc_says(builder.credential_source(credential)).await,
        200
    );
}
