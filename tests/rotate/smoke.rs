use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use webhook_subscriptions::rotate::{Ended, Phase, Store, StoreError, StoredRecord, SwapError};
use webhook_subscriptions::testing::{Clock, Simulator};
use webhook_subscriptions::{BoxFuture, Rotation};

#[derive(Clone)]
struct Mem(
    Arc<Mutex<HashMap<String, StoredRecord>>>,
    watch::Sender<u64>,
);
impl Store for Mem {
    fn load<'a>(&'a self, s: &'a str) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>> {
        Box::pin(async move { Ok(self.0.lock().unwrap().get(s).cloned()) })
    }
    fn swap<'a>(&'a self, s: &'a str, r: &'a StoredRecord) -> BoxFuture<'a, Result<(), SwapError>> {
        Box::pin(async move {
            let mut all = self.0.lock().unwrap();
            let v = all.get(s).map_or(0, |r| r.version);
            if v + 1 != r.version {
                return Err(SwapError::Conflict);
            }
            all.insert(s.to_owned(), r.clone());
            self.1.send_replace(r.version);
            Ok(())
        })
    }
}

#[tokio::test]
async fn smoke() {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .init();
    let clock = Clock::stopped();
    let simulator = Simulator::builder()
        .clock(clock.clone())
        .start()
        .await
        .unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&"https://shop.example/hooks".parse().unwrap());
    let store = Mem(Default::default(), watch::Sender::new(0));
    let day = Duration::from_secs(86_400);
    let rotation = Rotation::pandadoc(pandadoc.client_builder().build().unwrap(), id)
        .store(store.clone())
        .every(90 * day)
        .time(clock.clone())
        .start()
        .await
        .unwrap();
    let running = tokio::spawn(rotation.clone().run());
    let mut changes = store.1.subscribe();
    println!(
        "{}",
        serde_json::to_string_pretty(&rotation.status()).unwrap()
    );
    clock.advance(90 * day);
    while rotation.status().phase != Phase::Overlap {
        changes.changed().await.unwrap();
    }
    println!(
        "{}",
        serde_json::to_string_pretty(&rotation.status()).unwrap()
    );
    println!("{}", rotation.plan().await);
    clock.advance(17 * day);
    while rotation.status().phase != Phase::Retiring {
        changes.changed().await.unwrap();
    }
    for _ in 0..2 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(61));
    clock.advance(Duration::from_secs(61));
    while rotation.status().phase != Phase::Steady {
        clock.advance(Duration::from_secs(61));
        tokio::time::timeout(Duration::from_millis(100), changes.changed())
            .await
            .ok();
    }
    let end = rotation.rotate_now().await.unwrap();
    println!("{end:?}");
    assert!(matches!(end, Ended::Rotated { generation: 3 }));
    println!("{:?}", rotation.rotate_now().await);
    running.abort();
}
