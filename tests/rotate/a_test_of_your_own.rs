//! How a service that rotates its key tests itself, with the simulator and a clock that the test moves.

use std::time::Duration;

use axum::routing::post;
use axum::Router;
use serde_json::json;
use tokio::net::TcpListener;
use webhook_subscriptions::rotate::{Phase, RotationBuilder, Store};
use webhook_subscriptions::testing::{Clock, DeliveryFault, MemoryStore, Simulator};
use webhook_subscriptions::verify::PandaDoc;
use webhook_subscriptions::Rotation;

const PERIOD: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The service: it rotates its key, and receives deliveries.
async fn serve(
    listener: TcpListener,
    rotation: RotationBuilder<PandaDoc, impl Store>,
) -> Rotation<PandaDoc> {
    let rotation = rotation.every(PERIOD).start().await.unwrap();
    let hooks = post(|| async {}).layer(rotation.layer());
    let app = Router::new().route("/hooks", hooks);
    tokio::spawn(rotation.clone().run());
    tokio::spawn(async { axum::serve(listener, app).await });
    rotation
}

// In docs/testing.md, from here
#[tokio::test]
async fn deliveries_with_the_old_key_and_with_the_new_one_are_accepted() {
    let clock = Clock::stopped();
    let simulator = Simulator::builder().clock(clock.clone());
    let simulator = simulator.start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let client = pandadoc.client_builder().build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let id = pandadoc.add_subscription(&url.parse().unwrap());
    let builder = Rotation::pandadoc(client, id).store(MemoryStore::new());
    let rotation = serve(listener, builder.time(clock.clone())).await;
    let (event, data) = ("document_updated", json!({"id": "d-1"}));
    pandadoc.queue(&id, event, data.clone()).unwrap();
    simulator.inject_into_deliveries(DeliveryFault::old_key_for_queued());

    clock.advance(PERIOD);
    while rotation.status().phase != Phase::Overlap {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(60 * 60));
    let old = simulator.deliver_queued().await.remove(0);
    let new = pandadoc.deliver(&id, event, data).await.unwrap();

    assert_eq!(pandadoc.key_generation(&id), Some(2));
    assert!(old.is_accepted() && new.is_accepted());
}
// to here.

/// The lines between the two comments.
fn shown() -> String {
    let file = include_str!("a_test_of_your_own.rs").replace("\r\n", "\n");
    let (_, rest) = file
        .split_once("// In docs/testing.md, from here\n")
        .unwrap();
    rest.split_once("// to here.\n").unwrap().0.to_owned()
}

#[test]
fn the_test_in_the_documentation_has_fewer_than_30_lines() {
    assert!(shown().lines().count() < 30);
}
