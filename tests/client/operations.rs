//! The twelve operations: their requests, their outcomes and their retries.

mod outcomes;
mod requests;
mod retries;

use serde_json::{json, Value};
use webhook_subscriptions::{pandadoc, ratepay};

use crate::support::{self, PATIENCE, SIGNING_SECRET, SUBSCRIPTION_ID, UUID};

fn pandadoc(base_url: &str) -> pandadoc::Client {
    support::pandadoc(base_url, PATIENCE)
}

fn ratepay(base_url: &str) -> ratepay::Client {
    support::ratepay(base_url, PATIENCE)
}

fn id() -> uuid::Uuid {
    UUID.parse().unwrap()
}

fn ratepay_id() -> ratepay::types::SubscriptionId {
    SUBSCRIPTION_ID.parse().unwrap()
}

fn held() -> Value {
    json!({
        "id": SUBSCRIPTION_ID,
        "url": support::URL,
        "event_type": "INVOICE_INVOICE",
        "secret": SIGNING_SECRET,
    })
}
