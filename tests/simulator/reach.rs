//! A simulator is reached and delivers only on this machine, unless it is told otherwise.

use std::net::Ipv4Addr;

use crate::receiver::{receiver, url};
use serde_json::json;
use webhook_subscriptions::pandadoc::types::{
    WebhookSubscriptionCreateRequest, WebhookSubscriptionPatchRequest,
};
use webhook_subscriptions::testing::{DeliveryError, Simulator, SimulatorBuilder};
use webhook_subscriptions::WebhookUrl;

/// Delivers to a URL and returns the receiver's status.
async fn deliver(simulator: SimulatorBuilder, url: &WebhookUrl) -> Result<u16, DeliveryError> {
    let simulator = simulator.start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(url);
    let report = pandadoc.deliver(&id, "document_updated", json!({})).await?;
    Ok(report.status().unwrap().as_u16())
}

/// The URL of a receiver at an address of this machine that isn't a loopback address.
fn beyond_loopback(receiver: &crate::support::Server) -> WebhookUrl {
    let url = url(receiver).as_str().replace("127.0.0.1", "0.0.0.0");
    url.parse().unwrap()
}

#[tokio::test]
async fn nothing_is_delivered_beyond_loopback_by_default() {
    let receiver = receiver(&[200]).await;
    let delivered = deliver(Simulator::builder(), &beyond_loopback(&receiver)).await;
    assert_eq!(delivered, Err(DeliveryError::NotThisMachine));
}

#[tokio::test]
async fn deliveries_beyond_loopback_can_be_allowed() {
    let receiver = receiver(&[200]).await;
    let simulator = Simulator::builder().deliver_beyond_loopback();
    let delivered = deliver(simulator, &beyond_loopback(&receiver)).await;
    assert_eq!(delivered, Ok(200));
}

#[tokio::test]
async fn nothing_is_ever_delivered_to_an_https_url() {
    let simulator = Simulator::builder().deliver_beyond_loopback();
    let delivered = deliver(simulator, &"https://shop.example/".parse().unwrap()).await;
    assert_eq!(delivered, Err(DeliveryError::NotHttp));
}

/// Subscribes by a request, as a client does, and returns whether PandaDoc accepts the URL.
async fn subscribe(simulator: SimulatorBuilder) -> bool {
    let simulator = simulator.start().await.unwrap();
    let client = simulator.pandadoc().client_builder().build().unwrap();
    let body = WebhookSubscriptionCreateRequest::new(
        "Invoices",
        vec!["document_updated".into()],
        "http://shop:3000/hooks".parse().unwrap(),
    );
    client.create_webhook_subscription(&body).await.is_ok()
}

#[tokio::test]
async fn a_request_can_subscribe_an_http_url_of_another_machine_only_if_allowed() {
    let allowed = Simulator::builder().deliver_beyond_loopback();
    let subscribed = [
        subscribe(Simulator::builder()).await,
        subscribe(allowed).await,
    ];
    assert_eq!(subscribed, [false, true]);
}

#[tokio::test]
async fn a_simulator_at_all_addresses_names_one_that_can_be_connected_to() {
    let simulator = Simulator::builder().address((Ipv4Addr::UNSPECIFIED, 0).into());
    let simulator = simulator.start().await.unwrap();
    let host = simulator.base_url().rsplit_once(':').unwrap().0;
    assert_eq!(host, "http://127.0.0.1");
}

#[tokio::test]
async fn a_delivery_whose_subscription_moved_beyond_this_machine_is_not_posted() {
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let url = receiver(&[200]).await.base_url().parse().unwrap();
    let id = pandadoc.add_subscription(&url);
    pandadoc.queue(&id, "document_updated", json!({})).unwrap();
    let moved = WebhookSubscriptionPatchRequest::new().url("https://shop.example".parse().unwrap());
    let client = pandadoc.client_builder().build().unwrap();
    client
        .update_webhook_subscription(&id, &moved)
        .await
        .unwrap();
    let reports = simulator.deliver_queued().await;
    assert_eq!(reports[0].attempts.len(), 0);
}
