//! A service that depends on the published package rotates a key while deliveries arrive.

use std::time::Duration;

use axum::routing::post;
use axum::Router;
use serde_json::json;
use tokio::net::TcpListener;
use webhook_subscriptions::testing::{MemoryStore, Simulator};
use webhook_subscriptions::Rotation;

#[tokio::test]
async fn a_delivery_signed_with_the_rotated_key_is_accepted() {
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let id = pandadoc.add_subscription(&url.parse().unwrap());
    let client = pandadoc.client_builder().build().unwrap();
    let rotation = Rotation::pandadoc(client, id)
        .store(MemoryStore::new())
        .every(Duration::from_secs(90 * 86_400))
        .start()
        .await
        .unwrap();
    let hooks = post(|| async {}).layer(rotation.layer());
    let app = Router::new().route("/hooks", hooks);
    tokio::spawn(async { axum::serve(listener, app).await });
    tokio::spawn(rotation.clone().run());

    rotation.rotate_now().await.unwrap();
    let data = json!({"id": "d-1"});
    let delivery = pandadoc.deliver(&id, "document_updated", data).await;

    assert_eq!(pandadoc.key_generation(&id), Some(2));
    assert!(delivery.unwrap().is_accepted());
}
