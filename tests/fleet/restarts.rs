//! The database restarts. The store says so meanwhile, connects again by itself, and wakes those that wait.

use std::time::{Duration, Instant};

use webhook_subscriptions::rotate::Store;

use crate::postgres::Server;
use crate::stores::{connect, in_time, record, until, version, SUBSCRIPTION};

#[tokio::test]
async fn a_store_survives_a_restart_of_the_database() {
    let mut server = Server::start(&["fsync=off"]);
    let config = server.database().await;
    let (store, other) = (connect(&config).await, connect(&config).await);
    store.migrate().await.unwrap();
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    in_time(store.changed(SUBSCRIPTION, 1)).await;
    assert_eq!(version(&store).await, 1);
    store.acknowledge(SUBSCRIPTION, 1).await.unwrap();

    // The rotation is woken, so that it finds that the store fails.
    let stop = async { server.stop() };
    in_time(async { tokio::join!(store.changed(SUBSCRIPTION, 1), stop) }).await;
    let before = Instant::now();
    let error = store.load(SUBSCRIPTION).await.unwrap_err().to_string();
    assert!(before.elapsed() < Duration::from_secs(5));
    assert!(
        error.contains("couldn't connect") || error.contains("couldn't be reached"),
        "{error}"
    );
    let waiting = store.clone();
    let waiting = tokio::spawn(async move {
        loop {
            waiting.changed(SUBSCRIPTION, 1).await;
            if waiting
                .load(SUBSCRIPTION)
                .await
                .is_ok_and(|it| it == Some(record(2)))
            {
                return;
            }
        }
    });

    server.run();
    until(async || store.load(SUBSCRIPTION).await.is_ok()).await;
    until(async || other.swap(SUBSCRIPTION, &record(2)).await.is_ok()).await;
    in_time(waiting).await.unwrap();
}
