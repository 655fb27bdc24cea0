//! Sends deliveries like the providers, and like a forger.

use std::error::Error;
use std::net::SocketAddr;

use reqwest::RequestBuilder;
use serde_json::json;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::delivery::EVENT_ID;
use webhook_subscriptions::verify::{InvalidKey, Key, PandaDoc, Ratepay, Scheme};

type Sent = Result<(), Box<dyn Error>>;

pub struct Sender {
    http: reqwest::Client,
    receiver: SocketAddr,
}

impl Sender {
    pub fn new(receiver: SocketAddr) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { http, receiver })
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.receiver)
    }

    pub async fn pandadoc(&self, text: &str, id: Uuid) -> Sent {
        let events = json!([{
            "event": "document_state_changed",
            "data": {"id": "msFYActMfJHqNTKH8YSvF1", "status": "document.completed"},
        }]);
        let body = events.to_string();
        let signature = key::<PandaDoc>(text)?.sign(body.as_bytes());
        let url = signature.append_to(&self.url("/pandadoc"));
        let request = self.http.post(url).header(EVENT_ID, id.to_string());
        send(&format!("PandaDoc, signed with {text}"), request.body(body)).await
    }

    pub async fn ratepay(&self, text: &str) -> Sent {
        let body = json!({"id": 92, "invoice_id": "DG0627731Z7-001"}).to_string();
        let signature = key::<Ratepay>(text)?.sign(body.as_bytes());
        let request = self.http.post(self.url("/ratepay"));
        let request = request.header(Ratepay::HEADER, signature.to_string());
        send(&format!("Ratepay, signed with {text}"), request.body(body)).await
    }

    pub async fn unsigned(&self) -> Sent {
        let request = self.http.post(self.url("/ratepay")).body("{}");
        send("Ratepay, unsigned", request).await
    }
}

fn key<S: Scheme>(text: &str) -> Result<Key<S>, InvalidKey> {
    Key::new(text)
}

async fn send(what: &str, request: RequestBuilder) -> Sent {
    println!("A delivery from {what}");
    let response = request.send().await?;
    println!("  answered: {}", response.status());
    Ok(())
}
