//! A record that was stored survives a crash of the database, even if the database doesn't wait for its disk.

use webhook_subscriptions::rotate::Store;

use crate::postgres::Server;
use crate::stores::{connect, record, version, SUBSCRIPTION};

#[tokio::test]
async fn a_record_survives_a_crash_although_commits_do_not_wait() {
    for commit in ["off", "local"] {
        let commit = format!("synchronous_commit={commit}");
        // Nothing else brings the transaction to the disk in time.
        let mut server = Server::start(&[&commit, "wal_writer_delay=10s", "autovacuum=off"]);
        let config = server.database().await;
        let store = connect(&config).await;
        store.migrate().await.unwrap();
        for version in 1..=2 {
            store.swap(SUBSCRIPTION, &record(version)).await.unwrap();
        }
        server.stop();
        server.run();
        assert_eq!(version(&connect(&config).await).await, 2, "{commit}");
    }
}
