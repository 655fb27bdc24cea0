//! The control API, driven by plain HTTP as another language does it.

mod absent;
mod clock;
mod deliveries;
mod document;
mod documented_commands;
mod events;
mod fault_names;
mod faults;
mod origins;
mod page;
mod regeneration;
mod requests;
mod reset;
mod secrets;
mod streams;
mod subscriptions;
mod wrong_bodies;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{json, Value};
use tokio::time::timeout;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{Clock, Simulator};

use crate::receiver::{receiver, url};
use crate::support::{Server, PATIENCE, SIGNING_SECRET};

const EVENT: &str = "document_updated";
const REGENERATE: &str = "updateWebhookSubscriptionSharedKey";

/// A simulator with its control API, a receiver, and a subscription of each provider to it.
struct World {
    simulator: Simulator,
    receiver: Server,
    pandadoc: String,
    ratepay: String,
}

impl World {
    async fn new() -> Self {
        Self::with(&[200]).await
    }

    /// The receiver answers with these statuses in turn, and with the last from then on.
    async fn with(statuses: &'static [u16]) -> Self {
        let receiver = receiver(statuses).await;
        let simulator = Simulator::builder().clock(Clock::stopped()).admin();
        let simulator = simulator.start().await.unwrap();
        let url = url(&receiver);
        let secret = SigningSecret::new(SIGNING_SECRET).unwrap();
        let ratepay = simulator.ratepay();
        Self {
            pandadoc: simulator.pandadoc().add_subscription(&url).to_string(),
            ratepay: ratepay
                .add_subscription(&url, "INVOICE", secret)
                .to_string(),
            receiver,
            simulator,
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        // An answer or an event that never comes is a failure.
        let client = Client::builder().no_proxy().timeout(PATIENCE);
        let client = client.build().unwrap();
        client.request(method, format!("{}{path}", self.simulator.base_url()))
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.request(Method::GET, &format!("/__admin/{path}"));
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request = self.request(method, &format!("/__admin/{path}"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    /// Posts a body and returns the status and the answer.
    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        status_and_json(self.send(Method::POST, path, Some(body)).await).await
    }

    /// Posts nothing and returns the answer.
    async fn post_nothing(&self, path: &str) -> (u16, Value) {
        status_and_json(self.send(Method::POST, path, None).await).await
    }

    async fn delete(&self, path: &str) -> (u16, Value) {
        status_and_json(self.send(Method::DELETE, path, None).await).await
    }

    /// The next request that the receiver gets.
    async fn received(&mut self) -> String {
        let received = timeout(PATIENCE, self.receiver.request()).await;
        received.expect("a delivery")
    }

    /// A delivery to PandaDoc's subscription.
    fn pandadoc_delivery(&self) -> Value {
        json!({
            "provider": "pandadoc",
            "subscription": self.pandadoc,
            "event": EVENT,
            "data": {"id": "d-1"},
        })
    }

    /// A delivery to Ratepay's subscription.
    fn ratepay_delivery(&self) -> Value {
        json!({
            "provider": "ratepay",
            "subscription": self.ratepay,
            "payload": {"id": "i-1"},
        })
    }

    /// The same with one more member.
    fn pandadoc_delivery_with(&self, member: &str, value: impl Into<Value>) -> Value {
        let mut delivery = self.pandadoc_delivery();
        delivery[member] = value.into();
        delivery
    }

    /// Asks PandaDoc for another key by a request, and returns the status, or `None` without an answer.
    async fn regenerate(&self) -> Option<u16> {
        let path = format!(
            "/public/v1/webhook-subscriptions/{}/shared-key",
            self.pandadoc
        );
        self.call_pandadoc(Method::PATCH, &path).await
    }

    async fn call_pandadoc(&self, method: Method, path: &str) -> Option<u16> {
        let key = self.simulator.pandadoc().api_key();
        let request = self.request(method, path);
        let authorization = format!("API-Key {}", key.expose_secret());
        let answer = request
            .header("authorization", authorization)
            .send()
            .await
            .ok()?;
        let status = answer.status().as_u16();
        answer.bytes().await.ok()?;
        Some(status)
    }
}

async fn status_and_json(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let body = answer.text().await.unwrap();
    let body = match body.as_str() {
        "" => Value::Null,
        body => serde_json::from_str(body).unwrap(),
    };
    (status, body)
}
