//! A receiver for the tests of deliveries, and ways to look at what it got.

// Each test takes what it needs.
#![allow(dead_code)]

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use uuid::Uuid;
use webhook_subscriptions::testing::{Clock, DeliveryReport, SimulatedPandaDoc, Simulator};
use webhook_subscriptions::{Secret, WebhookUrl};

use crate::support::{response, Script, Server};

pub async fn simulator() -> Simulator {
    let simulator = Simulator::builder().clock(Clock::stopped());
    simulator.start().await.unwrap()
}

/// A receiver that answers with these statuses in turn, and with the last from then on.
pub async fn receiver(statuses: &'static [u16]) -> Server {
    Server::scripted(|number| {
        let status = statuses.get(number).or(statuses.last()).unwrap();
        Script::answer(response(*status, &[("x-receiver", "ours")], "thanks"))
    })
    .await
}

pub fn url(receiver: &Server) -> WebhookUrl {
    format!("{}/hooks?tenant=7", receiver.base_url())
        .parse()
        .unwrap()
}

pub async fn deliver(pandadoc: &SimulatedPandaDoc<'_>, id: &Uuid) -> DeliveryReport {
    let data = json!({"id": "d-1"});
    pandadoc
        .deliver(id, "document_state_changed", data)
        .await
        .unwrap()
}

/// A delivery to a receiver that takes it and does not answer in time.
pub async fn deliver_in_vain() -> (Simulator, DeliveryReport) {
    let mut receiver = Server::start(Script::stall()).await;
    let simulator = Simulator::builder()
        .clock(Clock::stopped())
        .delivery_attempts(1);
    let simulator = simulator.start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let turn_once_received = async {
        receiver.request().await;
        simulator.clock().advance(Duration::from_secs(20));
    };
    let (report, ()) = tokio::join!(deliver(&pandadoc, &id), turn_once_received);
    (simulator, report)
}

pub async fn simulator_with_a_pause() -> Simulator {
    let simulator = Simulator::builder()
        .clock(Clock::stopped())
        .delivery_retry_pause(Duration::from_secs(1));
    simulator.start().await.unwrap()
}

/// A delivery that is accepted at the second attempt. The key changes in the pause before it.
pub async fn deliver_while_the_key_changes(simulator: &Simulator) -> DeliveryReport {
    let mut receiver = receiver(&[503, 200]).await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let change = async {
        receiver.request().await;
        pandadoc.change_key_at_dashboard(&id).unwrap();
        // The pause begins when the answer arrives.
        loop {
            tokio::task::yield_now().await;
            simulator.clock().advance(Duration::from_millis(1));
        }
    };
    tokio::select! {
        report = deliver(&pandadoc, &id) => report,
        () = change => unreachable!(),
    }
}

/// The signature as PandaDoc's documentation describes it, written down once more.
pub fn signature(key: &Secret, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()).unwrap();
    mac.update(body.as_bytes());
    const_hex::encode(mac.finalize().into_bytes())
}

/// The value of a header in the text of a request.
pub fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = request.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
