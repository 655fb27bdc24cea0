//! The store keeps every promise of `Store`.

use std::time::Duration;

use webhook_subscriptions::testing::StoreContract;

use crate::postgres::Server;
use crate::stores::connect;

/// Longer than the lease of a replica that is gone.
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() {
    let config = Server::shared().database().await;
    connect(&config).await.migrate().await.unwrap();
    let contract = StoreContract::shared(async || connect(&config).await);
    contract.time_limit(LIMIT).check().await.unwrap();
}
