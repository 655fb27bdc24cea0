//! Helpers that the tests of stores share.

use webhook_subscriptions::rotate::{Store, StoreError, StoredRecord, SwapError};
use webhook_subscriptions::Secret;

pub const SUBSCRIPTION: &str = "pandadoc-d173751d-0057-4d5c-ab75-49a670a4ca68";

pub type Loaded = Result<Option<StoredRecord>, StoreError>;
pub type Swapped = Result<(), SwapError>;

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

/// Implements methods of `Store` by those of the store in a field: `forward! { field: load swap }`.
macro_rules! forward {
    ($field:tt: $($method:ident)+) => {
        $($crate::stores::forward! { @$method $field })+
    };
    (@load $field:tt) => {
        fn load<'a>(
            &'a self,
            subscription: &'a str,
        ) -> webhook_subscriptions::BoxFuture<'a, crate::stores::Loaded> {
            self.$field.load(subscription)
        }
    };
    (@swap $field:tt) => {
        fn swap<'a>(
            &'a self,
            subscription: &'a str,
            record: &'a webhook_subscriptions::rotate::StoredRecord,
        ) -> webhook_subscriptions::BoxFuture<'a, crate::stores::Swapped> {
            self.$field.swap(subscription, record)
        }
    };
}
pub(crate) use forward;
