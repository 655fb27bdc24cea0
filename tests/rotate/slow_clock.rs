//! A service whose clock is behind PandaDoc's finds the latest missed deliveries.

use std::time::{Duration, SystemTime};

use serde_json::json;
use webhook_subscriptions::rotate::TimeSource;
use webhook_subscriptions::testing::{Clock, Simulator};
use webhook_subscriptions::verify::PandaDoc;
use webhook_subscriptions::BoxFuture;

use crate::world::{World, HOUR};

/// A clock that is one hour behind another.
struct Behind(Clock);

impl TimeSource for Behind {
    fn now(&self) -> SystemTime {
        self.0.now() - HOUR
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        TimeSource::sleep(&self.0, duration)
    }
}

#[tokio::test]
async fn a_slow_clock_hides_no_missed_delivery() {
    // Nobody can listen at port 0.
    let nowhere = "http://127.0.0.1:0/hooks";
    let world = World::<PandaDoc>::delivering_to(Simulator::builder(), nowhere).await;
    let rotation = world.builder().store(world.store.clone());
    let rotation = rotation.time(Behind(world.clock.clone())).start();
    let rotation = rotation.await.unwrap();
    let pandadoc = world.simulator.pandadoc();
    let event = "document_state_changed";
    let report = pandadoc.deliver(&world.subscription, event, json!({"id": "d-1"}));
    let report = report.await.unwrap();
    let missed = rotation.missed(world.clock.now() - 2 * HOUR).await.unwrap();
    let ids: Vec<_> = missed.deliveries.iter().map(|missed| missed.id).collect();
    assert_eq!(ids, [report.id]);
}
