//! The simulator answers as the providers' documents describe: with every status that they declare for an
//! operation, and with a body that validates. The simulator answers with other statuses only where the
//! documents have none for what is wrong:
//!
//! - 400 of `listWebhookEvent` and 404 of `detailsWebhookEvent`;
//! - 405 for another method and 413 for a body that is too large, at any operation;
//! - 415 for a body that isn't sent as JSON, at PandaDoc.
//!
//! PandaDoc's document is one of our own, and the published one too where there is a copy.

use crate::api_document;
#[allow(dead_code)]
#[path = "../../build/documents.rs"]
mod documents;
use crate::{support, whole};

use api_document::ApiDocument;
use documents::DOCUMENTS;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{json, Value};
use support::{SIGNING_SECRET, URL, UUID};
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{DeliveryError, Fault, Simulator};

const RATEPAY: &str = include_str!("../../specs/ratepay.yaml");
const RATEPAY_OAUTH: &str = include_str!("../../specs/ratepay-oauth.yaml");

/// A request that can be varied.
struct Ask {
    method: Method,
    path: String,
    authorization: Option<String>,
    accept: &'static str,
    content_type: &'static str,
    body: String,
}

impl Ask {
    async fn send(&self, simulator: &Simulator) -> Response {
        let client = Client::builder().no_proxy().build().unwrap();
        let url = format!("{}{}", simulator.base_url(), self.path);
        let mut request: RequestBuilder = client
            .request(self.method.clone(), url)
            .header("accept", self.accept)
            .header("content-type", self.content_type)
            .body(self.body.clone());
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        request.send().await.unwrap()
    }
}

fn api_key(key: &webhook_subscriptions::Secret) -> Option<String> {
    Some(format!("API-Key {}", key.expose_secret()))
}

fn bearer(token: &webhook_subscriptions::Secret) -> Option<String> {
    Some(format!("Bearer {}", token.expose_secret()))
}

/// A request to PandaDoc that succeeds.
async fn pandadoc(simulator: &Simulator, operation: &str) -> Ask {
    let pandadoc = simulator.pandadoc();
    // Nobody listens there, so the delivery fails, and is in the history all the same.
    let id = pandadoc.add_subscription(&"http://127.0.0.1:1/hooks".parse().unwrap());
    let delivered = pandadoc
        .deliver(&id, "document_state_changed", json!({"id": "x"}))
        .await
        .unwrap();
    let one = format!("/public/v1/webhook-subscriptions/{id}");
    let whole = json!({
        "name": "Invoices", "url": URL, "active": true,
        "payload": ["metadata"], "triggers": ["document_state_changed"],
    });
    let (method, path, body) = match operation {
        "listWebhookSubscriptions" => {
            (Method::GET, "/public/v1/webhook-subscriptions".into(), None)
        }
        "createWebhookSubscription" => (
            Method::POST,
            "/public/v1/webhook-subscriptions".into(),
            Some(whole),
        ),
        "detailsWebhookSubscription" => (Method::GET, one, None),
        "updateWebhookSubscription" => (Method::PATCH, one, Some(whole)),
        "deleteWebhookSubscription" => (Method::DELETE, one, None),
        "updateWebhookSubscriptionSharedKey" => (Method::PATCH, format!("{one}/shared-key"), None),
        "listWebhookEvent" => (
            Method::GET,
            "/public/v1/webhook-events?count=10&page=1".into(),
            None,
        ),
        "detailsWebhookEvent" => (
            Method::GET,
            format!("/public/v1/webhook-events/{}", delivered.id),
            None,
        ),
        other => panic!("{other}"),
    };
    Ask {
        method,
        path,
        authorization: api_key(&pandadoc.api_key()),
        accept: "application/json",
        content_type: "application/json",
        body: body.map(|body| body.to_string()).unwrap_or_default(),
    }
}

/// The answer of this status to this operation of PandaDoc's.
async fn provoke(operation: &str, status: u16) -> Response {
    let simulator = Simulator::start().await.unwrap();
    let mut ask = pandadoc(&simulator, operation).await;
    match status {
        200 | 201 | 204 => {}
        400 => ask.body = json!({"url": "no url", "triggers": ["document_completed"]}).to_string(),
        401 => ask.authorization = None,
        403 => ask.authorization = api_key(&simulator.pandadoc().member_api_key()),
        404 => {
            let id = ask.path.split('/').nth(4).unwrap().to_owned();
            ask.path = ask.path.replace(&id, UUID);
        }
        429 => {
            ask.authorization = api_key(&simulator.pandadoc().sandbox_api_key());
            for _ in 0..10 {
                ask.send(&simulator).await;
            }
        }
        other => panic!("{other}"),
    }
    ask.send(&simulator).await
}

/// Our own description of PandaDoc.
fn own() -> ApiDocument {
    ApiDocument::of(whole::without_all_of()).where_all_members_are_there()
}

/// PandaDoc's, if there is a copy.
fn published() -> Option<ApiDocument> {
    let file = whole::published()?;
    let document = ApiDocument::json(&std::fs::read_to_string(file).unwrap());
    Some(document.where_all_members_are_there())
}

#[tokio::test]
async fn every_answer_that_pandadoc_documents_is_given_as_documented() {
    answers_of_pandadoc(own()).await;
}

#[tokio::test]
async fn every_answer_that_pandadoc_publishes_is_given_as_documented() {
    if let Some(document) = published() {
        answers_of_pandadoc(document).await;
    }
}

async fn answers_of_pandadoc(document: ApiDocument) {
    let [pandadoc, ..] = DOCUMENTS;
    for operation in pandadoc.operations.iter().copied() {
        for status in document.statuses(operation) {
            let answer = provoke(operation, status).await;
            assert_eq!(answer.status(), status, "{operation}");
            document.check(operation, answer).await;
        }
    }
}

/// If the document has no status for what is wrong, the one of its other operations is taken.
#[tokio::test]
async fn pandadocs_history_answers_400_and_404_though_undocumented() {
    let simulator = Simulator::start().await.unwrap();
    let mut ask = pandadoc(&simulator, "listWebhookEvent").await;
    ask.path = "/public/v1/webhook-events?count=-1".into();
    let list = ask.send(&simulator).await.status();
    ask.path = format!("/public/v1/webhook-events/{UUID}");
    let details = ask.send(&simulator).await.status();
    assert_eq!((list.as_u16(), details.as_u16()), (400, 404));
}

/// A request to Ratepay that succeeds.
fn ratepay(simulator: &Simulator, operation: &str) -> Ask {
    let ratepay = simulator.ratepay();
    let secret = SigningSecret::new(SIGNING_SECRET).unwrap();
    let id = ratepay.add_subscription(&URL.parse().unwrap(), "INVOICE_INVOICE", secret);
    let body = json!({"url": URL, "event_type": "INVOICE_INVOICE", "secret": SIGNING_SECRET});
    let one = format!("/webhook/management/v1/{id}");
    let all = "/webhook/management/v1".to_owned();
    let (method, path, body) = match operation {
        "listSubscriptions" => (Method::GET, all, None),
        "createSubscription" => (Method::POST, all, Some(body)),
        "updateSubscription" => (Method::PUT, one, Some(body)),
        "deleteSubscription" => (Method::DELETE, one, None),
        other => panic!("{other}"),
    };
    Ask {
        method,
        path,
        authorization: bearer(&ratepay.access_token()),
        accept: "application/json",
        content_type: "application/json",
        body: body.map(|body| body.to_string()).unwrap_or_default(),
    }
}

async fn provoke_at_ratepay(operation: &str, status: u16) -> Response {
    let simulator = Simulator::start().await.unwrap();
    let mut ask = ratepay(&simulator, operation);
    let has_id = ["updateSubscription", "deleteSubscription"].contains(&operation);
    match status {
        200 | 201 | 204 => {}
        400 if has_id => ask.path = "/webhook/management/v1/too-short".into(),
        400 => ask.body = json!({"url": URL, "event_type": "A", "secret": "x"}).to_string(),
        401 => ask.authorization = None,
        403 if has_id => ask.authorization = bearer(&simulator.ratepay().other_access_token()),
        404 => ask.path = "/webhook/management/v1/d8znR1k1_0Kw305BsoPT".into(),
        405 => ask.method = Method::PATCH,
        406 => ask.accept = "text/html",
        415 => ask.content_type = "text/plain",
        // Not by itself: every client may list and create, and the server does not fail.
        status => {
            let status = status.try_into().unwrap();
            simulator.inject(Fault::answer(status));
        }
    }
    ask.send(&simulator).await
}

#[tokio::test]
async fn every_answer_that_ratepay_documents_is_given_as_documented() {
    let document = ApiDocument::yaml(RATEPAY);
    let [_, _, ratepay, _] = DOCUMENTS;
    for operation in ratepay.operations.iter().copied() {
        for status in document.statuses(operation) {
            let answer = provoke_at_ratepay(operation, status).await;
            assert_eq!(answer.status(), status, "{operation}");
            document.check(operation, answer).await;
        }
    }
}

#[tokio::test]
async fn every_answer_of_pandadocs_token_endpoint_is_given_as_documented() {
    answers_of_the_token_endpoint(own()).await;
}

#[tokio::test]
async fn every_answer_of_the_token_endpoint_that_pandadoc_publishes_is_given_as_documented() {
    if let Some(document) = published() {
        answers_of_the_token_endpoint(document).await;
    }
}

async fn answers_of_the_token_endpoint(document: ApiDocument) {
    for status in document.statuses("accessToken") {
        let simulator = Simulator::start().await.unwrap();
        let pandadoc = simulator.pandadoc();
        let secret = pandadoc.client_secret();
        let refresh_token = match status {
            200 => pandadoc.refresh_token(),
            _ => "another".into(),
        };
        let ask = Ask {
            method: Method::POST,
            path: "/oauth2/access_token".into(),
            authorization: None,
            accept: "application/json",
            content_type: "application/x-www-form-urlencoded",
            body: format!(
                "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
                pandadoc.client_id(),
                secret.expose_secret(),
                refresh_token.expose_secret(),
            ),
        };
        let answer = ask.send(&simulator).await;
        assert_eq!(answer.status(), status);
        document.check("accessToken", answer).await;
    }
}

#[tokio::test]
async fn every_answer_of_ratepays_token_endpoint_is_given_as_documented() {
    let document = ApiDocument::yaml(RATEPAY_OAUTH);
    for status in document.statuses("createOAuthToken") {
        let simulator = Simulator::start().await.unwrap();
        let ratepay = simulator.ratepay();
        let secret = match status {
            200 => ratepay.client_secret(),
            _ => "another".into(),
        };
        let ask = Ask {
            method: Method::POST,
            path: "/oauth/token".into(),
            authorization: None,
            accept: "application/json",
            content_type: "application/json",
            body: json!({
                "client_id": ratepay.client_id(),
                "client_secret": secret.expose_secret(),
                "audience": "https://api.ratepay.com/webhook/management",
                "grant_type": "client_credentials",
            })
            .to_string(),
        };
        let answer = ask.send(&simulator).await;
        assert_eq!(answer.status(), status);
        document.check("createOAuthToken", answer).await;
    }
}

/// Requests that nobody would call right.
fn odd_bodies() -> Vec<String> {
    let mut bodies: Vec<String> = ["", "null", "[]", "7", "\"x\"", "{", "\u{fffd}", "{}"]
        .map(String::from)
        .into();
    for odd in [
        json!(null),
        json!(7),
        json!([]),
        json!([7]),
        json!({}),
        json!("x"),
        json!(true),
    ] {
        for member in [
            "name",
            "url",
            "active",
            "payload",
            "triggers",
            "event_type",
            "secret",
        ] {
            let mut body = json!({
                "name": "N", "url": URL, "triggers": [],
                "event_type": "INVOICE_INVOICE", "secret": SIGNING_SECRET,
            });
            body[member] = odd.clone();
            bodies.push(body.to_string());
        }
    }
    bodies
}

#[tokio::test]
async fn no_body_whatever_is_answered_with_a_status_that_is_not_documented() {
    let simulator = Simulator::start().await.unwrap();
    let pandadoc_document = own();
    for operation in ["createWebhookSubscription", "updateWebhookSubscription"] {
        let mut ask = pandadoc(&simulator, operation).await;
        for body in odd_bodies() {
            ask.body = body;
            let answer = ask.send(&simulator).await;
            pandadoc_document.check(operation, answer).await;
        }
    }
    let ratepay_document = ApiDocument::yaml(RATEPAY);
    for operation in ["createSubscription", "updateSubscription"] {
        let mut ask = ratepay(&simulator, operation);
        for body in odd_bodies() {
            ask.body = body;
            let answer = ask.send(&simulator).await;
            ratepay_document.check(operation, answer).await;
        }
    }
}

#[tokio::test]
async fn a_receiver_beyond_this_machine_is_never_posted_to() {
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&URL.parse().unwrap());
    let refused = pandadoc
        .deliver(&id, "document_state_changed", Value::Null)
        .await;
    assert_eq!(refused.unwrap_err(), DeliveryError::NotThisMachine);
}
