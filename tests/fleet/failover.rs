//! A failover to a replica of the database that lags loses no key: the process that has seen the lost records stores
//! their keys again.

use std::time::Duration;

use tokio_postgres::Config;
use webhook_subscriptions::ratepay::types::SubscriptionRequest;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::rotate::{Ended, Rotatable, RotationBuilder};
use webhook_subscriptions::testing::Simulator;
use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, Ratepay};
use webhook_subscriptions::{Rotation, Secret};

use crate::postgres::{self, Server};
use crate::stores::{connect, until};

const BODY: &[u8] = b"{}";

/// A primary, and a standby that has the first record of a rotation and nothing that came later.
struct Servers {
    primary: Server,
    standby: Server,
}

impl Servers {
    fn start() -> Self {
        let primary = Server::start(&[]);
        let mut standby = Server::standby_of(&primary);
        standby.run();
        Self { primary, standby }
    }

    /// Either of them, whichever is the primary.
    fn config(&self) -> Config {
        let mut config = self.primary.config();
        config
            .host_path(self.standby.folder())
            .port(self.standby.port());
        config
    }

    /// Waits until the standby has a record, and stops it.
    async fn stop_following(&mut self) {
        let standby = postgres::connect(&self.standby.config()).await;
        let count = "SELECT count(*) FROM webhook_subscriptions_records";
        until(async || {
            // The table comes later, too.
            let records = standby.query_one_scalar::<i64, _>(count, &[]).await;
            records.is_ok_and(|records| records == 1)
        })
        .await;
        drop(standby);
        self.standby.stop();
    }

    /// Ends the primary, and makes the standby the primary.
    async fn fail_over(&mut self) {
        self.primary.stop();
        self.standby.run();
        let standby = postgres::connect(&self.standby.config()).await;
        standby.batch_execute("SELECT pg_promote()").await.unwrap();
    }
}

/// Rotates a key, and fails over. Then every key must be accepted by this process, and by the next one.
async fn fails_over<S: Rotatable>(
    rotation: impl Fn() -> RotationBuilder<S>,
    current: impl Fn() -> Option<Secret>,
) {
    let mut servers = Servers::start();
    let store = connect(&servers.config()).await;
    store.migrate().await.unwrap();
    let first = current().unwrap();
    let process = rotation().store(store).start().await.unwrap();
    servers.stop_following().await;
    let running = tokio::spawn(process.clone().run());
    let ended = process.rotate_now().await.unwrap();
    assert_eq!(
        ended,
        Ended::Rotated { generation: 2 },
        "{:#?}",
        process.status()
    );

    let version = || process.status().version;
    let before = version();
    servers.fail_over().await;
    until(async || process.is_ready() && version() < before).await;
    running.abort();
    let store = connect(&servers.config()).await;
    let next = rotation().store(store).start().await.unwrap();
    for ring in [process.ring(), next.ring()] {
        assert!(accepts(&ring, &first), "the key before the rotation");
        assert!(
            accepts(&ring, &current().unwrap()),
            "the key after the rotation"
        );
    }
}

fn accepts<S: Rotatable>(ring: &KeyRing<S>, key: &Secret) -> bool {
    let signature = Key::<S>::new(key).unwrap().sign(BODY);
    ring.verify(BODY, &signature, std::time::SystemTime::now())
        .is_ok()
}

#[tokio::test]
async fn pandadoc() {
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&"https://shop.example/hooks".parse().unwrap());
    let rotation = || {
        let client = pandadoc.client_builder().build().unwrap();
        Rotation::<PandaDoc>::pandadoc(client, id)
    };
    fails_over(rotation, || pandadoc.shared_key(&id)).await;
}

#[tokio::test]
async fn ratepay() {
    let simulator = Simulator::start().await.unwrap();
    let ratepay = simulator.ratepay();
    let first = SubscriptionRequest {
        url: "https://shop.example/hooks".parse().unwrap(),
        event_type: "INVOICE_INVOICE".to_owned(),
        secret: SigningSecret::generate(),
    };
    let id = ratepay.add_subscription(&first.url, &*first.event_type, first.secret.clone());
    let rotation = || {
        let token = ratepay.access_token_for(Duration::from_secs(3600));
        let client = ratepay
            .client_builder()
            .access_token(token)
            .build()
            .unwrap();
        Rotation::<Ratepay>::ratepay(client, id.clone(), first.clone())
    };
    fails_over(rotation, || ratepay.secret(&id)).await;
}
