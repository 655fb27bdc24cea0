//! What the tests of stores share.

use webhook_subscriptions::rotate::{Store, StoredRecord};
use webhook_subscriptions::Secret;

pub const SUBSCRIPTION: &str = "pandadoc-d173751d-0057-4d5c-ab75-49a670a4ca68";

/// A record of this version, whose document says so.
pub fn record(version: u64) -> StoredRecord {
    StoredRecord {
        version,
        document: Secret::from(format!("the document of version {version}")),
    }
}

/// Returns the stored version, or 0 if there is none.
pub async fn version(store: &impl Store) -> u64 {
    let record = store.load(SUBSCRIPTION).await.unwrap();
    record.map_or(0, |record| record.version)
}
